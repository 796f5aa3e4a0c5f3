/** Evidence and cases out of events whose learner is known. Without it facts and cases would depend on which came first (contracts §3, join). */
import { b64url, sha256 } from '#audit/digest.ts'
import { appendEntries } from '#db/audit-log.ts'
import type { CaseRow } from '#db/cases.ts'
import type { Tx } from '#db/client.ts'
import { subjectCipher } from '#db/crypto.ts'
import {
  type EvidenceRow,
  evidenceAbout,
  evidenceById,
  insertEvidence,
  markWithdrawn,
  samePlace,
} from '#db/evidence.ts'
import { humansOf, queueForPersons } from '#db/humans.ts'
import { eventKey, evidenceId } from '#db/ids.ts'
import { joinWaiting, type KeyedEvent, type SettledEvent } from '#db/inbox.ts'
import { concernsIssued, openedEntries, touchEntries, withdrawnFact } from '#db/intake-entries.ts'
import { casesOf, concerned, type Raised, raiseVersions, type Touch } from '#db/joining.ts'
import { type Admission, type Humans, openCases } from '#db/opening.ts'
import { openReviews } from '#db/reviews.ts'
import type { CaseId, EvidenceId, PersonId } from '#domain/words.ts'

/** What followed from a list of events. */
export interface Admitted {
  /** Cases each event concerns. */
  readonly homes: ReadonlyMap<KeyedEvent, readonly CaseRow[]>
  /** Cases opened, by id, with the completion that did it. */
  readonly opened: ReadonlyMap<CaseId, KeyedEvent>
  readonly raised: readonly Raised[]
  /** All cases of the learners, as they were before versions were raised. */
  readonly rows: readonly CaseRow[]
  /** What the inbox is to say of each event. */
  readonly settled: readonly SettledEvent[]
}

/** Stores facts, opens cases, raises versions and writes the entries, for events whose learner is known; their inbox rows are the caller's. */
export async function admit(tx: Tx, admissions: readonly Admission[]): Promise<Admitted> {
  if (admissions.length === 0) return { homes: new Map(), opened: new Map(), raised: [], rows: [], settled: [] }
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
  await reviewIssued(tx, raised)
  await appendEntries(tx, [...openedEntries(facts, opened, rows), ...touchEntries(raised, rows)])

  const homes = new Map(
    admissions.map(({ event }) => [event, concerned(facts.get(event) as EvidenceRow, rows, humans)] as const),
  )
  await joinWaiting(
    tx,
    adopted.map(({ fact }) => fact.eventKey),
  )
  const settled = admissions.map(({ event, person }): SettledEvent => {
    const isAtHome = (homes.get(event) ?? []).some((row) => samePlace(event.item, row))
    return { event, person, state: isAtHome ? 'joined' : 'waiting' }
  })
  return { homes, opened, raised, rows, settled }
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

/** Facts that waited for the cases that have just been opened. */
async function adoptable(
  tx: Tx,
  opened: readonly CaseRow[],
  { humans, arrived }: { humans: Humans; arrived: readonly EvidenceRow[] },
): Promise<Touch[]> {
  if (opened.length === 0) return []
  const persons = opened.flatMap((row) => humans.get(row.person) ?? [row.person])
  const waiting = await evidenceAbout(tx, {
    persons,
    except: arrived.map((fact) => fact.id),
    keep: (fact) => fact.kind !== 'withdrawal' && opened.some((row) => samePlace(fact, row)),
  })
  return opened.flatMap((row) =>
    waiting
      .filter((fact) => samePlace(fact, row))
      .filter((fact) => (humans.get(row.person) ?? [row.person]).includes(fact.person))
      .map((fact): Touch => ({ caseId: row.id, fact, meaning: 'received' })),
  )
}

function touchesOf(fact: EvidenceRow, rows: readonly CaseRow[], humans: Humans): Touch[] {
  const meaning = fact.withdrawnBy === undefined ? 'received' : 'withdrawn'
  return concerned(fact, rows, humans).map((row) => ({ caseId: row.id, fact, meaning }))
}

function byCaseAndFact(a: Touch, b: Touch): number {
  const [left, right] = [`${a.caseId}${a.fact.id}`, `${b.caseId}${b.fact.id}`]
  return left < right ? -1 : left > right ? 1 : 0
}

/** A credential or record stands on a fact that was wrong: an officer decides what becomes of it (contracts §3). */
async function reviewIssued(tx: Tx, raised: readonly Raised[]): Promise<void> {
  await openReviews(
    tx,
    raised
      .filter(concernsIssued)
      .map(({ touch, version }) => ({ caseId: touch.caseId, because: withdrawnFact, evidenceVersion: version })),
  )
}
