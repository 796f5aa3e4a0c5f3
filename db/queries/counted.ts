/**
 * What only ever grows. The nightly look tells how much of it there is, and the next one holds the record against the most that was told: a
 * row that is taken away leaves no other trace where nothing else names it.
 */
import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '#db/client.ts'

export type Counts = Readonly<Record<keyof ReturnType<typeof counted>, number>>

/** How much there is of each, with what was erased; told in `reconciliation.done/1`. */
export async function countsNow(tx: Tx): Promise<Counts> {
  const columns = Object.entries(counted(tx)).map(([name, count]) => sql`(${count})::bigint as ${sql.identifier(name)}`)
  const [row] = await tx.execute<Record<string, string>>(sql`select ${sql.join(columns, sql`, `)}`)
  return Object.fromEntries(Object.entries(row ?? {}).map(([name, count]) => [name, Number(count)])) as Counts
}

/** Kind → what there was more of. */
export function lostSinceTold(tx: Tx) {
  const of = counted(tx)
  const fewer = (name: keyof typeof of, what: string) => sql`
    select ${what}::text as what where (${toldMost(tx, name)}) > (${of[name]})`
  return {
    /** Sources had numbered more. */
    'numbers-lost': fewer('numbers', 'emitter_sequence'),
    'dead-letter-lost': fewer('letters', 'dead_letter'),
    'order-lost': fewer('orders', 'outbox'),
    'reference-lost': fewer('references', 'person_reference'),
    'link-lost': fewer('links', 'person_link'),
    /** A checkpoint that a signature or a time-stamp stands on, or one that had been counted. */
    'checkpoint-lost': sql`
      select 'size ' || needed.size as what from (
        select s.proved_by as size from signing_request s where s.institution = ${tx.institution} and s.proved_by is not null
        union select a.size from audit.anchor a where a.institution = ${tx.institution}) as needed
      where not exists (select from audit.checkpoint k where k.institution = ${tx.institution} and k.size = needed.size)
      union ${fewer('checkpoints', 'counted')}`,
  } as const satisfies Readonly<Record<string, SQL>>
}

/** Each as one number. What an erasure took, its entry counts. */
function counted(tx: Tx) {
  const rowsOf = (table: string) =>
    sql`(select count(*) from ${sql.raw(table)} t where t.institution = ${tx.institution})`
  const erased = (member: string) => sql`
    (select coalesce(sum((x.counts ->> ${member})::bigint), 0) from erasure x where x.institution = ${tx.institution} and x.state = 'executed')`
  return {
    numbers: sql`select coalesce(sum(s.highest), 0) from (
      select max(q.sequence) as highest from emitter_sequence q where q.institution = ${tx.institution} group by q.source) as s`,
    letters: sql`select ${rowsOf('dead_letter')} + ${erased('deadLetters')}`,
    orders: sql`select ${rowsOf('outbox')}`,
    references: sql`select ${rowsOf('person_reference')} + ${erased('references')}`,
    // What erasures took of them, only their entries count.
    links: sql`select ${rowsOf('person_link')} + (
      select coalesce(sum((convert_from(e.leaf, 'UTF8')::jsonb -> 'data' ->> 'links')::bigint), 0) from audit.entry e
      where e.institution = ${tx.institution} and e.type = 'privacy.erased/1')`,
    checkpoints: sql`select ${rowsOf('audit.checkpoint')}`,
  } as const
}

/** The most that was told of it since the record last went on without what a restore had lost. */
function toldMost(tx: Tx, name: string): SQL {
  return sql`
    select max((convert_from(e.leaf, 'UTF8')::jsonb -> 'data' ->> ${name})::bigint) from audit.entry e
    where e.institution = ${tx.institution} and e.type = 'reconciliation.done/1' and e.n > coalesce((
      select max(g.n) from audit.entry g where g.institution = e.institution and g.trail = e.trail
        and g.type = 'record.gone-on-without/1'), 0)`
}
