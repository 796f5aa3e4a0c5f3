/** Running cases judged anew because a fact of the register changed. Without it a case would go on standing on what is known to be wrong (contracts §3). */
import { and, asc, eq, notInArray, sql } from 'drizzle-orm'
import { currentAppointments } from '#db/appointments.ts'
import type { EntryDraft } from '#db/audit-log.ts'
import { factsOf } from '#db/case-input.ts'
import { type CaseRow, caseColumns, parseCase } from '#db/cases.ts'
import { among, list, type Tx } from '#db/client.ts'
import { enqueue } from '#db/outbox.ts'
import { cases, decision } from '#db/schema/cases.ts'
import { signalTo, type WakeUp, wakeUpRow } from '#db/wake-ups.ts'
import { endStates } from '#domain/issuance/state.ts'
import type { CaseId, PersonId } from '#domain/words.ts'

/** As many cases as are decrypted at once. */
const chunkSize = 200

export interface Rejudged {
  readonly caseId: CaseId
  /** The evidence version it has now. */
  readonly version: number
  readonly trail: string
  readonly wakeUp: WakeUp
}

/**
 * Raises the evidence version of each case that still runs, by one, and leaves the signal that wakes its workflow. The caller
 * writes why, in the same transaction (`factsChanged`). For intake and the API (docs/decisions/0015).
 *
 * @param headStartMs how long the relay leaves the signal to a caller who sends it at once
 */
export async function rejudge(tx: Tx, rows: readonly CaseRow[], headStartMs = 0): Promise<Rejudged[]> {
  if (rows.length === 0) return []
  const raised = await tx.execute<{ id: CaseId; version: number }>(sql`
    select case_id as id, version from raise_evidence_versions(${list(rows.map(({ id }) => id))}::text[]) order by case_id`)
  const trails = new Map(rows.map(({ id, trail }) => [id, trail]))
  const rejudged = raised.map(({ id, version }): Rejudged => {
    const wakeUp = { ...signalTo(tx.institution, id), outboxId: `signal/${id}/${version}` }
    return { caseId: id, version, trail: trails.get(id) ?? '', wakeUp }
  })
  await enqueue(
    tx,
    rejudged.map(({ wakeUp }) => wakeUpRow(tx.institution, wakeUp, headStartMs)),
  )
  return rejudged
}

/** What the trail of a case says that was raised. `because` is a code. */
export function factsChanged(
  { caseId, version, trail }: Rejudged,
  { actor, because }: { readonly actor: EntryDraft['actor']; readonly because: string },
): EntryDraft {
  return {
    trail,
    id: `${caseId}:facts-changed:${version}`,
    type: 'facts.changed/1',
    actor,
    act: { meaning: 'facts-changed', outcome: 'judged-again', reason: because },
    data: { evidenceVersion: version },
  }
}

/** Every case of the institution that has not ended, or those of these learners, in id order; without their frozen rules. */
export async function runningCases(tx: Tx, learners?: readonly PersonId[]): Promise<CaseRow[]> {
  const rows = await tx.orm
    .select(caseColumns)
    .from(cases)
    .where(
      and(
        eq(cases.institution, tx.institution),
        notInArray(cases.state, [...endStates]),
        learners === undefined ? undefined : among(cases.person, [...learners]),
      ),
    )
    .orderBy(asc(cases.id))
  return rows.map(parseCase)
}

/**
 * Those of the cases in which one of these ids is the learner, acts in a fact, has decided, or is appointed to decide; and those
 * whose gates are being asked now: whom they are about to appoint, by the register as it was, no one can read yet.
 */
export async function casesNaming(
  tx: Tx,
  rows: readonly CaseRow[],
  persons: ReadonlySet<PersonId>,
): Promise<CaseRow[]> {
  const found: CaseRow[] = []
  for (let from = 0; from < rows.length; from += chunkSize) {
    const chunk = rows.slice(from, from + chunkSize)
    const named = await namedIn(tx, chunk)
    found.push(
      ...chunk.filter(
        ({ id, state }) => state === 'judging' || named.get(id)?.some((person) => persons.has(person)) === true,
      ),
    )
  }
  return found
}

async function namedIn(tx: Tx, rows: readonly CaseRow[]): Promise<Map<CaseId, PersonId[]>> {
  const ids = rows.map(({ id }) => id)
  const facts = await factsOf(tx, rows)
  const decided = await tx.orm
    .select({ caseId: decision.caseId, person: decision.person })
    .from(decision)
    .where(and(eq(decision.institution, tx.institution), among(decision.caseId, ids)))
  const acting = [...(await currentAppointments(tx, ids)), ...decided]
  return new Map(
    rows.map(({ id, person }) => [
      id,
      [
        person,
        ...(facts.get(id) ?? []).flatMap(({ persons }) => persons),
        ...acting.filter(({ caseId }) => caseId === id).map((one) => one.person as PersonId),
      ],
    ]),
  )
}
