/** What audit packages are made of, read as of one checkpoint: nothing that came later changes it (docs/audit-package.md). */
import { and, eq, sql } from 'drizzle-orm'
import { actorRef } from '#db/audit-log.ts'
import { among, list, type Tx } from '#db/client.ts'
import { readInstitution } from '#db/institution.ts'
import type { LoggedEntry } from '#db/log.ts'
import { personalOf } from '#db/people.ts'
import { protectedPersons } from '#db/protection.ts'
import { staffByPseudonym } from '#db/queries/access-log.ts'
import { readItemsById } from '#db/register-read.ts'
import { cases } from '#db/schema/cases.ts'
import { as, type CaseId, type Instant, type PersonId } from '#domain/words.ts'

interface EntryRow extends Record<string, unknown> {
  readonly trail: string
  readonly n: string
  readonly idx: string
  readonly leaf: Uint8Array
}

/** A trail's entries among the first `size` of the log, in order. */
export async function entriesWithin(tx: Tx, trail: string, size: number): Promise<LoggedEntry[]> {
  const rows = await tx.execute<EntryRow>(sql`
    select e.trail, e.n, l.idx, e.leaf from audit.entry e
    join audit.leaf l on l.institution = e.institution and l.trail = e.trail and l.n = e.n
    where e.institution = ${tx.institution} and e.trail = ${trail}::uuid and l.idx < ${size}::bigint
    order by e.n`)
  return rows.map(logged)
}

/** Entries of the institution's own trail, among the first `size`, that tell of looking at these cases or at these persons. */
export async function looksWithin(
  tx: Tx,
  of: { readonly cases: readonly CaseId[]; readonly persons: readonly PersonId[]; readonly types: readonly string[] },
  size: number,
): Promise<LoggedEntry[]> {
  const { trail } = await readInstitution(tx)
  const pseudonyms = of.persons.map((person) => actorRef(tx.keys, tx.institution, person))
  const rows = await tx.execute<EntryRow>(sql`
    select e.trail, e.n, l.idx, e.leaf from audit.entry e
    join audit.leaf l on l.institution = e.institution and l.trail = e.trail and l.n = e.n
    cross join lateral (select convert_from(e.leaf, 'UTF8')::jsonb -> 'data' as data) as told
    where e.institution = ${tx.institution} and e.trail = ${trail}::uuid and e.type = any(${list(of.types)}::text[])
      and l.idx < ${size}::bigint
      and (told.data ->> 'case' = any(${list(of.cases)}::text[])
        or e.type = 'person.viewed/1' and told.data ->> 'id' = any(${list(pseudonyms)}::text[]))
    order by e.n`)
  return rows.map(logged)
}

/** Entries of the institution's own trail, among the first `size`, that tell since when there were the criteria of these cases: the last before each was opened. */
export async function publicationsWithin(tx: Tx, of: readonly CaseId[], size: number): Promise<LoggedEntry[]> {
  const { trail } = await readInstitution(tx)
  const rows = await tx.execute<EntryRow>(sql`
    select distinct e.trail, e.n, l.idx, e.leaf from cases c
    cross join lateral (
      select p.trail, p.n, p.leaf from audit.entry p
      cross join lateral (select convert_from(p.leaf, 'UTF8')::jsonb -> 'data' as data) as told
      where p.institution = c.institution and p.trail = ${trail}::uuid and p.type = 'achievement.published/1'
        and told.data ->> 'achievement' = c.achievement
        and (told.data ->> 'achievementVersion')::int = c.achievement_version and p.at <= c.opened_at
      order by p.n desc limit 1) as e
    join audit.leaf l on l.institution = c.institution and l.trail = e.trail and l.n = e.n
    where c.institution = ${tx.institution} and c.id = any(${list(of)}::text[]) and l.idx < ${size}::bigint
    order by e.n`)
  return rows.map(logged)
}

function logged({ trail, n, idx, leaf }: EntryRow): LoggedEntry {
  return { trail, n: Number(n), index: Number(idx), leaf: new Uint8Array(leaf) }
}

/** A time-stamp with the entry that tells of it. */
export interface LoggedAnchor extends LoggedEntry {
  /** Of the checkpoint that was stamped. */
  readonly size: number
  readonly note: string
  readonly token: Uint8Array
}

