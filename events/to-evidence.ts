/** From an event to the fact the gates judge: references become persons, assertions get their LoA, nothing else changes. */
import type { DocumentCheck, Evidence, IdentityCheck, LoginAssertion, Source } from '#domain/evidence.ts'
import { as, type EvidenceId, type Loa, type PersonId } from '#domain/words.ts'
import type { IncomingEvent, IncomingEventOf } from './catalogue.ts'
import type { PersonRef } from './fields.ts'

export interface EvidenceContext {
  /** Derived from this event's key (contracts §2). */
  readonly id: EvidenceId
  readonly source: Source
  /** The person behind a reference, or undefined while nobody is known by it. */
  readonly resolve: (ref: PersonRef) => PersonId | undefined
  /** A short tag of an unresolved reference, keyed, so that it says nothing about it: makes `unknown:<tag>`. */
  readonly tag: (ref: PersonRef) => string
  /** LoA by the versioned table, at the moment of the login (standards §9.2). */
  readonly creditLogin: (assertion: LoginAssertion) => { readonly loa: Loa; readonly table: string }
  /** Evidence id of an earlier event of the same source; for withdrawals. */
  readonly evidenceOf: (eventId: string) => EvidenceId
}

/**
 * The domain's fact of an event. Pure. Whoever cannot be resolved becomes `unknown:<tag>`, and a list of teachers with such a
 * person is no longer complete, so separation fails instead of passing for want of facts (levels.md).
 */
export function toEvidence(event: IncomingEvent, context: EvidenceContext): Evidence {
  switch (event.type) {
    case 'org.beviskedja.completion.recorded.v1':
      return { kind: 'completion', ...frame(event, context), completedAt: event.data.completedAt }
    case 'org.beviskedja.identity.checked.v1':
      return identityEvidence(event, context)
    case 'org.beviskedja.participation.recorded.v1':
      return participation(event, context)
    case 'org.beviskedja.assessment.recorded.v1':
      return assessmentResult(event, context)
    case 'org.beviskedja.proctoring.reported.v1':
      return proctoringReport(event, context)
    case 'org.beviskedja.fact.withdrawn.v1':
      return withdrawal(event, context)
  }
}

/** Every reference in the event that names a person other than the learner, for resolving a whole batch at once. */
export function actorsOf(event: IncomingEvent): PersonRef[] {
  const found: PersonRef[] = []
  const note = (ref: PersonRef): PersonId => {
    found.push(ref)
    return as<PersonId>('')
  }
  const nothing = { id: as<EvidenceId>(''), source: noSource, tag: () => '', evidenceOf: () => as<EvidenceId>('') }
  toEvidence(event, { ...nothing, resolve: note, creditLogin: () => ({ loa: 0, table: '' }) })
  return found
}

const noSource: Source = { emitter: '', owner: { organisation: as('') }, signed: false }

function frame({ data }: IncomingEvent, { id, source }: EvidenceContext) {
  const occasion = data.occasion === undefined ? {} : { occasion: data.occasion }
  return { id, source, offering: data.offering, attempt: data.attempt, ...occasion }
}

function personOf(ref: PersonRef, { resolve, tag }: EvidenceContext): PersonId {
  return resolve(ref) ?? as<PersonId>(`unknown:${tag(ref)}`)
}

/** Two references of one person are one person in the list. */
function personsOf(refs: readonly PersonRef[], context: EvidenceContext): PersonId[] {
  return [...new Set(refs.map((ref) => personOf(ref, context)))]
}

function identityEvidence(
  event: IncomingEventOf<'org.beviskedja.identity.checked.v1'>,
  context: EvidenceContext,
): Evidence {
  const { at, check, liveMatch } = event.data
  return {
    kind: 'identity',
    ...frame(event, context),
    at,
    check: credited(check, context),
    ...(liveMatch === undefined ? {} : { liveMatch: { ...liveMatch, by: personOf(liveMatch.by, context) } }),
  }
}

type SentCheck = IncomingEventOf<'org.beviskedja.identity.checked.v1'>['data']['check']

