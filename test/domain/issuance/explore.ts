/** Walks every reachable case of the model, breadth first, and reports what must never be. */
import type { ApproverRole } from '#domain/case.ts'
import type { Demands, Model, ModelEvent, Rejected } from '#domain/issuance/model.ts'
import { received } from '#domain/issuance/model.ts'
import type { Cause } from '#domain/issuance/transitions.ts'
import { mayMove } from '#domain/issuance/transitions.ts'

export type Step = (model: Model, event: ModelEvent) => Model | Rejected

/** A world to walk: what is demanded, who is there, which late facts may come. */
export interface World {
  readonly name: string
  readonly demands: Demands
  /** Facts that may come late, and what officers may do, each once or repeated. */
  readonly late: readonly ModelEvent[]
}

export interface Walk {
  readonly states: number
  readonly seen: ReadonlySet<string>
  readonly ends: ReadonlySet<string>
  /** First few violations, each with the way that led there. */
  readonly violations: readonly string[]
}

const people = { learner: 'learner', teachers: ['teacher'], scorers: ['scorer'] }
const persons = ['learner', 'teacher', 'scorer', 'approver-1', 'approver-2']

const ends = ['issued', 'recorded', 'refused', 'withdrawn']

/** All of it, or until a few violations are found. */
export function explore(world: World, step: Step): Walk {
  const start = received(world.demands, people)
  const queue: Visit[] = [{ model: start }]
  const known = new Set([keyOf(start)])
  const seen = new Set<string>()
  const reached = new Set<string>()
  const violations: string[] = []
  for (let at = 0; at < queue.length && violations.length < 3; at++) {
    const visit = queue[at] ?? { model: start }
    const { model } = visit
    if (ends.includes(model.state)) reached.add(model.state)
    for (const event of eventsAt(world, model)) {
      const next = step(model, event)
      const wrong = violated({ model, event, next, step, world })
      if (wrong !== undefined) violations.push(`${wrong}: ${wayTo({ model, event, from: visit })}`)
      if (next.kind === 'rejected') continue
      if (next.by !== undefined && next !== model) seen.add(`${model.state} ${next.by} ${next.state}`)
      const key = keyOf(next)
      if (known.has(key)) continue
      known.add(key)
      queue.push({ model: next, event, from: visit })
    }
  }
  return { states: known.size, seen, ends: reached, violations }
}

interface Visit {
  readonly model: Model
  readonly event?: ModelEvent
  readonly from?: Visit
}

function wayTo({ event, from }: Visit): string {
  const before = from?.event === undefined ? '' : `${wayTo(from)} → `
  return event === undefined ? '' : `${before}${describe(event)}`
}

/** Everything anybody could send now: true, stale, repeated, by the wrong person, at the wrong time. */
function eventsAt({ demands, late }: World, model: Model): readonly ModelEvent[] {
  const versions = model.version > 1 ? [model.version - 1, model.version] : [model.version]
  const verdicts = demands.gates.flatMap((gate): readonly ModelEvent[] => [
    ...versions.map((version) => ({ kind: 'verdict', gate, version, outcome: 'pass' }) as const),
    { kind: 'verdict', gate, version: model.version, outcome: 'missing' },
    { kind: 'verdict', gate, version: model.version, outcome: 'fail' },
  ])
  const asked = [...new Set([...demands.approvers, 'examiner' as const])]
  const approvals = persons.flatMap((person) =>
    asked.flatMap((role) => versions.map((seen) => decision(person, role, { act: 'approve', seen }))),
  )
  const others = (['return', 'reject'] as const).map((act) =>
    decision('approver-1', demands.approvers[0] ?? 'examiner', { act, seen: model.version }),
  )
  return [...always, ...late, ...verdicts, ...approvals, ...others, ...replays(model)]
}

const roles: readonly ApproverRole[] = ['external-reviewer', 'decision-maker', 'examiner']

const always: readonly ModelEvent[] = [
  { kind: 'start' },
  { kind: 'deadline' },
  { kind: 'sign' },
  { kind: 'signing-refused' },
  { kind: 'deliver' },
  { kind: 'withdraw', id: 'withdraw' },
]

function decision(
  person: string,
  role: ApproverRole,
  { act, seen }: { act: 'approve' | 'return' | 'reject'; seen: number },
): ModelEvent {
  return { kind: 'decision', id: `${act}:${person}:${role}:${seen}`, person, role, act, seen }
}

/** Every decision that had its effect, sent once more, however long ago it was. */
function replays(model: Model): readonly ModelEvent[] {
  return model.applied.flatMap((id) => {
    const [act, person, role, seen] = id.split(':')
    if (act !== 'approve' && act !== 'return' && act !== 'reject') return []
    const known = roles.find((one) => one === role)
    return person === undefined || known === undefined ? [] : [decision(person, known, { act, seen: Number(seen) })]
  })
}

interface Look {
  readonly model: Model
  readonly event: ModelEvent
  readonly next: Model | Rejected
  readonly step: Step
  readonly world: World
}

function violated(look: Look): string | undefined {
  const { next } = look
  if (next.kind === 'rejected') return undefined
  return (
    wrongMove(look.model, next) ??
    leftAnEnd(look.model, next) ??
    replayChanged(look, next) ??
    staleCounted(look, next) ??
    carriedOver(look.model, next) ??
    wrongCredential(look, next) ??
    wrongPerson(look.world, next) ??
    wrongEnd(look.world, next)
  )
}