/** Time-stamps told of among the first `size` entries of the log, in the order of its growth; but for those on what a succession gave up. */
export async function anchorsWithin(tx: Tx, size: number): Promise<LoggedAnchor[]> {
  const rows = await tx.execute<EntryRow & { size: string; note: string; token: Uint8Array }>(sql`
    select a.size, c.note, a.token, e.trail, e.n, l.idx, e.leaf from audit.anchor a
    join audit.checkpoint c on c.institution = a.institution and c.size = a.size
    join audit.entry e on e.institution = a.institution and e.trail = a.trail and e.n = a.n
    join audit.leaf l on l.institution = a.institution and l.trail = a.trail and l.n = a.n
    where a.institution = ${tx.institution} and l.idx < ${size}::bigint
      and not exists (select from audit.succession s where s.institution = a.institution and s.kept < a.size and a.size <= s.size)
    order by a.size`)
  return rows.map((row) => ({
    ...logged(row),
    size: Number(row.size),
    note: row.note,
    token: new Uint8Array(row.token),
  }))
}

export interface RegisteredPerson {
  readonly id: PersonId
  readonly name?: string
  /** Undefined for somebody the register does not know and nobody marked. */
  readonly protected: boolean | undefined
}

/** Persons as the register in force has them. */
export async function registeredPersons(tx: Tx, ids: readonly PersonId[]): Promise<Map<PersonId, RegisteredPerson>> {
  const [items, personal, hidden] = await Promise.all([
    readItemsById(tx, 'person', ids),
    personalOf(tx, ids),
    protectedPersons(tx),
  ])
  return new Map(
    ids.map((id) => {
      const name = personal.get(id)?.name
      const mark = hidden.has(id) ? true : items.get(id)?.protected
      return [id, { id, protected: mark, ...(name === undefined ? {} : { name }) }]
    }),
  )
}

/** Who is behind these pseudonyms; whom nobody appointed is not in the map. */
export async function personsBehind(tx: Tx, refs: readonly string[]): Promise<Map<string, RegisteredPerson>> {
  if (refs.length === 0) return new Map()
  const staff = await staffByPseudonym(tx)
  const wanted = refs.flatMap((ref) => {
    const id = staff.get(ref)
    return id === undefined ? [] : [[ref, id] as const]
  })
  const persons = await registeredPersons(tx, [...new Set(wanted.map(([, id]) => id))])
  return new Map(
    wanted.flatMap(([ref, id]) => {
      const person = persons.get(id)
      return person === undefined ? [] : [[ref, person] as const]
    }),
  )
}

/** Entry types by which a case comes to its end. */
const endings = ['case.issued/1', 'case.recorded/1', 'case.refused/1', 'case.withdrawn/1']

export interface EndedFilter {
  readonly from: Instant
  /** Exclusive. */
  readonly until: Instant
  readonly achievement?: string
  readonly level?: string
}

export interface EndedCase {
  readonly id: CaseId
  readonly trail: string
  readonly achievement: string
  readonly level: string
}

/** Cases that came to their end in a time, as their trails tell it; `level` is `none` where there is none. By id. */
export async function endedCases(tx: Tx, { from, until, achievement, level }: EndedFilter): Promise<EndedCase[]> {
  const rows = await tx.orm
    .select({
      id: cases.id,
      trail: cases.trail,
      achievement: cases.achievement,
      level: sql<string>`coalesce(${cases.level}, 'none')`,
    })
    .from(cases)
    .where(
      and(
        eq(cases.institution, tx.institution),
        // A case only ever changes later than it ended.
        sql`${cases.changedAt} >= ${from}::timestamptz`,
        achievement === undefined ? undefined : eq(cases.achievement, achievement),
        level === undefined ? undefined : eq(sql`coalesce(${cases.level}, 'none')`, level),
        sql`exists (select from audit.entry e where e.institution = ${cases.institution} and e.trail = ${cases.trail}
          and e.type = any(${list(endings)}::text[]) and e.at >= ${from}::timestamptz and e.at < ${until}::timestamptz)`,
      ),
    )
    .orderBy(cases.id)
  return rows.map((row) => ({ ...row, id: as<CaseId>(row.id) }))
}

/** Of these cases those that are there, by trail. */
export async function casesToExport(
  tx: Tx,
  ids: readonly CaseId[],
): Promise<{ readonly id: CaseId; readonly person: PersonId }[]> {
  const rows = await tx.orm
    .select({ id: cases.id, person: cases.person })
    .from(cases)
    .where(and(eq(cases.institution, tx.institution), among(cases.id, [...ids])))
    .orderBy(cases.trail)
  return rows.map(({ id, person }) => ({ id: as<CaseId>(id), person: as<PersonId>(person) }))
}
