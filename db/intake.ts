/**
 * From accepted events to evidence and cases, in one transaction: step I4 of docs/issuance-cycle.md. Without it a kill in the
 * middle would leave an event without its case, or a case without its trail.
 */
import { type Admitted, admit } from '#db/admission.ts'
import { stepEvent } from '#db/case-events.ts'
import { type Db, inInstitution, type Tx } from '#db/client.ts'
import { type Problem, storeDeadLetters } from '#db/dead-letters.ts'
import { evidenceById } from '#db/evidence.ts'
import { humansOf } from '#db/humans.ts'
import { caseId, evidenceId } from '#db/ids.ts'
import {
  type AcceptedEvent,
  countRepeats,
  enterEvents,
  type KeyedEvent,
  keyed,
  MetMeanwhile,
  meetEvents,
  noteSequences,
  nowResolved,
  settleEvents,
} from '#db/inbox.ts'
import { casesOf, concerned } from '#db/joining.ts'
import { learnersOf } from '#db/learners.ts'
import type { Admission } from '#db/opening.ts'
import { enqueue, everEnqueued } from '#db/outbox.ts'
import { largestCohort, signalTo, startId, startOf, startsOf, type WakeUp, wakeUpRow } from '#db/wake-ups.ts'
import { isEnd } from '#domain/issuance/state.ts'
import type { CaseId, InstitutionId, PersonId } from '#domain/words.ts'

export type RecordedEvent =
  /** A completion; `isNew` when it opened the case. */
  | { readonly kind: 'case'; readonly caseId: CaseId; readonly isNew: boolean }
  /** A fact; without cases it waits for one. */
  | { readonly kind: 'evidence'; readonly cases: readonly CaseId[] }
  /** Taken in before; counted, no other effect. */
  | { readonly kind: 'duplicate'; readonly cases: readonly CaseId[] }
  /** Known id, other content: a dead letter now; the case is unharmed. */
  | { readonly kind: 'quarantined'; readonly deadLetter: string; readonly problems: readonly Problem[] }
  /** Nobody is known by the reference: kept, shown, taken up when somebody is. */
  | { readonly kind: 'unresolved' }

export interface Recorded {
  /** One per event, in the order given. */
  readonly events: readonly RecordedEvent[]
  readonly wakeUps: readonly WakeUp[]
}

/** How long the relay leaves a wake-up to intake, which sends it at once. */
const headStartMs = 5_000
const sweepSize = 200

/**
 * Takes in a batch of one institution: inbox rows, evidence, cases, entries, outbox, all or nothing. Events may come in any
 * order, any number of times. Authority and origin have been checked by the caller.
 */
export async function recordEvents(
  db: Db,
  institution: InstitutionId,
  items: readonly AcceptedEvent[],
  cohortSize: number = largestCohort,
): Promise<Recorded> {
  if (items.length === 0) return { events: [], wakeUps: [] }
  const taken = await whileNew(() => inInstitution(db, institution, (tx) => takeIn(tx, keyed(tx, items), cohortSize)))
  if (!taken.lookAgain) return { events: taken.events, wakeUps: taken.wakeUps }
  // A reference may have become known in a transaction that ran beside this one. Whoever commits last sees both.
  const later = await resolveWaiting(db, institution, cohortSize)
  return {
    events: taken.events.map((event, index) => later.byKey.get(taken.names[index] ?? '') ?? event),
    wakeUps: [...taken.wakeUps, ...later.wakeUps],
  }
}

/** Begins again where another transaction took in one of the events meanwhile. Each time somebody got further; a few times are plenty. */
async function whileNew<T>(attempt: () => Promise<T>, left = 4): Promise<T> {
  try {
    return await attempt()
  } catch (error) {
    if (!(error instanceof MetMeanwhile) || left === 0) throw error
    return whileNew(attempt, left - 1)
  }
}

export interface Resolved {
  /** By event key in hexadecimal. */
  readonly byKey: ReadonlyMap<string, RecordedEvent>
  readonly wakeUps: readonly WakeUp[]
}

/** Takes up events whose learner was unknown and is known now, after a register was applied or a reference was linked. */
export async function resolveWaiting(
  db: Db,
  institution: InstitutionId,
  cohortSize: number = largestCohort,
): Promise<Resolved> {
  const byKey = new Map<string, RecordedEvent>()
  const wakeUps: WakeUp[] = []
  for (;;) {
    const found = await inInstitution(db, institution, async (tx) => {
      const events = await nowResolved(tx, sweepSize)
      const { persons } = await learnersOf(tx, events)
      const admitted = await admitAll(tx, withLearner(events, persons), cohortSize)
      await settleEvents(tx, admitted.settled)
      wakeUps.push(...admitted.wakeUps)
      for (const [event, recorded] of admitted.recorded) byKey.set(event.name, recorded)
      return events.length
    })
    if (found < sweepSize) return { byKey, wakeUps }
  }
}

