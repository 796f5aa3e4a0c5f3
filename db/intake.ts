/**
 * From accepted events to evidence and cases, in one transaction: step I4 of docs/issuance-cycle.md. Without it a kill in the
 * middle would leave an event without its case, or a case without its trail.
 */
import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { b64url, sha256 } from '#audit/digest.ts'
import { appendEntries, type EntryDraft } from '#db/audit-log.ts'
import { stepEvent } from '#db/case-events.ts'
import type { CaseRow } from '#db/cases.ts'
import { type Db, inInstitution, list, type Tx } from '#db/client.ts'
import { subjectCipher } from '#db/crypto.ts'
import { storeDeadLetters } from '#db/dead-letters.ts'
import {
  type EvidenceRow,
  evidenceAbout,
  evidenceById,
  insertEvidence,
  markWithdrawn,
  samePlace,
} from '#db/evidence.ts'
import { humansOf, queueForPersons } from '#db/humans.ts'
import { caseId, caseWorkflowId, eventKey, evidenceId } from '#db/ids.ts'
import {
  type AcceptedEvent,
  enterEvents,
  joinWaiting,
  type KeyedEvent,
  keyed,
  noteSequences,
  nowResolved,
  settleEvents,
} from '#db/inbox.ts'
import { casesOf, concerned, raiseVersions, type Touch } from '#db/joining.ts'
import { enqueue, type OutboxDraft } from '#db/outbox.ts'
import { introducePerson, linkReference, referenceKey, resolveReferences } from '#db/people.ts'
import { openReviews } from '#db/reviews.ts'
import { isEnd } from '#domain/issuance/state.ts'
import type { CaseId, EvidenceId, InstitutionId, PersonId } from '#domain/words.ts'

export type RecordedEvent =
  /** A completion; `isNew` when it opened the case. */
  | { readonly kind: 'case'; readonly caseId: CaseId; readonly isNew: boolean }
  /** A fact; without cases it waits for one. */
  | { readonly kind: 'evidence'; readonly cases: readonly CaseId[] }
  /** Taken in before; counted, no other effect. */
  | { readonly kind: 'duplicate'; readonly cases: readonly CaseId[] }
  /** Known id, other content: a dead letter now; the case is unharmed. */
  | { readonly kind: 'quarantined' }
  /** Nobody is known by the reference: kept, shown, taken up when somebody is. */
  | { readonly kind: 'unresolved' }

/** Whom to wake once the transaction has committed. */
export interface WakeUp {
  readonly kind: 'start' | 'signal'
  readonly caseId: CaseId
  readonly workflowId: string
  /** Row that the relay would send otherwise; absent where an earlier event left one. */
  readonly outboxId?: string
}

export interface Recorded {
  /** One per event, in the order given. */
  readonly events: readonly RecordedEvent[]
  readonly wakeUps: readonly WakeUp[]
}

/** How long the relay leaves a wake-up to intake, which sends it at once. */
const headStartMs = 5_000
const intakeActor = { ref: 'intake', kind: 'service', role: 'intake' } as const
const sweepSize = 200

/**
 * Takes in a batch of one institution: inbox rows, evidence, cases, entries, outbox, all or nothing. Events may come in any
 * order, any number of times. Authority and origin have been checked by the caller.
 */
export async function recordEvents(
  db: Db,
  institution: InstitutionId,
  items: readonly AcceptedEvent[],
): Promise<Recorded> {
  if (items.length === 0) return { events: [], wakeUps: [] }
  const taken = await inInstitution(db, institution, (tx) => takeIn(tx, keyed(tx, items)))
  if (!taken.lookAgain) return { events: taken.events, wakeUps: taken.wakeUps }
  // A reference may have become known in a transaction that ran beside this one. Whoever commits last sees both.
  const later = await resolveWaiting(db, institution)
  return {
    events: taken.events.map((event, index) => later.byKey.get(taken.names[index] ?? '') ?? event),
    wakeUps: [...taken.wakeUps, ...later.wakeUps],
  }
}

export interface Resolved {
  /** By event key in hexadecimal. */
  readonly byKey: ReadonlyMap<string, RecordedEvent>
  readonly wakeUps: readonly WakeUp[]
}