function credited(sent: SentCheck, context: EvidenceContext): IdentityCheck {
  switch (sent.route) {
    case 'login':
      return { ...sent, ...context.creditLogin(sent.assertion) }
    case 'roster':
      return { ...sent, ...context.creditLogin(sent.login) }
    case 'document':
      return { route: 'document', check: documentCheck(sent.check, context) }
  }
}

function documentCheck(
  { checker, ...check }: Extract<SentCheck, { route: 'document' }>['check'],
  context: EvidenceContext,
): DocumentCheck {
  return { ...check, ...checkedBy(checker, context) }
}

function checkedBy(ref: PersonRef | undefined, context: EvidenceContext): { readonly checker?: PersonId } {
  return ref === undefined ? {} : { checker: personOf(ref, context) }
}

function participation(
  event: IncomingEventOf<'org.beviskedja.participation.recorded.v1'>,
  context: EvidenceContext,
): Evidence {
  const { from, until, teaching, attendance } = event.data
  return {
    kind: 'participation',
    ...frame(event, context),
    from,
    until,
    ...(teaching === undefined ? {} : { teaching: taught(teaching, context) }),
    ...(attendance === undefined ? {} : { attendance: attended(attendance, context) }),
  }
}

type Sent = IncomingEventOf<'org.beviskedja.participation.recorded.v1'>['data']

function taught({ teachers, complete, ...rest }: NonNullable<Sent['teaching']>, context: EvidenceContext) {
  const allKnown = teachers.every((ref) => context.resolve(ref) !== undefined)
  return { ...rest, teachers: personsOf(teachers, context), complete: complete && allKnown }
}

function attended({ confirmedBy, ...rest }: NonNullable<Sent['attendance']>, context: EvidenceContext) {
  return { ...rest, ...(confirmedBy === undefined ? {} : { confirmedBy: personOf(confirmedBy, context) }) }
}

function assessmentResult(
  event: IncomingEventOf<'org.beviskedja.assessment.recorded.v1'>,
  context: EvidenceContext,
): Evidence {
  const { learner: _, achievement: __, group: ___, scorers, items, ...result } = event.data
  return {
    kind: 'result',
    ...frame(event, context),
    ...result,
    scorers: personsOf(scorers, context),
    ...(items === undefined ? {} : { items: items.map((item) => scored(item, context)) }),
  }
}

type SentItem = NonNullable<IncomingEventOf<'org.beviskedja.assessment.recorded.v1'>['data']['items']>[number]

function scored({ scores, ...item }: SentItem, context: EvidenceContext) {
  return { ...item, scores: scores.map((score) => ({ ...score, scorer: personOf(score.scorer, context) })) }
}

function proctoringReport(
  event: IncomingEventOf<'org.beviskedja.proctoring.reported.v1'>,
  context: EvidenceContext,
): Evidence {
  const { learner: _, achievement: __, group: ___, invigilators, identity, incidents, ...report } = event.data
  return {
    kind: 'proctoring',
    ...frame(event, context),
    ...report,
    invigilators: personsOf(invigilators, context),
    ...(identity === undefined ? {} : { identity: checkedAtDoor(identity, context) }),
    incidents: incidents.map(({ finding, ...incident }) =>
      finding === undefined ? incident : { ...incident, finding: { ...finding, by: personOf(finding.by, context) } },
    ),
  }
}

type AtDoor = NonNullable<IncomingEventOf<'org.beviskedja.proctoring.reported.v1'>['data']['identity']>

function checkedAtDoor({ at, check, checker }: AtDoor, context: EvidenceContext) {
  return { at, check: credited(check, context), ...checkedBy(checker, context) }
}

function withdrawal(event: IncomingEventOf<'org.beviskedja.fact.withdrawn.v1'>, context: EvidenceContext): Evidence {
  const { at, withdraws, reason } = event.data
  return { kind: 'withdrawal', ...frame(event, context), at, withdraws: context.evidenceOf(withdraws.id), reason }
}
