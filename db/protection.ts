/** Protected identities (skyddade personuppgifter): whom the register or an officer marked. Without one question for it, one door would mask and the next tell. */
import { and, desc, eq, isNull, sql } from 'drizzle-orm'
import { type Tx } from '#db/client.ts'
import { protectedPerson } from '#db/schema/privacy.ts'
import type { Instant, PersonId } from '#domain/words.ts'

/** Everybody of the institution who is protected, under every id of the same human being. They are few: one statement. */
export async function protectedPersons(tx: Tx): Promise<Set<PersonId>> {
  const rows = await tx.execute<{ id: PersonId }>(sql`
    with recursive same(id) as (
      select id from register_item where institution = ${tx.institution} and kind = 'person' and revision_until is null
        and body @> '{"protected": true}'
      union
      select person from protected_person where institution = ${tx.institution} and ended_at is null
      union
      select case when l.a = s.id then l.b else l.a end
      from same s join person_link l on l.institution = ${tx.institution} and s.id in (l.a, l.b)
    )
    select id from same`)
  return new Set(rows.map(({ id }) => id))
}

/** Whether one of these persons is protected, under any id. */
export async function isProtected(tx: Tx, persons: readonly PersonId[]): Promise<boolean> {
  const known = await protectedPersons(tx)
  return persons.some((person) => known.has(person))
}

export interface Protection {
  readonly person: PersonId
  readonly reason: string
  readonly decision: string
  readonly markedBy: PersonId
  readonly markedAt: Instant
  readonly endedBy?: PersonId
  readonly endedAt?: Instant
  readonly endDecision?: string
}

/** Marks a person; one who is marked already stays as marked. */
export async function protect(
  tx: Tx,
  mark: Pick<Protection, 'person' | 'reason' | 'decision' | 'markedBy'>,
): Promise<{ protection: Protection; isNew: boolean }> {
  const stored = await tx.orm
    .insert(protectedPerson)
    .values({ ...mark, institution: tx.institution })
    .onConflictDoNothing()
    .returning({ person: protectedPerson.person })
  const protection = await standing(tx, mark.person)
  if (protection === undefined) throw new TypeError('a protection was not stored')
  return { protection, isNew: stored.length > 0 }
}

/** The one that stands now. */
export async function standing(tx: Tx, person: PersonId): Promise<Protection | undefined> {
  const [row] = await tx.orm.select().from(protectedPerson).where(standingOf(tx, person))
  return row === undefined ? undefined : parse(row)
}

/** Undefined when none stands. What the register says is not the officer's to end. */
export async function endProtection(
  tx: Tx,
  { person, by, decision }: { readonly person: PersonId; readonly by: PersonId; readonly decision: string },
): Promise<Protection | undefined> {
  const [row] = await tx.orm
    .update(protectedPerson)
    .set({ endedBy: by, endedAt: sql`clock_timestamp()`, endDecision: decision })
    .where(standingOf(tx, person))
    .returning()
  return row === undefined ? undefined : parse(row)
}

/** Standing first, then the latest; at most `limit`. */
export async function listProtections(tx: Tx, limit: number): Promise<Protection[]> {
  const rows = await tx.orm
    .select()
    .from(protectedPerson)
    .where(eq(protectedPerson.institution, tx.institution))
    .orderBy(sql`${protectedPerson.endedAt} is not null`, desc(protectedPerson.markedAt), protectedPerson.person)
    .limit(limit)
  return rows.map(parse)
}

function standingOf(tx: Tx, person: PersonId) {
  return and(
    eq(protectedPerson.institution, tx.institution),
    eq(protectedPerson.person, person),
    isNull(protectedPerson.endedAt),
  )
}

function parse(row: typeof protectedPerson.$inferSelect): Protection {
  return {
    person: row.person as PersonId,
    reason: row.reason,
    decision: row.decision,
    markedBy: row.markedBy as PersonId,
    markedAt: row.markedAt,
    ...(row.endedBy === null ? {} : { endedBy: row.endedBy as PersonId }),
    ...(row.endedAt === null ? {} : { endedAt: row.endedAt }),
    ...(row.endDecision === null ? {} : { endDecision: row.endDecision }),
  }
}
