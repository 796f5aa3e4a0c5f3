/** The catalogue of what can happen in a trail; without it an auditor would meet words nobody defined. */

export type ActorKind = 'human' | 'service' | 'workflow'

export interface EntryType {
  /** Who may have done it. `human` entries can only be appended by the API's database role (contracts §4). */
  readonly actors: readonly ActorKind[]
  /** Members `data` must have; further ones are allowed, as codes. */
  readonly data: readonly string[]
  /** True when `act.reason` must name a code. */
  readonly reason: boolean
  /** Least number of salted digests: what was seen, the judged input, the signed document. */
  readonly digests: number
}

const machine: readonly ActorKind[] = ['service', 'workflow']
const human: readonly ActorKind[] = ['human']
const anybody: readonly ActorKind[] = ['human', 'service', 'workflow']

const entry = (actors: readonly ActorKind[], data: readonly string[], digests = 0): EntryType => ({
  actors,
  data,
  reason: false,
  digests,
})
const withReason = (type: EntryType): EntryType => ({ ...type, reason: true })

/** A case stands again where an older copy of the record has it (docs/decisions/0076). */
export const goneBackType = 'case.gone-back/1'

/** Every type ever written. A change of meaning is a new version, never an edit: old trails must stay readable. */
export const entryTypes: Readonly<Record<string, EntryType>> = {
  // The case and its facts
  'case.opened/1': entry(machine, ['achievement', 'achievementVersion', 'promised']),
  'event.received/1': entry(machine, ['kind'], 1),
  'evidence.received/1': entry(machine, ['evidence', 'kind', 'evidenceVersion']),
  'evidence.handed-in/1': withReason(entry(human, ['evidence', 'source'])),
  'evidence.withdrawn/1': entry(anybody, ['evidence', 'evidenceVersion']),
  'conflict.declared/1': withReason(entry(human, ['person', 'conflict', 'evidenceVersion'])),
  'facts.changed/1': withReason(entry(anybody, ['evidenceVersion'])),
  'review.opened/1': withReason(entry(machine, ['evidenceVersion'])),

  // Judging and waiting
  'gate.judged/1': entry(machine, ['gate', 'outcome', 'rules', 'evidenceVersion'], 1),
  'case.judging/1': entry(machine, ['evidenceVersion']),
  'case.cleared/1': entry(machine, ['evidenceVersion']),
  'case.issued/1': entry(machine, ['evidenceVersion']),
  'case.waiting/1': entry(machine, ['for']),
  'case.stopped/1': withReason(entry(machine, ['evidenceVersion'])),
  'case.resumed/1': entry(anybody, ['evidenceVersion']),
  // After a restore: what the trail tells before it and after the copy was made was done, and the record of it is lost
  [goneBackType]: withReason(entry(machine, ['cause', 'evidenceVersion'])),
  'case.escalated/1': entry(machine, ['for']),
  'approver.appointed/1': entry(anybody, ['role', 'rule']),
  'approver.ended/1': withReason(entry(human, ['role', 'person', 'evidenceVersion'])),
  'approver.reminded/1': entry(machine, ['role']),

  // People decide
  'decision.recorded/1': withReason(entry(human, ['decision', 'role', 'outcome', 'evidenceVersion'], 1)),
  'achievement.changed/1': withReason(entry(human, ['achievement', 'achievementVersion', 'promised'])),
  'case.refused/1': withReason(entry(anybody, [])),
  'case.withdrawn/1': withReason(entry(anybody, [])),
  'case.recorded/1': entry(machine, ['level']),

  // Issuing
  'issuance.cleared/1': entry(machine, ['level', 'evidenceVersion', 'verdicts', 'credentials']),
  'signing.requested/1': entry(machine, ['credential', 'kid'], 1),
  'signing.refused/1': withReason(entry(machine, [])),
  'credential.issued/1': entry(machine, ['credential', 'kid', 'formats'], 1),
  'credential.delivered/1': entry(machine, ['credential', 'channel']),

  // Taking back
  'revocation.proposed/1': withReason(entry(human, ['credential', 'revocation'])),
  'revocation.approved/1': entry(human, ['credential', 'revocation']),
  'revocation.refused/1': withReason(entry(anybody, ['credential', 'revocation'])),
  'revocation.expired/1': entry(machine, ['credential', 'revocation']),
  'credential.revoked/1': withReason(entry(machine, ['credential', 'revocation'])),
  'status.published/1': entry(machine, ['list', 'version']),

  // Appeals: `against` a decision, a revocation, an appeal or `outcome`; `followed`: ids of what came of it
  'appeal.lodged/1': entry(human, ['appeal', 'kind', 'against', 'received', 'reference']),
  'appeal.acknowledged/1': entry(human, ['appeal', 'reference']),
  'appeal.decided/1': withReason(entry(human, ['appeal', 'reference'])),
  'appeal.closed/1': entry(human, ['appeal', 'followed', 'reference']),

  // Where a trail ends for now: `count` entries before this one, the last of them with the leaf hash `head`
  'trail.sealed/1': entry(machine, ['count', 'head']),
  // Erasing: decided in the institution's trail, told in each of the person's
  'erasure.proposed/1': withReason(entry(human, ['erasure', 'classes', 'decision'])),
  'erasure.approved/1': entry(human, ['erasure']),
  'erasure.refused/1': entry(human, ['erasure']),
  'erasure.expired/1': entry(machine, ['erasure']),
  'erasure.blocked/1': withReason(entry(machine, ['erasure'])),
  'disposal.proposed/1': withReason(entry(machine, ['erasure', 'rule', 'classes', 'decision'])),
  'privacy.erased/1': withReason(entry(machine, ['erasure', 'classes', 'decision'])),
  'hold.placed/1': withReason(entry(human, ['hold', 'decision'])),
  'hold.lifted/1': entry(human, ['hold', 'decision']),
  'person.protected/1': withReason(entry(human, ['person', 'decision'])),
  'person.unprotected/1': entry(human, ['person', 'decision']),

  // The institution's own trail
  'key.created/1': entry(anybody, ['kid']),
  'key.rotated/1': entry(anybody, ['kid', 'previous']),
  'register.proposed/1': withReason(entry(human, ['proposal', 'version'])),
  'register.proposal-approved/1': entry(human, ['proposal', 'version']),
  'register.proposal-refused/1': withReason(entry(human, ['proposal'])),
  'register.applied/1': entry(anybody, ['version']),
  // Who may report from now on; `generation` counts them, so that none of before passes for the newest
  'emitters.sealed/1': entry(anybody, ['generation', 'version', 'emitters']),
  // `digest`: SHA-256 of the JCS bytes of the achievement with its criteria, as cases are judged by it
  'achievement.published/1': entry(anybody, ['achievement', 'achievementVersion', 'version', 'digest']),
  'reconciliation.done/1': entry(machine, ['sources', 'gaps', 'found']),
  'log.checked/1': entry(machine, ['size', 'trails', 'findings', 'codes']),
  'log.entries-found/1': entry(machine, ['entries', 'places']),
  'log.heads/1': entry(machine, ['asOfSize', 'mapRoot', 'trails']),
  // `checkpoint`, `last`: signed notes, base64 in pieces (succession.ts)
  'log.succeeded/1': withReason(entry(machine, ['generation', 'size', 'kept', 'checkpoint', 'last'])),
  'record.gone-on-without/1': withReason(entry(machine, ['mark', 'reached'])),
  // `digest`: SHA-256 of the authority’s whole answer
  'anchor.received/1': entry(machine, ['size', 'digest', 'serial', 'genTime']),
  'dead-letter.discarded/1': withReason(entry(human, ['deadLetter'])),
  'dead-letter.replay-ordered/1': entry(human, ['deadLetter']),
  'dead-letter.replayed/1': entry(human, ['deadLetter', 'as']),
  'trail.viewed/1': entry(human, ['purpose']),
  'trail.exported/1': entry(human, ['purpose', 'case', 'profile', 'checkpoint', 'content']),
  'log.exported/1': entry(human, ['purpose', 'checkpoint', 'content']),
  'sample.announced/1': entry(human, ['purpose', 'method', 'from', 'until', 'size', 'population', 'count']),
  'decision-list.drawn/1': entry(human, ['list', 'seed', 'cases', 'sample']),
  // `looked`: digests; `due`: a day for each of `actions`; a review is closed action by action
  'quality.reviewed/1': entry(human, ['review', 'from', 'until', 'looked', 'findings', 'actions', 'due', 'reference']),
  'quality.action-closed/1': entry(human, ['review', 'action', 'reference']),
  // `case` and `persons` (as the log calls them) where it is about these; about neither it is about the service
  'complaint.received/1': entry(human, ['complaint', 'category', 'received', 'persons', 'reference']),
  'complaint.acknowledged/1': entry(human, ['complaint', 'reference']),
  'complaint.progressed/1': entry(human, ['complaint', 'step', 'reference']),
  'complaint.closed/1': entry(human, ['complaint', 'measures', 'reference']),
  'case.viewed/1': entry(human, ['purpose', 'case', 'id']),
  'evidence.viewed/1': entry(human, ['purpose', 'case', 'id']),
  'event.viewed/1': entry(human, ['purpose', 'id']),
  'dead-letter.viewed/1': entry(human, ['purpose', 'id']),
  'person.viewed/1': entry(human, ['purpose', 'id']),
  'credential.downloaded/1': entry(human, ['purpose', 'case', 'id']),
}

