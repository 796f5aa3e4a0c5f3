/** Rows of the log that tell another story than their neighbours; without it only what is published would ever be read back. */
import { sql } from 'drizzle-orm'
import type { Tx } from '#db/client.ts'

export type StrayCode =
  /** An entry that has no position and does not wait for one. */
  | 'entry-outside'
  /** A position without its entry, or with the hash of another. */
  | 'position-without-entry'
  /** The head of a trail is not its last entry. */
  | 'head-differs'

/** Every one of them in this institution's log; reads it whole. */
export async function strayRows(tx: Tx): Promise<{ code: StrayCode; at: string }[]> {
  const rows = await tx.execute<{ code: StrayCode; at: string }>(sql`
    select 'entry-outside' as code, e.trail || '/' || e.n as at from audit.entry e where e.institution = ${tx.institution}
      and not exists (select from audit.leaf l where l.institution = e.institution and l.trail = e.trail and l.n = e.n)
      and not exists (select from audit.pending p where p.institution = e.institution and p.trail = e.trail and p.n = e.n)
    union all select 'position-without-entry', l.idx::text from audit.leaf l where l.institution = ${tx.institution}
      and not exists (select from audit.entry e where e.institution = l.institution and e.trail = l.trail and e.n = l.n
        and e.leaf_hash = l.leaf_hash)
    union all select 'head-differs', t.trail::text from audit.trail t where t.institution = ${tx.institution} and t.n > 0
      and not exists (select from audit.entry e where e.institution = t.institution and e.trail = t.trail and e.n = t.n
        and e.leaf_hash = t.head)
    union all select 'head-differs', t.trail::text from audit.trail t where t.institution = ${tx.institution}
      and exists (select from audit.entry e where e.institution = t.institution and e.trail = t.trail and e.n > t.n)`)
  return [...rows]
}