function wrongMove(model: Model, next: Model): string | undefined {
  if (next.state === model.state) return undefined
  return next.by !== undefined && mayMove(model.state, next.state, next.by) ? undefined : 'illegal move'
}

function leftAnEnd(model: Model, next: Model): string | undefined {
  return ends.includes(model.state) && keyOf(next) !== keyOf(model) ? 'an end state was left' : undefined
}

/** At once, and however late: what is applied is applied once. */
function replayChanged({ model, event, step }: Look, next: Model): string | undefined {
  if ('id' in event && model.applied.includes(event.id) && keyOf(next) !== keyOf(model))
    return 'a late replay had an effect'
  const again = step(next, event)
  return again.kind === 'rejected' || keyOf(again) === keyOf(next) ? undefined : 'a replay had an effect'
}

/** A verdict or a decision on what the case no longer is must not count for what it is now. */
function staleCounted({ model, event }: Look, next: Model): string | undefined {
  const on = event.kind === 'verdict' ? event.version : event.kind === 'decision' ? event.seen : model.version
  return on !== model.version && keyOf(next) !== keyOf(model) ? 'something stale had an effect' : undefined
}

/** A new evidence version begins with nothing passed and nobody's approval. */
function carriedOver(model: Model, next: Model): string | undefined {
  if (next.version === model.version) return undefined
  const kept =
    Object.values(next.passed).includes(next.version) || next.approvals.some((one) => one.version === next.version)
  return kept ? 'something was carried over to a new version' : undefined
}

/** Counted here from the approvals and the facts that were sent, not from what the reducer believes. */
function wrongCredential({ model, world }: Look, next: Model): string | undefined {
  const { demands } = world
  if (next.credentials.length > 1) return 'two credentials'
  if (model.credentials.length > 0 && next.credentials[0] !== model.credentials[0]) return 'a credential changed'
  if (next.credentials.length === 0 || model.credentials.length > 0) return undefined
  if (!demands.document) return 'a credential in band F'
  if (demands.gates.some((gate) => next.passed[gate] !== next.version))
    return 'a credential without every demanded gate'
  const approvals = next.approvals.filter((one) => one.version === next.version)
  if (new Set(approvals.map((one) => one.person)).size < demands.approvers.length)
    return 'a credential without enough approvers'
  if (demands.approvers.some((role) => !approvals.some((one) => one.role === role)))
    return 'a credential without a demanded role'
  if (approvals.some((one) => conflictedIn(world, next).includes(one.person)))
    return 'a credential by a conflicted approver'
  return scorersNotApart(world, next) ? 'a credential on scores of a teacher' : undefined
}

/** Nobody is both approver of the present version and learner, teacher or scorer where these are kept apart. */
function wrongPerson(world: World, next: Model): string | undefined {
  const { approverNot } = world.demands
  const current = next.approvals.filter((one) => one.version === next.version).map((one) => one.person)
  if (new Set(current).size < current.length) return 'one person in two approving roles'
  const forbidden = [
    'learner',
    ...(approverNot.includes('teacher') ? toldBy(world, next, 'teacher') : []),
    ...(approverNot.includes('scorer') ? toldBy(world, next, 'scorer') : []),
  ]
  return current.some((person) => forbidden.includes(person)) ? 'a person in two forbidden roles' : undefined
}

function wrongEnd({ demands }: World, next: Model): string | undefined {
  if (next.state === 'issued' && next.credentials.length !== 1) return 'issued without a credential'
  if (next.state !== 'issued' && next.state !== 'cleared' && next.credentials.length > 0)
    return 'a credential of a case that is not cleared'
  if (next.state === 'recorded' && demands.gates.some((gate) => next.passed[gate] !== next.version))
    return 'a record without every gate'
  return undefined
}

function scorersNotApart(world: World, next: Model): boolean {
  const { scorersApart } = world.demands
  if (scorersApart === 'none') return false
  const teachers = toldBy(world, next, 'teacher')
  const standing = toldBy(world, next, 'scorer').filter((person) => !conflictedIn(world, next).includes(person))
  const apart = standing.filter((person) => !teachers.includes(person))
  return scorersApart === 'all' ? apart.length === 0 || apart.length < standing.length : apart.length === 0
}

/** Teachers or scorers as the applied facts tell it. */
function toldBy({ late }: World, { applied }: Model, what: 'teacher' | 'scorer'): readonly string[] {
  const first = what === 'teacher' ? people.teachers : people.scorers
  const told = late.flatMap((event) => {
    const person = event.kind === 'evidence' && applied.includes(event.id) ? event[what] : undefined
    return person === undefined ? [] : [person]
  })
  return [...first, ...told]
}

function conflictedIn({ late }: World, { applied }: Model): readonly string[] {
  return late.flatMap((event) => (event.kind === 'conflict' && applied.includes(event.id) ? [event.person] : []))
}

function keyOf(model: Model): string {
  const { state, version, conflicts, passed, approvals, cleared, credentials, applied, scorers, teachers } = model
  return JSON.stringify([
    state,
    version,
    conflicts,
    Object.entries(passed),
    approvals,
    cleared,
    credentials,
    applied,
    scorers,
    teachers,
  ])
}

function describe(event: ModelEvent): string {
  if ('id' in event) return event.id
  return event.kind === 'verdict' ? `${event.gate}:${event.version}:${event.outcome}` : event.kind
}

/** Key of a transition as the walk notes it. */
export function noted(from: string, by: Cause, to: string): string {
  return `${from} ${by} ${to}`
}