/** What a typed entry is checked against its catalogue line for. */
interface Typed {
  readonly type: string
  readonly actor: { readonly kind: ActorKind; readonly authn?: unknown }
  readonly act: { readonly reason?: string }
  readonly data?: Readonly<Record<string, unknown>>
  readonly _sd?: readonly string[]
}

/** Names what an entry lacks for its type, `unknown-type` when the catalogue has no such line, undefined when all is there. */
export function typeProblem(typed: Typed): string | undefined {
  const type = Object.hasOwn(entryTypes, typed.type) ? entryTypes[typed.type] : undefined
  if (type === undefined) return 'unknown-type'
  if (!type.actors.includes(typed.actor.kind)) return 'actor.kind'
  // A person's act says how the person was known (contracts §7).
  if (typed.actor.kind === 'human' && typed.actor.authn === undefined) return 'actor.authn'
  if (type.reason && typed.act.reason === undefined) return 'act.reason'
  if ((typed._sd?.length ?? 0) < type.digests) return '_sd'
  const missing = type.data.find((name) => typed.data?.[name] === undefined)
  return missing === undefined ? undefined : `data.${missing}`
}

/** What has happened to whatever a type is about: `decided` of `appeal.decided/1`. */
export function stepIn({ type }: { readonly type: string }): string {
  return type.slice(type.indexOf('.') + 1, type.indexOf('/'))
}