/** Takes up events whose learner was unknown and is known now, after a register was applied or a reference was linked. */
export async function resolveWaiting(db: Db, institution: InstitutionId): Promise<Resolved> {
  const byKey = new Map<string, RecordedEvent>()
  const wakeUps: WakeUp[] = []
  for (;;) {
    const found = await inInstitution(db, institution, async (tx) => {
      const events = await nowResolved(tx, sweepSize)
      const { persons } = await learnersOf(tx, events)
      const admitted = await admit(tx, withLearner(events, persons))
      wakeUps.push(...admitted.wakeUps)
      for (const [event, recorded] of admitted.recorded) byKey.set(event.name, recorded)
      return events.length
    })
    if (found < sweepSize) return { byKey, wakeUps }
  }
}

interface Admission {
  readonly event: KeyedEvent
  readonly person: PersonId
}

async function takeIn(tx: Tx, events: readonly KeyedEvent[]) {
  const arrivals = await enterEvents(tx, events)
  const having = (arrival: string) => events.filter((event) => arrivals.get(event) === arrival)
  const fresh = having('new')
  await noteSequences(tx, fresh)
  await storeDeadLetters(tx, having('other-content').map(quarantine))
  const { persons, linked } = await learnersOf(tx, fresh)
  const admitted = await admit(tx, withLearner(fresh, persons))
  const repeated = await again(tx, having('repeated'))
  const recorded = new Map<KeyedEvent, RecordedEvent>([...admitted.recorded, ...repeated.recorded])
  for (const event of having('other-content')) recorded.set(event, { kind: 'quarantined' })
  return {
    names: events.map((event) => event.name),
    events: events.map((event): RecordedEvent => recorded.get(event) ?? { kind: 'unresolved' }),
    wakeUps: [...admitted.wakeUps, ...repeated.wakeUps],
    lookAgain: linked || persons.size < fresh.length,
  }
}

function withLearner(events: readonly KeyedEvent[], persons: ReadonlyMap<KeyedEvent, PersonId>): Admission[] {
  return events.flatMap((event) => {
    const person = persons.get(event)
    return person === undefined ? [] : [{ event, person }]
  })
}

function quarantine({ item }: KeyedEvent) {
  return {
    ...item.message,
    code: 'same-id-other-content',
    problems: [
      {
        code: 'same-id-other-content',
        pointer: '/id',
        detail: 'was used before, for an event with other content',
        advice: 'give every event an id of its own; to correct a fact, withdraw it and send a new event',
      },
    ],
  }
}

/** Who the events are about. Assertions that carry several references of one person come first: they may name the others. */
async function learnersOf(
  tx: Tx,
  events: readonly KeyedEvent[],
): Promise<{ persons: Map<KeyedEvent, PersonId>; linked: boolean }> {
  const known = await resolveReferences(
    tx,
    events.flatMap(({ item }) => [item.learner, ...item.alsoKnownAs]),
  )
  const before = known.size
  let personsLinked = false
  const inOrder = events.toSorted((a, b) => (referenceKey(a.item.learner) < referenceKey(b.item.learner) ? -1 : 1))
  for (const { item, key } of inOrder.filter(({ item: { alsoKnownAs } }) => alsoKnownAs.length > 0)) {
    const refs = [item.learner, ...item.alsoKnownAs]
    const origin = `assertion:${evidenceId(key)}` as const
    const anchor = refs.map((ref) => known.get(referenceKey(ref))).find((person) => person !== undefined)
    const person = anchor ?? (item.introducesLearners ? await introducePerson(tx, item.learner, origin) : undefined)
    if (person === undefined) continue
    for (const ref of refs) {
      if (known.get(referenceKey(ref)) === person) continue
      const outcome = await linkReference(tx, ref, { person, origin })
      personsLinked ||= outcome.kind === 'persons-linked'
      known.set(referenceKey(ref), outcome.kind === 'persons-linked' ? outcome.other : person)
    }
  }
  for (const { item, key } of inOrder.filter((event) => event.item.introducesLearners)) {
    const ref = referenceKey(item.learner)
    if (!known.has(ref)) known.set(ref, await introducePerson(tx, item.learner, `assertion:${evidenceId(key)}`))
  }
  const persons = new Map<KeyedEvent, PersonId>()
  for (const event of events) {
    const person = known.get(referenceKey(event.item.learner))
    if (person !== undefined) persons.set(event, person)
  }
  return { persons, linked: personsLinked || known.size > before }
}

interface Admitted {
  readonly recorded: ReadonlyMap<KeyedEvent, RecordedEvent>
  readonly wakeUps: readonly WakeUp[]
}

