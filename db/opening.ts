/** One case per award. Without it two completions of one course would end in two credentials (contracts §2, award key). */
import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { list, type Tx } from '#db/client.ts'
import { caseId } from '#db/ids.ts'
import type { KeyedEvent } from '#db/inbox.ts'
import { casesOf } from '#db/joining.ts'
import type { CaseId, PersonId } from '#domain/words.ts'

/** An event whose learner is known. */
export interface Admission {
  readonly event: KeyedEvent
  readonly person: PersonId
}

/** All ids of each human being, by any of them. */
export type Humans = ReadonlyMap<PersonId, readonly PersonId[]>

/** Opens a case for each completion whose award has none; by case id the event that opened it. */
export async function openCases(
  tx: Tx,
  admissions: readonly Admission[],
  humans: Humans,
): Promise<Map<CaseId, KeyedEvent>> {
  const completions = admissions.filter(({ event }) => event.item.kind === 'completion')
  if (completions.length === 0) return new Map()
  const existing = await casesOf(
    tx,
    completions.flatMap(({ person }) => humans.get(person) ?? [person]),
  )
  const awardOf = (person: PersonId, of: { offering: string; attempt: number }, achievement: string) =>
    JSON.stringify([(humans.get(person) ?? [person])[0], achievement, of.offering, of.attempt])
  const taken = new Set(existing.map((row) => awardOf(humanIn(humans, row.person), row, row.achievement)))
  const wanted = completions
    .toSorted((a, b) => (a.event.name < b.event.name ? -1 : 1))
    .filter(({ event: { item }, person }) => {
      const award = awardOf(person, item, item.achievement.id)
      return !taken.has(award) && taken.add(award)
    })
  return insertCases(tx, wanted)
}

/** The id under which the humans of this batch know a person: cases may hang on any of a human being's ids. */
function humanIn(humans: Humans, person: PersonId): PersonId {
  for (const [root, ids] of humans) if (ids.includes(person)) return root
  return person
}

async function insertCases(tx: Tx, wanted: readonly Admission[]): Promise<Map<CaseId, KeyedEvent>> {
  if (wanted.length === 0) return new Map()
  const rows = wanted.map(({ event, person }) => ({ ...event.item, id: caseId(event.key), event, person }))
  const column = (pick: (row: (typeof rows)[number]) => unknown) => list(rows.map(pick))
  const inserted = await tx.execute<{ id: CaseId }>(sql`
    insert into cases (id, institution, person, achievement, achievement_version, offering, attempt, occasion, group_id, event_key,
      trail, state, step, promised, test, traceparent, opened_at, changed_at)
    select u.id, ${tx.institution}, u.person, u.achievement, u.version, u.offering, u.attempt, u.occasion, u.group_id,
      decode(u.key, 'hex'), u.trail, 'received', 'intake', u.promised, u.test::boolean, u.traceparent, clock_timestamp(), clock_timestamp()
    from unnest(${column((row) => row.id)}::text[], ${column((row) => row.person)}::text[],
      ${column((row) => row.achievement.id)}::text[], ${column((row) => row.achievement.version)}::int[],
      ${column((row) => row.offering)}::text[], ${column((row) => row.attempt)}::int[], ${column((row) => row.occasion ?? null)}::text[],
      ${column((row) => row.group ?? null)}::text[], ${column((row) => row.event.name)}::text[],
      ${column(() => randomUUID())}::uuid[], ${column((row) => row.achievement.band)}::text[],
      ${column((row) => String(row.achievement.test))}::text[], ${column((row) => row.traceparent ?? null)}::text[])
      as u(id, person, achievement, version, offering, attempt, occasion, group_id, key, trail, promised, test, traceparent)
    on conflict do nothing returning id`)
  const ids = new Set(inserted.map((row) => row.id))
  return new Map(rows.filter((row) => ids.has(row.id)).map((row) => [row.id, row.event]))
}
