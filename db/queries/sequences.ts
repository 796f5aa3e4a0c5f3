/** Gaps in what a source has sent. Without the list a withheld event would look like an event that never was (contracts §3). */
import { sql } from 'drizzle-orm'
import type { Tx } from '#db/client.ts'

export interface SequenceGap {
  readonly source: string
  /** First and last number that is missing. */
  readonly from: number
  readonly until: number
}

/** Every gap below the highest number seen, by source; numbers begin at 1. */
export async function sequenceGaps(tx: Tx, limit: number): Promise<SequenceGap[]> {
  const rows = await tx.execute<{ source: string; from: string; until: string }>(sql`
    select source, before + 1 as "from", sequence - 1 as until from (
      select source, sequence, lag(sequence, 1, 0::bigint) over (partition by source order by sequence) as before
      from emitter_sequence where institution = ${tx.institution}
    ) as steps
    where sequence > before + 1 order by source, sequence limit ${limit}`)
  return rows.map((row) => ({ source: row.source, from: Number(row.from), until: Number(row.until) }))
}