/** Evidence, cases and all that follows from them, for events whose learner is known. */
async function admit(tx: Tx, admissions: readonly Admission[]): Promise<Admitted> {
  if (admissions.length === 0) return { recorded: new Map(), wakeUps: [] }
  const humans = await humansOf(
    tx,
    admissions.map(({ person }) => person),
  )
  const everyId = [...new Set([...humans.values()].flat())]
  await queueForPersons(tx, everyId)

  const facts = new Map(admissions.map((admission) => [admission.event, factOf(tx, admission)]))
  const { arrived, takenBack } = await storeFacts(tx, [...facts.values()], everyId)
  const opened = await openCases(tx, admissions, humans)
  const rows = await casesOf(tx, everyId)
  const adopted = await adoptable(
    tx,
    rows.filter((row) => opened.has(row.id)),
    { humans, arrived },
  )

  // The completion that opened a case is told by the opening, a withdrawal by the fact it took back.
  const toldElsewhere = new Set([
    ...[...opened.values()].map((event) => evidenceId(event.key)),
    ...arrived.filter(({ body }) => tookBack(body.withdraws, [...arrived, ...takenBack])).map((fact) => fact.id),
  ])
  const touches = [
    ...arrived.filter((fact) => !toldElsewhere.has(fact.id)).flatMap((fact) => touchesOf(fact, rows, humans)),
    ...takenBack.flatMap((fact) => touchesOf({ ...fact, withdrawnBy: fact.id }, rows, humans)),
    ...adopted,
  ].toSorted(byCaseAndFact)
  const raised = await raiseVersions(tx, touches)
  await reviewIssued(tx, raised, rows)
  await appendEntries(tx, [...openedEntries(facts, opened, rows), ...touchEntries(raised, rows)])
  const wakeUps = await leaveWakeUps(tx, { opened, raised, rows })

  const homes = new Map(
    admissions.map(({ event }) => [event, concerned(facts.get(event) as EvidenceRow, rows, humans)] as const),
  )
  await settleEvents(
    tx,
    admissions.map(({ event, person }) => ({
      event,
      person,
      state: (homes.get(event) ?? []).some((row) => samePlace(event.item, row)) ? 'joined' : 'waiting',
    })),
  )
  await joinWaiting(
    tx,
    adopted.map(({ fact }) => fact.eventKey),
  )
  const recorded = admissions.map(({ event }) => [event, recordedOf(event, homes.get(event) ?? [], opened)] as const)
  return { recorded: new Map(recorded), wakeUps }
}

function tookBack(target: EvidenceId | undefined, facts: readonly EvidenceRow[]): boolean {
  return target !== undefined && facts.some((fact) => fact.id === target && fact.kind !== 'withdrawal')
}

function factOf(tx: Tx, { event, person }: Admission): EvidenceRow {
  const { item, key } = event
  const withdraws =
    item.withdraws === undefined ? undefined : evidenceId(eventKey(tx.institution, item.source, item.withdraws))
  return {
    id: evidenceId(key),
    person,
    kind: item.kind,
    offering: item.offering,
    attempt: item.attempt,
    ...(item.occasion === undefined ? {} : { occasion: item.occasion }),
    eventKey: key,
    source: item.from,
    occurredAt: item.occurredAt,
    body: {
      event: item.event,
      computed: item.computed,
      digest: b64url(sha256(item.message.payload)),
      ...(withdraws === undefined ? {} : { withdraws }),
    },
  }
}

/**
 * Stores facts. A withdrawal and the fact it takes back may come in either order: each looks for the other. Only facts about the
 * same human being are taken back, and a withdrawal itself never is.
 */
