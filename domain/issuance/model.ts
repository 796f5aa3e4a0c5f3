/**
 * One case as a small machine: what passed, who approved, what was signed. The explorer walks all of it; without it nobody could
 * say that no order of events, repeats and late facts leads to a credential that should not be.
 */
import type { ApproverRole } from '#domain/case.ts'
import type { GateName } from '#domain/gates/verdict.ts'
import type { CaseState } from '#domain/issuance/state.ts'
import type { Cause, Need } from '#domain/issuance/transitions.ts'

/** What the case's profile demands, as far as the order of things is concerned. */
export interface Demands {
  /** In the order they run; `approval` is among them exactly when `approvers` is not empty. */
  readonly gates: readonly GateName[]
  readonly approvers: readonly ApproverRole[]
  /** Who may not approve, besides the learner and the conflicted. */
  readonly approverNot: readonly ('teacher' | 'scorer')[]
  /** Scorers who may not have taught: all of them, at least one apart, or no rule. */
  readonly scorersApart: 'all' | 'one' | 'none'
  readonly document: boolean
}

export interface Model {
  readonly kind: 'case'
  readonly demands: Demands
  readonly state: CaseState
  readonly version: number
  readonly learner: string
  readonly teachers: readonly string[]
  readonly scorers: readonly string[]
  readonly conflicts: readonly string[]
  /** Evidence version at which each gate last passed. */
  readonly passed: Readonly<Partial<Record<GateName, number>>>
  readonly approvals: readonly { readonly person: string; readonly role: ApproverRole; readonly version: number }[]
  /** Evidence version of the clearance entry. */
  readonly cleared?: number
  /** Signed documents, by the evidence version they were signed at. */
  readonly credentials: readonly number[]
  /** Ids of facts and decisions that have had their effect. */
  readonly applied: readonly string[]
  /** Why the last step moved the case; absent when it stayed. No part of what the case is. */
  readonly by?: Cause
}

export type ModelEvent =
  | { readonly kind: 'start' }
  | { readonly kind: 'evidence'; readonly id: string; readonly scorer?: string; readonly teacher?: string }
  | { readonly kind: 'conflict'; readonly id: string; readonly person: string }
  | {
      readonly kind: 'verdict'
      readonly gate: GateName
      readonly version: number
      readonly outcome: 'pass' | 'missing' | 'fail'
    }
  | {
      readonly kind: 'decision'
      readonly id: string
      readonly person: string
      readonly role: ApproverRole
      readonly act: 'approve' | 'return' | 'reject'
      readonly seen: number
    }
  | { readonly kind: 'officer'; readonly id: string; readonly act: 'appoint' | 'reassess' | 'choose' | 'refuse' }
  | { readonly kind: 'deadline' }
  | { readonly kind: 'sign' }
  | { readonly kind: 'signing-refused' }
  | { readonly kind: 'deliver' }
  | { readonly kind: 'withdraw'; readonly id: string }

export interface Rejected {
  readonly kind: 'rejected'
  readonly code: 'not-now' | 'stale' | 'not-next' | 'not-true' | 'forbidden-person' | 'needs-lacking'
}

/** A case just taken in. */
export function received(demands: Demands, people: Pick<Model, 'learner' | 'teachers' | 'scorers'>): Model {
  return {
    kind: 'case',
    demands,
    ...people,
    state: 'received',
    version: 1,
    conflicts: [],
    passed: {},
    approvals: [],
    credentials: [],
    applied: [],
  }
}

/** What a transition needs, looked up in the case; what only an event can bring is false. */
export function holds(need: Need, model: Model): boolean {
  switch (need) {
    case 'gates-passed':
      return model.demands.gates.every(
        (gate) => gate === 'approval' || gate === 'level' || model.passed[gate] === model.version,
      )
    case 'approvals':
      return hasApprovals(model)
    case 'clearance':
      return model.cleared !== undefined && model.cleared === (model.credentials[0] ?? model.version)
    case 'credential':
      return model.credentials.length > 0
    case 'no-credential':
      return model.credentials.length === 0
    case 'no-document':
      return !model.demands.document
    case 'newer-evidence':
    case 'verdict':
    case 'decision':
    case 'reason':
    case 'marked-items':
    case 'deadline-passed':
      return false
  }
}

/** The first gate that has not passed at this evidence version; undefined when all have. */
export function nextGate(model: Model): GateName | undefined {
  return model.demands.gates.find((gate) => model.passed[gate] !== model.version)
}

/** Approvals of the present evidence version; older ones no longer count. */
export function currentApprovals(model: Model): Model['approvals'] {
  return model.approvals.filter((one) => one.version === model.version)
}

/** Every demanded role approved, by different persons who may. */
export function hasApprovals(model: Model): boolean {
  const standing = currentApprovals(model).filter((one) => !mayNotApprove(model, one.person))
  const persons = new Set(standing.map((one) => one.person))
  return (
    persons.size >= model.demands.approvers.length &&
    model.demands.approvers.every((role) => standing.some((one) => one.role === role))
  )
}

/** The learner, the conflicted, and whoever the profile keeps apart. */
export function mayNotApprove(model: Model, person: string): boolean {
  const { approverNot } = model.demands
  return (
    person === model.learner ||
    model.conflicts.includes(person) ||
    (approverNot.includes('teacher') && model.teachers.includes(person)) ||
    (approverNot.includes('scorer') && model.scorers.includes(person))
  )
}

/** Scores of the conflicted are void, so they neither help nor harm. */
export function scorersSeparated({ demands, scorers, conflicts, teachers }: Model): boolean {
  if (demands.scorersApart === 'none') return true
  const standing = scorers.filter((person) => !conflicts.includes(person))
  const apart = standing.filter((person) => !teachers.includes(person))
  return apart.length > 0 && (demands.scorersApart === 'one' || apart.length === standing.length)
}