async function takeIn(tx: Tx, events: readonly KeyedEvent[], cohortSize: number) {
  const arrivals = await meetEvents(tx, events)
  const having = (arrival: string) => events.filter((event) => arrivals.get(event) === arrival)
  const fresh = having('new')
  const here = new Set(fresh.map((event) => event.name))
  const repeated = having('repeated')
  // Before persons are queued for: whoever takes up waiting events locks their rows first, too.
  await countRepeats(
    tx,
    repeated.filter((event) => !here.has(event.name)),
  )
  await noteSequences(tx, fresh)
  const quarantined = having('other-content').map((event) => ({ event, draft: quarantine(event) }))
  const letters = await storeDeadLetters(
    tx,
    quarantined.map(({ draft }) => draft),
  )
  const { persons, linked } = await learnersOf(tx, fresh)
  const admitted = await admitAll(tx, withLearner(fresh, persons), cohortSize)
  await enterEvents(
    tx,
    admitted.settled,
    fresh.filter((event) => !persons.has(event)),
  )
  await countRepeats(
    tx,
    repeated.filter((event) => here.has(event.name)),
  )
  const woken = await again(tx, repeated)
  const recorded = new Map<KeyedEvent, RecordedEvent>([...admitted.recorded, ...woken.recorded])
  for (const [index, { event, draft }] of quarantined.entries())
    recorded.set(event, { kind: 'quarantined', deadLetter: letters[index] ?? '', problems: draft.problems })
  return {
    names: events.map((event) => event.name),
    events: events.map((event): RecordedEvent => recorded.get(event) ?? { kind: 'unresolved' }),
    wakeUps: [...admitted.wakeUps, ...woken.wakeUps],
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

interface Answered {
  readonly recorded: ReadonlyMap<KeyedEvent, RecordedEvent>
  readonly wakeUps: readonly WakeUp[]
}

async function admitAll(
  tx: Tx,
  admissions: readonly Admission[],
  cohortSize: number,
): Promise<Answered & Pick<Admitted, 'settled'>> {
  const admitted = await admit(tx, admissions)
  const wakeUps = await leaveWakeUps(tx, admitted, cohortSize)
  const recorded = admissions.map(({ event }): [KeyedEvent, RecordedEvent] => [event, recordedOf(event, admitted)])
  return { recorded: new Map(recorded), wakeUps, settled: admitted.settled }
}

/** One wake-up per case, however many facts came; cases opened together start together; ended ones are let sleep. */
async function leaveWakeUps(tx: Tx, { opened, raised, rows }: Admitted, cohortSize: number): Promise<WakeUp[]> {
  const last = new Map(raised.map((one) => [one.touch.caseId, one]))
  const begun = rows.filter((row) => opened.has(row.id))
  const signals = rows.flatMap((row): WakeUp[] => {
    const one = last.get(row.id)
    if (opened.has(row.id) || one === undefined || isEnd(one.state)) return []
    return [{ ...signalTo(tx.institution, row.id), outboxId: `signal/${row.id}/${one.version}` }]
  })
  const wakeUps = [
    ...startsOf(
      tx.institution,
      begun.map(({ id }) => id),
      cohortSize,
    ),
    ...signals,
  ]
  await enqueue(tx, [
    ...wakeUps.map((wakeUp) => wakeUpRow(tx.institution, wakeUp, headStartMs)),
    ...begun.map((row) =>
      stepEvent(tx.institution, {
        caseId: row.id,
        step: 'intake',
        outcome: 'received',
        state: row.state,
        version: row.evidenceVersion,
        time: row.openedAt,
        traceparent: row.traceparent,
      }),
    ),
  ])
  return wakeUps
}

/**
 * Events taken in before. Their cases are woken again: intake may have died between its commit and the wake-up. A case without a
 * start of its own is still in its cohort, whose start is the relay's; it must not run beside it.
 */
async function again(tx: Tx, events: readonly KeyedEvent[]): Promise<Answered> {
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
  const own = await everEnqueued(
    tx,
    rows.map((row) => startId(row.id)),
  )
  const wakeUps = new Map<CaseId, WakeUp>()
  const recorded = events.map((event): [KeyedEvent, RecordedEvent] => {
    const fact = facts.get(evidenceId(event.key))
    const homes = fact === undefined ? [] : concerned(fact, rows, humans)
    for (const row of homes.filter(({ state }) => !isEnd(state))) {
      const isItsOwn = row.id === caseId(event.key) && own.has(startId(row.id))
      if (isItsOwn || !wakeUps.has(row.id))
        wakeUps.set(row.id, isItsOwn ? startOf(tx.institution, row.id) : signalTo(tx.institution, row.id))
    }
    return [event, { kind: 'duplicate', cases: homes.map((row) => row.id) }]
  })
  return { recorded: new Map(recorded), wakeUps: [...wakeUps.values()] }
}

function recordedOf(event: KeyedEvent, { homes, opened }: Admitted): RecordedEvent {
  const { item, key } = event
  const cases = homes.get(event) ?? []
  if (item.kind !== 'completion') return { kind: 'evidence', cases: cases.map((row) => row.id) }
  const own = cases.find((row) => row.achievement === item.achievement.id) ?? cases[0]
  if (own === undefined) return { kind: 'evidence', cases: [] }
  return { kind: 'case', caseId: own.id, isNew: opened.has(own.id) && own.id === caseId(key) }
}
