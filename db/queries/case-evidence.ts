/** The facts of one case, without what they say: nothing is decrypted to tell what there is. */
import { and, asc, desc, eq, isNull, or, type SQL, sql } from 'drizzle-orm'
import type { CaseRow } from '#db/cases.ts'
import { among, type Tx } from '#db/client.ts'
import { type ClosedEvidence, closedFact } from '#db/evidence.ts'
import { humansOf } from '#db/humans.ts'
import { evidence } from '#db/schema/cases.ts'

export interface FactSlice {
  /** The row beside which the slice begins; `backwards` reads towards the first. */
  readonly from?: { readonly at: string; readonly id: string; readonly backwards?: boolean }
  /** Absent: all of them. */
  readonly limit?: number
}

export interface ListedFact {
  readonly fact: ClosedEvidence
  /** When it came, to the microsecond: where the next slice begins. */
  readonly at: string
}

/** Facts at the case's place, by any id of the learner, those taken back too (contracts §3, join), in the order they came. */
export async function factsOfCase(tx: Tx, row: CaseRow, { from, limit }: FactSlice = {}): Promise<ListedFact[]> {
  const persons = (await humansOf(tx, [row.person])).get(row.person) ?? [row.person]
  const { receivedAt, id } = evidence
  const isBackwards = from?.backwards === true
  const order = isBackwards ? desc : asc
  const query = tx.orm
    .select({ row: evidence, at: sql<string>`${receivedAt}::text` })
    .from(evidence)
    .where(
      and(
        eq(evidence.institution, tx.institution),
        among(evidence.person, [...persons]),
        atPlace(row),
        from === undefined
          ? undefined
          : sql`(${receivedAt}, ${id}) ${isBackwards ? sql`<` : sql`>`} (${from.at}::timestamptz, ${from.id})`,
      ),
    )
    .orderBy(order(receivedAt), order(id))
  const rows = await (limit === undefined ? query : query.limit(limit))
  return rows.map(({ row: fact, at }) => ({ fact: closedFact(fact), at }))
}

/** `samePlace` of db/evidence.ts, said to the database. */
function atPlace({ offering, attempt, occasion }: CaseRow): SQL | undefined {
  return and(
    eq(evidence.offering, offering),
    eq(evidence.attempt, attempt),
    occasion === undefined ? undefined : or(isNull(evidence.occasion), eq(evidence.occasion, occasion)),
  )
}
