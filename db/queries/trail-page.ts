/** A trail in slices: the entries of a long one are not read to show fifty (design 13). */
import { and, asc, desc, eq, gt, lt } from 'drizzle-orm'
import { type StoredEntry, storedEntry, storedEntryColumns } from '#db/audit-log.ts'
import type { Tx } from '#db/client.ts'
import { entry } from '#db/schema/audit.ts'

export interface EntrySlice {
  /** Number of the entry beside which the slice begins; `backwards` reads towards the first. */
  readonly from?: { readonly n: number; readonly backwards?: boolean }
  readonly limit: number
}

/** Entries of a trail in order; in reverse when reading backwards. */
export async function entriesOf(tx: Tx, trail: string, { from, limit }: EntrySlice): Promise<StoredEntry[]> {
  const isBackwards = from?.backwards === true
  const rows = await tx.orm
    .select(storedEntryColumns)
    .from(entry)
    .where(
      and(
        eq(entry.institution, tx.institution),
        eq(entry.trail, trail),
        from === undefined ? undefined : (isBackwards ? lt : gt)(entry.n, from.n),
      ),
    )
    .orderBy((isBackwards ? desc : asc)(entry.n))
    .limit(limit)
  return rows.map(storedEntry)
}
