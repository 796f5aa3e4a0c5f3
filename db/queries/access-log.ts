/** Who looked at what, read from the institution's own trail. Without it every look would be recorded and nobody could ask (contracts §10). */
import { and, asc, desc, eq, gte, lt, type SQL, sql } from 'drizzle-orm'
import { type Entry, parseLeaf } from '#audit/entry.ts'
import { actorRef } from '#db/audit-log.ts'
import { among, list, type Tx } from '#db/client.ts'
import { humansOf } from '#db/humans.ts'
import { readInstitution } from '#db/institution.ts'
import { entry } from '#db/schema/audit.ts'
import { registerItem } from '#db/schema/register.ts'
import { as, type CaseId, type Instant, type PersonId } from '#domain/words.ts'

export interface AccessFilter {
  /** Entry types that tell of looking. */
  readonly types: readonly string[]
  /** Who looked, under any id of the same human being. */
  readonly person?: PersonId
  readonly caseId?: CaseId
  readonly from?: Instant
  /** Exclusive. */
  readonly until?: Instant
}

export interface AccessSlice {
  /** Number in the trail beside which the slice begins; `backwards` reads towards the latest. */
  readonly from?: { readonly n: number; readonly backwards?: boolean }
  readonly limit: number
}

export interface Access {
  readonly n: number
  readonly at: Instant
  /** Absent where nobody who ever held an appointment goes by the pseudonym. */
  readonly person?: PersonId
  readonly entry: Entry
}

/** Latest first; the other way round when reading backwards. */
export async function accessLog(tx: Tx, filter: AccessFilter, { from, limit }: AccessSlice): Promise<Access[]> {
  const { trail } = await readInstitution(tx)
  const backwards = from?.backwards === true
  const rows = await tx.orm
    .select({ n: entry.n, at: entry.at, leaf: entry.leaf })
    .from(entry)
    .where(
      and(
        eq(entry.institution, tx.institution),
        eq(entry.trail, trail),
        among(entry.type, [...filter.types]),
        filter.from === undefined ? undefined : gte(entry.at, filter.from),
        filter.until === undefined ? undefined : lt(entry.at, filter.until),
        filter.caseId === undefined ? undefined : eq(said('{data,case}'), filter.caseId),
        filter.person === undefined
          ? undefined
          : sql`${said('{actor,ref}')} = any(${list(await pseudonymsOf(tx, filter.person))}::text[])`,
        from === undefined ? undefined : backwards ? sql`${entry.n} > ${from.n}` : lt(entry.n, from.n),
      ),
    )
    .orderBy((backwards ? asc : desc)(entry.n))
    .limit(limit)
  const known = await staffByPseudonym(tx)
  return rows.map(({ n, at, leaf }) => {
    const told = parseLeaf(leaf)
    const person = known.get(told.actor.ref)
    return { n, at, ...(person === undefined ? {} : { person }), entry: told }
  })
}

/** A member of the leaf: nothing but codes and pseudonyms stand there. */
function said(path: string): SQL<string> {
  return sql<string>`convert_from(${entry.leaf}, 'UTF8')::jsonb #>> ${path}::text[]`
}

async function pseudonymsOf(tx: Tx, person: PersonId): Promise<string[]> {
  const humans = (await humansOf(tx, [person])).get(person) ?? [person]
  return humans.map((one) => actorRef(tx.keys, tx.institution, one))
}

/** Persons by what the log calls them. Only who once held an appointment could ever look or decide. */
export async function staffByPseudonym(tx: Tx): Promise<Map<string, PersonId>> {
  const rows = await tx.orm
    .selectDistinct({ person: sql<string>`${registerItem.body}->>'person'` })
    .from(registerItem)
    .where(and(eq(registerItem.institution, tx.institution), eq(registerItem.kind, 'appointment')))
  const ids = rows.map(({ person }) => as<PersonId>(person))
  const everyId = [...new Set([...ids, ...[...(await humansOf(tx, ids)).values()].flat()])]
  return new Map(everyId.map((person) => [actorRef(tx.keys, tx.institution, person), person]))
}
