/**
 * Rows of the log that tell another story than their neighbours: what the nightly look at the record asks, and the daily reading of the log,
 * which else would only read back what is published.
 */
import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '#db/client.ts'

export type StrayCode = keyof ReturnType<typeof strays>

/** Code → where it is true in this institution's log, as `what`. Each reads the log whole. */
export function strays(tx: Tx) {
  const of = (table: string) => sql`${sql.raw(table)}.institution = ${tx.institution}`
  return {
    /** An entry that neither has a place in the log nor waits for one. */
    'entry-outside-log': sql`
      select e.trail || '/' || e.n as what from audit.entry e where ${of('e')}
        and not exists (select from audit.leaf l where l.institution = e.institution and l.trail = e.trail and l.n = e.n
          and l.leaf_hash = e.leaf_hash)
        and not exists (select from audit.pending p where p.institution = e.institution and p.trail = e.trail and p.n = e.n
          and p.leaf_hash = e.leaf_hash)`,
    /** A place in the log whose entry is gone, or has another hash. */
    'place-without-entry': sql`
      select l.trail || '/' || l.n as what from audit.leaf l where ${of('l')}
        and not exists (select from audit.entry e where e.institution = l.institution and e.trail = l.trail and e.n = l.n
          and e.leaf_hash = l.leaf_hash)`,
    /** The head of a trail is not its last entry. */
    'head-differs': sql`
      select t.trail::text as what from audit.trail t where ${of('t')}
        and ((t.n > 0 and not exists (select from audit.entry e where e.institution = t.institution and e.trail = t.trail
            and e.n = t.n and e.leaf_hash = t.head))
          or exists (select from audit.entry e where e.institution = t.institution and e.trail = t.trail and e.n > t.n))`,
  } as const satisfies Readonly<Record<string, SQL>>
}

/** Every one of them. */
export async function strayRows(tx: Tx): Promise<{ code: StrayCode; at: string }[]> {
  const found: { code: StrayCode; at: string }[] = []
  for (const [code, rows] of Object.entries(strays(tx))) {
    const some = await tx.execute<{ what: string }>(rows)
    found.push(...some.map(({ what }) => ({ code: code as StrayCode, at: what })))
  }
  return found
}
