/** What one event does to a case. Without it the explorer would have nothing to walk, and the transitions no meaning. */
import type { GateName } from '#domain/gates/verdict.ts'
import {
  currentApprovals,
  hasApprovals,
  holds,
  type Model,
  type ModelEvent,
  mayNotApprove,
  nextGate,
  type Rejected,
  scorersSeparated,
} from '#domain/issuance/model.ts'
import { type CaseState, isEnd } from '#domain/issuance/state.ts'
import { type Cause, findTransition, type Need } from '#domain/issuance/transitions.ts'

/** One event. A fact or decision applied before changes nothing, wherever the case is now; what may not be is rejected. */
export function step(model: Model, event: ModelEvent): Model | Rejected {
  if ('id' in event && model.applied.includes(event.id)) return model
  if (isEnd(model.state)) return rejected('not-now')
  const before = stayed(model)
  switch (event.kind) {
    case 'start':
      return move(before, { to: 'judging', by: 'gates-started' })
    case 'evidence':
      return learn(before, event)
    case 'conflict':
      return learn(before, event)
    case 'verdict':
      return judged(before, event)
    case 'decision':
      return decided(before, event)
    case 'officer':
      return actedOn(before, event)
    case 'deadline':
      return move(before, { to: 'stopped', by: 'overdue', given: ['deadline-passed'] })
    case 'sign':
      return signed(before)
    case 'signing-refused':
      return move(before, { to: 'stopped', by: 'signing-refused', given: ['reason'] })
    case 'deliver':
      return delivered(before)
    case 'withdraw':
      return then(move(before, { to: 'withdrawn', by: 'withdrawn', given: ['reason'] }), event.id)
  }
}

/** A fact raises the evidence version; what was passed and approved before it no longer counts. */
function learn(model: Model, event: Extract<ModelEvent, { kind: 'evidence' | 'conflict' }>): Model | Rejected {
  const known: Model = {
    ...model,
    version: model.version + 1,
    applied: add(model.applied, event.id),
    ...(event.kind === 'conflict' ? { conflicts: add(model.conflicts, event.person) } : {}),
    ...(event.kind === 'evidence' && event.scorer !== undefined ? { scorers: add(model.scorers, event.scorer) } : {}),
    ...(event.kind === 'evidence' && event.teacher !== undefined
      ? { teachers: add(model.teachers, event.teacher) }
      : {}),
  }
  // Not judged yet, or signed already: the fact is kept and the case stays where it is.
  if (model.state === 'received' || model.credentials.length > 0) return known
  const by = event.kind === 'conflict' ? 'conflict-declared' : 'evidence-arrived'
  return move(known, { to: 'judging', by, given: ['newer-evidence'] })
}

function judged(model: Model, event: Extract<ModelEvent, { kind: 'verdict' }>): Model | Rejected {
  const { gate, outcome, version } = event
  if (model.state !== 'judging') return rejected('not-now')
  if (version !== model.version) return rejected('stale')
  if (model.passed[gate] === version) return model
  if (gate !== nextGate(model)) return rejected('not-next')
  if (outcome === 'pass') return passGate(model, gate)
  if (gate === 'approval') return approvalMissing(model, outcome)
  return outcome === 'missing'
    ? move(model, { to: 'waiting', by: 'facts-missing', given: ['verdict'] })
    : move(model, { to: 'stopped', by: 'gate-failed', given: ['verdict'] })
}

function approvalMissing(model: Model, outcome: 'missing' | 'fail'): Model | Rejected {
  if (outcome === 'fail' || hasApprovals(model)) return rejected('not-true')
  return move(model, { to: 'deciding', by: 'approval-demanded' })
}

