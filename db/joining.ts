/** Which facts concern which cases. Without one rule for it a fact could wake one case and be judged in another (contracts §3, join). */
import { and, asc, eq, sql } from 'drizzle-orm'
import { type CaseRow, caseColumns, parseCase } from '#db/cases.ts'
import { among, list, type Tx } from '#db/client.ts'
import { type ClosedEvidence, type EvidenceRow, samePlace } from '#db/evidence.ts'
import { cases } from '#db/schema/cases.ts'
import { type CaseState, isEnd } from '#domain/issuance/state.ts'
import type { CaseId, PersonId } from '#domain/words.ts'

/** A fact that a case must hear of. `withdrawn` names the fact taken back, where this is about that. */
export interface Touch {
  readonly caseId: CaseId
  readonly fact: EvidenceRow
  readonly meaning: 'received' | 'withdrawn'
}

/** A touch, the evidence version it made, and where the case stood when it was locked for it. */
export interface Raised {
  readonly touch: Touch
  readonly version: number
  readonly state: CaseState
}

/** All cases of these persons, in id order. */
export async function casesOf(tx: Tx, persons: readonly PersonId[]): Promise<CaseRow[]> {
  if (persons.length === 0) return []
  const rows = await tx.orm
    .select(caseColumns)
    .from(cases)
    .where(and(eq(cases.institution, tx.institution), among(cases.person, [...persons])))
    .orderBy(asc(cases.id))
  return rows.map(parseCase)
}

/** A fact is evidence for the cases at its place; teaching at any other place counts for separation (levels.md). */
export function isReadFor(fact: ClosedEvidence, row: CaseRow): boolean {
  return samePlace(fact, row) || fact.kind === 'participation'
}

/** A case that has ended hears only of facts at its own place. */
function concerns(fact: ClosedEvidence, row: CaseRow): boolean {
  return isEnd(row.state) ? samePlace(fact, row) : isReadFor(fact, row)
}

/** Cases a fact concerns, among those of the same human being. */
export function concerned(
  fact: ClosedEvidence,
  rows: readonly CaseRow[],
  humans: ReadonlyMap<PersonId, readonly PersonId[]>,
): CaseRow[] {
  const ids = humans.get(fact.person) ?? [fact.person]
  return rows.filter((row) => ids.includes(row.person) && concerns(fact, row))
}

/**
 * Raises the evidence version of each touched case by one per touch and tells which version each touch made. Cases are locked in
 * id order, touches counted in fact order.
 */
export async function raiseVersions(tx: Tx, touches: readonly Touch[]): Promise<Raised[]> {
  if (touches.length === 0) return []
  const ids = [...new Set(touches.map((touch) => touch.caseId))]
  const locked = await tx.orm
    .select({ id: cases.id, version: cases.evidenceVersion, state: cases.state })
    .from(cases)
    .where(and(eq(cases.institution, tx.institution), among(cases.id, ids)))
    .orderBy(asc(cases.id))
    .for('update')
  const versions = new Map(locked.map((row) => [row.id as CaseId, row.version]))
  const states = new Map(locked.map((row) => [row.id, row.state as CaseState]))
  const raised = touches.map((touch): Raised => {
    const version = (versions.get(touch.caseId) ?? 0) + 1
    versions.set(touch.caseId, version)
    return { touch, version, state: states.get(touch.caseId) ?? 'received' }
  })
  await tx.execute(sql`
    update cases c set evidence_version = u.version, changed_at = clock_timestamp()
    from unnest(${list([...versions.keys()])}::text[], ${list([...versions.values()])}::int[]) as u(id, version)
    where c.institution = ${tx.institution} and c.id = u.id`)
  return raised
}