async function storeFacts(
  tx: Tx,
  facts: readonly EvidenceRow[],
  persons: readonly PersonId[],
): Promise<{ arrived: EvidenceRow[]; takenBack: EvidenceRow[] }> {
  const earlier = await evidenceAbout(tx, { persons, kind: 'withdrawal' })
  const takesBack = new Map(
    [...facts, ...earlier].flatMap(({ id, body }) =>
      body.withdraws === undefined ? [] : [[body.withdraws, id] as const],
    ),
  )
  const arrived = facts.map((fact) => {
    const by = fact.kind === 'withdrawal' ? undefined : takesBack.get(fact.id)
    return by === undefined ? fact : { ...fact, withdrawnBy: by }
  })
  const cipher = await subjectCipher(
    tx,
    facts.map((fact) => fact.person),
  )
  await insertEvidence(tx, arrived, cipher)

  const here = new Set(facts.map((fact) => fact.id))
  const targets = facts.flatMap(({ body: { withdraws } }) =>
    withdraws === undefined || here.has(withdraws) ? [] : [withdraws],
  )
  const wrong = (await evidenceById(tx, targets)).filter(
    (fact) => fact.kind !== 'withdrawal' && fact.withdrawnBy === undefined && persons.includes(fact.person),
  )
  await markWithdrawn(
    tx,
    wrong.flatMap(({ id }) => {
      const by = takesBack.get(id)
      return by === undefined ? [] : [{ id, by }]
    }),
  )
  return { arrived, takenBack: wrong }
}

/** Opens a case for each completion whose award has none; by case id the event that opened it. */
async function openCases(
  tx: Tx,
  admissions: readonly Admission[],
  humans: ReadonlyMap<PersonId, readonly PersonId[]>,
): Promise<Map<CaseId, KeyedEvent>> {
  const completions = admissions.filter(({ event }) => event.item.kind === 'completion')
  if (completions.length === 0) return new Map()
  const existing = await casesOf(
    tx,
    completions.flatMap(({ person }) => humans.get(person) ?? [person]),
  )
  const awardOf = (person: PersonId, of: { offering: string; attempt: number }, achievement: string) =>
    JSON.stringify([(humans.get(person) ?? [person])[0], achievement, of.offering, of.attempt])
  const taken = new Set(existing.map((row) => awardOf(humanIn(humans, row.person), row, row.achievement)))
  const wanted = completions
    .toSorted((a, b) => (a.event.name < b.event.name ? -1 : 1))
    .filter(({ event: { item }, person }) => {
      const award = awardOf(person, item, item.achievement.id)
      return !taken.has(award) && taken.add(award)
    })
  return insertCases(tx, wanted)
}

/** The id under which the humans of this batch know a person: cases may hang on any of a human being's ids. */
function humanIn(humans: ReadonlyMap<PersonId, readonly PersonId[]>, person: PersonId): PersonId {
  for (const [root, ids] of humans) if (ids.includes(person)) return root
  return person
}

async function insertCases(tx: Tx, wanted: readonly Admission[]): Promise<Map<CaseId, KeyedEvent>> {
  if (wanted.length === 0) return new Map()
  const rows = wanted.map(({ event, person }) => ({ ...event.item, id: caseId(event.key), event, person }))
  const column = (pick: (row: (typeof rows)[number]) => unknown) => list(rows.map(pick))
  const inserted = await tx.execute<{ id: CaseId }>(sql`
    insert into cases (id, institution, person, achievement, achievement_version, offering, attempt, occasion, group_id, event_key,
      trail, state, step, promised, test, opened_at, changed_at)
    select u.id, ${tx.institution}, u.person, u.achievement, u.version, u.offering, u.attempt, u.occasion, u.group_id,
      decode(u.key, 'hex'), u.trail, 'received', 'intake', u.promised, u.test::boolean, clock_timestamp(), clock_timestamp()
    from unnest(${column((row) => row.id)}::text[], ${column((row) => row.person)}::text[],
      ${column((row) => row.achievement.id)}::text[], ${column((row) => row.achievement.version)}::int[],
      ${column((row) => row.offering)}::text[], ${column((row) => row.attempt)}::int[], ${column((row) => row.occasion ?? null)}::text[],
      ${column((row) => row.group ?? null)}::text[], ${column((row) => row.event.name)}::text[],
      ${column(() => randomUUID())}::uuid[], ${column((row) => row.achievement.band)}::text[],
      ${column((row) => String(row.achievement.test))}::text[])
      as u(id, person, achievement, version, offering, attempt, occasion, group_id, key, trail, promised, test)
    on conflict do nothing returning id`)
  const ids = new Set(inserted.map((row) => row.id))
  return new Map(rows.filter((row) => ids.has(row.id)).map((row) => [row.id, row.event]))
}