/** Separation and approval are computed from who did what, so a pass can be untrue; the last pass is the clearance. */
function passGate(model: Model, gate: GateName): Model | Rejected {
  if (gate === 'separation' && !scorersSeparated(model)) return rejected('not-true')
  if (gate === 'approval' && !hasApprovals(model)) return rejected('not-true')
  const passed = { ...model, passed: { ...model.passed, [gate]: model.version } }
  if (nextGate(passed) !== undefined) return passed
  return move({ ...passed, cleared: model.version }, { to: 'cleared', by: 'all-passed' })
}

function decided(model: Model, event: Extract<ModelEvent, { kind: 'decision' }>): Model | Rejected {
  if (model.state !== 'deciding') return rejected('not-now')
  if (event.seen !== model.version) return rejected('stale')
  const { person, role, act } = event
  const alreadyActed = currentApprovals(model).some((one) => one.person === person || one.role === role)
  if (!model.demands.approvers.includes(role) || alreadyActed || mayNotApprove(model, person))
    return rejected('forbidden-person')
  const noted = { ...model, applied: add(model.applied, event.id) }
  switch (act) {
    case 'return':
      return move(noted, { to: 'waiting', by: 'returned', given: ['decision', 'marked-items'] })
    case 'reject':
      return move(noted, { to: 'refused', by: 'rejected', given: ['decision', 'reason'] })
    case 'approve': {
      const approvals = [...model.approvals, { person, role, version: model.version }].toSorted(byText)
      return move({ ...noted, approvals }, { to: 'judging', by: 'approved', given: ['decision'] })
    }
  }
}

function actedOn(model: Model, event: Extract<ModelEvent, { kind: 'officer' }>): Model | Rejected {
  const given: readonly Need[] = ['decision', 'reason']
  switch (event.act) {
    case 'appoint':
      return then(move(model, { to: 'judging', by: 'appointed', given }), event.id)
    case 'reassess':
      return then(move(model, { to: 'waiting', by: 'reassessment-ordered', given }), event.id)
    case 'refuse':
      return then(move(model, { to: 'refused', by: 'refused', given }), event.id)
    case 'choose': {
      const chosen = { ...model, version: model.version + 1 }
      return then(
        move(chosen, { to: 'judging', by: 'achievement-chosen', given: [...given, 'newer-evidence'] }),
        event.id,
      )
    }
  }
}

/** Signing replays what clearance said, and a repeat finds the document that is there. */
function signed(model: Model): Model | Rejected {
  if (model.state !== 'cleared' || !model.demands.document) return rejected('not-now')
  if (model.credentials.length > 0) return model
  if (!holds('clearance', model) || !holds('gates-passed', model) || !holds('approvals', model))
    return rejected('needs-lacking')
  return { ...model, credentials: [model.version] }
}

function delivered(model: Model): Model | Rejected {
  return model.demands.document
    ? move(model, { to: 'issued', by: 'credential-stored' })
    : move(model, { to: 'recorded', by: 'record-kept' })
}

interface Move {
  readonly to: CaseState
  readonly by: Cause
  /** Needs the event itself fulfils; the others are looked up in the model. */
  readonly given?: readonly Need[]
}

function move(model: Model, { to, by, given = [] }: Move): Model | Rejected {
  const transition = findTransition(model.state, to, by)
  if (transition === undefined) return rejected('not-now')
  if (!transition.needs.every((need) => given.includes(need) || holds(need, model))) return rejected('needs-lacking')
  return { ...model, state: to, by }
}

function stayed({ by: _by, ...model }: Model): Model {
  return model
}

function then(result: Model | Rejected, id: string): Model | Rejected {
  return result.kind === 'case' ? { ...result, applied: add(result.applied, id) } : result
}

/** Kept in order, so that the same facts in another order are the same case. */
function add(list: readonly string[], one: string): readonly string[] {
  return [...new Set([...list, one])].toSorted()
}

function byText(a: { readonly person: string; readonly version: number }, b: typeof a): number {
  return a.version - b.version || (a.person < b.person ? -1 : 1)
}

function rejected(code: Rejected['code']): Rejected {
  return { kind: 'rejected', code }
}
