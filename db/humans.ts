/** Ids that are one human being. Without it a second account would be a second learner, and nobody's own teacher. */
import { sql } from 'drizzle-orm'
import { list, type Tx } from '#db/client.ts'
import type { PersonId } from '#domain/words.ts'

/** For each person all ids of the same human being, itself included, sorted. One statement. */
export async function humansOf(tx: Tx, persons: readonly PersonId[]): Promise<Map<PersonId, PersonId[]>> {
  if (persons.length === 0) return new Map()
  const rows = await tx.execute<{ root: PersonId; id: PersonId }>(sql`
    with recursive same(root, id) as (
      select p, p from unnest(${list([...new Set(persons)])}::text[]) as p
      union
      select s.root, case when l.a = s.id then l.b else l.a end
      from same s join person_link l on l.institution = ${tx.institution} and s.id in (l.a, l.b)
    )
    select root, id from same order by root, id`)
  const humans = new Map<PersonId, PersonId[]>()
  for (const { root, id } of rows) humans.set(root, [...(humans.get(root) ?? []), id])
  return humans
}

/**
 * Makes everybody who takes in facts about these persons queue until the transaction ends. Evidence and the case it belongs to
 * may come at the same moment; without the queue neither would see the other, and a case would wait for what is there
 * (contracts §6).
 */
export async function queueForPersons(tx: Tx, persons: readonly PersonId[]): Promise<void> {
  if (persons.length === 0) return
  await tx.execute(sql`
    select pg_advisory_xact_lock(k) from (
      select distinct hashtextextended(${`intake/${tx.institution}/`} || p, 0) as k
      from unnest(${list([...new Set(persons)])}::text[]) as p order by k offset 0
    ) as keys`)
}