/** Facts that waited for the cases that have just been opened. */
async function adoptable(
  tx: Tx,
  opened: readonly CaseRow[],
  { humans, arrived }: { humans: ReadonlyMap<PersonId, readonly PersonId[]>; arrived: readonly EvidenceRow[] },
): Promise<Touch[]> {
  if (opened.length === 0) return []
  const persons = opened.flatMap((row) => humans.get(row.person) ?? [row.person])
  const here = new Set(arrived.map((fact) => fact.id))
  const waiting = (await evidenceAbout(tx, { persons })).filter(({ id }) => !here.has(id))
  return opened.flatMap((row) =>
    waiting
      .filter((fact) => fact.kind !== 'withdrawal' && samePlace(fact, row))
      .filter((fact) => (humans.get(row.person) ?? [row.person]).includes(fact.person))
      .map((fact): Touch => ({ caseId: row.id, fact, meaning: 'received' })),
  )
}

function touchesOf(
  fact: EvidenceRow,
  rows: readonly CaseRow[],
  humans: ReadonlyMap<PersonId, readonly PersonId[]>,
): Touch[] {
  const meaning = fact.withdrawnBy === undefined ? 'received' : 'withdrawn'
  return concerned(fact, rows, humans).map((row) => ({ caseId: row.id, fact, meaning }))
}

function byCaseAndFact(a: Touch, b: Touch): number {
  const [left, right] = [`${a.caseId}${a.fact.id}`, `${b.caseId}${b.fact.id}`]
  return left < right ? -1 : left > right ? 1 : 0
}

interface Raised {
  readonly touch: Touch
  readonly version: number
}

/** A credential or record stands on a fact that was wrong: an officer decides what becomes of it (contracts §3). */
async function reviewIssued(tx: Tx, raised: readonly Raised[], rows: readonly CaseRow[]): Promise<void> {
  await openReviews(
    tx,
    raised
      .filter(({ touch }) => concernsIssued(touch, rows))
      .map(({ touch, version }) => ({ caseId: touch.caseId, because: withdrawnFact, evidenceVersion: version })),
  )
}

const withdrawnFact = 'fact-withdrawn'

function concernsIssued(touch: Touch, rows: readonly CaseRow[]): boolean {
  const state = rows.find((row) => row.id === touch.caseId)?.state
  return touch.meaning === 'withdrawn' && (state === 'issued' || state === 'recorded')
}

function openedEntries(
  facts: ReadonlyMap<KeyedEvent, EvidenceRow>,
  opened: ReadonlyMap<CaseId, KeyedEvent>,
  rows: readonly CaseRow[],
): EntryDraft[] {
  return rows.flatMap((row) => {
    const event = opened.get(row.id)
    const fact = event === undefined ? undefined : facts.get(event)
    if (fact === undefined) return []
    return [
      {
        ...about(fact, row),
        id: `${row.id}:opened:${row.evidenceVersion}`,
        type: 'case.opened/1',
        act: { meaning: 'case-opened', outcome: 'received' },
        data: {
          achievement: row.achievement,
          achievementVersion: row.achievementVersion,
          promised: row.promised,
          evidence: fact.id,
        },
      },
    ]
  })
}

function touchEntries(raised: readonly Raised[], rows: readonly CaseRow[]): EntryDraft[] {
  return raised.flatMap(({ touch, version }): EntryDraft[] => {
    const row = rows.find((one) => one.id === touch.caseId)
    if (row === undefined) return []
    const { fact, meaning } = touch
    const told: EntryDraft = {
      ...about(fact, row),
      id: `${row.id}:evidence-${meaning}:${version}`,
      type: `evidence.${meaning}/1`,
      act: { meaning: `evidence-${meaning}`, outcome: meaning },
      data: { evidence: fact.id, kind: fact.kind, evidenceVersion: version },
    }
    if (!concernsIssued(touch, rows)) return [told]
    const review: EntryDraft = {
      trail: row.trail,
      id: `${row.id}:review:${version}`,
      type: 'review.opened/1',
      actor: intakeActor,
      act: { meaning: 'review-opened', outcome: 'opened', reason: withdrawnFact },
      data: { evidenceVersion: version },
    }
    return [told, review]
  })
}

/** What all entries about a fact share. The digest of the event is salted: it could be guessed otherwise (contracts §9). */
function about(fact: EvidenceRow, row: CaseRow): Pick<EntryDraft, 'trail' | 'actor' | 'occurred' | 'src' | 'private'> {
  return {
    trail: row.trail,
    actor: intakeActor,
    occurred: fact.occurredAt,
    src: { emitter: fact.source.emitter, event: fact.id },
    private: [{ name: 'event', value: fact.body.digest, subject: fact.person }],
  }
}

/** One wake-up per case, however many facts came; ended cases are let sleep. */
async function leaveWakeUps(
  tx: Tx,
  told: { opened: ReadonlyMap<CaseId, KeyedEvent>; raised: readonly Raised[]; rows: readonly CaseRow[] },
): Promise<WakeUp[]> {
  const { opened, raised, rows } = told
  const versions = new Map(raised.map(({ touch, version }) => [touch.caseId, version]))
  const wakeUps = rows.flatMap((row): WakeUp[] => {
    if (opened.has(row.id)) return [startOf(tx.institution, row.id)]
    const version = versions.get(row.id)
    if (version === undefined || isEnd(row.state)) return []
    return [{ ...signalTo(tx.institution, row.id), outboxId: `signal/${row.id}/${version}` }]
  })
  await enqueue(tx, [
    ...wakeUps.map((wakeUp) => outboxRow(tx.institution, wakeUp)),
    ...rows
      .filter((row) => opened.has(row.id))
      .map((row) =>
        stepEvent(tx.institution, {
          caseId: row.id,
          step: 'intake',
          outcome: 'received',
          state: row.state,
          version: row.evidenceVersion,
          time: row.openedAt,
        }),
      ),
  ])
  return wakeUps
}

function startOf(institution: InstitutionId, id: CaseId): WakeUp {
  return { kind: 'start', caseId: id, workflowId: caseWorkflowId(institution, id), outboxId: `start/${id}` }
}

function signalTo(institution: InstitutionId, id: CaseId): WakeUp {
  return { kind: 'signal', caseId: id, workflowId: caseWorkflowId(institution, id) }
}

/** What a case's workflow is started with; the relay and intake say the same. */
export function issuanceStart(institution: InstitutionId, id: CaseId) {
  return { workflowType: 'issuance', taskQueue: 'pipeline', args: [{ institution, caseId: id }] }
}

/** Name of the signal that tells of new evidence (workflows/messages.ts). */
export const evidenceSignal = 'evidenceArrived'

function outboxRow(institution: InstitutionId, { kind, caseId: id, workflowId, outboxId }: WakeUp): OutboxDraft {
  return {
    id: outboxId ?? `${kind}/${id}`,
    kind,
    target: workflowId,
    payload: kind === 'start' ? issuanceStart(institution, id) : { signal: evidenceSignal },
    dueInMs: headStartMs,
  }
}

/** Events taken in before. Their cases are woken again: intake may have died between its commit and the wake-up. */
async function again(tx: Tx, events: readonly KeyedEvent[]): Promise<Admitted> {
  const facts = new Map(
    (
      await evidenceById(
        tx,
        events.map(({ key }) => evidenceId(key)),
      )
    ).map((fact) => [fact.id, fact]),
  )
  const humans = await humansOf(
    tx,
    [...facts.values()].map((fact) => fact.person),
  )
  const rows = await casesOf(tx, [...new Set([...humans.values()].flat())])
  const wakeUps = new Map<CaseId, WakeUp>()
  const recorded = events.map((event): [KeyedEvent, RecordedEvent] => {
    const fact = facts.get(evidenceId(event.key))
    const homes = fact === undefined ? [] : concerned(fact, rows, humans)
    for (const row of homes.filter(({ state }) => !isEnd(state))) {
      const isItsOwn = row.id === caseId(event.key)
      if (isItsOwn || !wakeUps.has(row.id))
        wakeUps.set(row.id, isItsOwn ? startOf(tx.institution, row.id) : signalTo(tx.institution, row.id))
    }
    return [event, { kind: 'duplicate', cases: homes.map((row) => row.id) }]
  })
  return { recorded: new Map(recorded), wakeUps: [...wakeUps.values()] }
}

function recordedOf(
  event: KeyedEvent,
  homes: readonly CaseRow[],
  opened: ReadonlyMap<CaseId, KeyedEvent>,
): RecordedEvent {
  const { item, key } = event
  if (item.kind !== 'completion') return { kind: 'evidence', cases: homes.map((row) => row.id) }
  const own = homes.find((row) => row.achievement === item.achievement.id) ?? homes[0]
  if (own === undefined) return { kind: 'evidence', cases: [] }
  return { kind: 'case', caseId: own.id, isNew: opened.has(own.id) && own.id === caseId(key) }
}
