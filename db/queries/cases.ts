/** Lists of cases, page by page. Without keyset pages a list of a hundred thousand cases would be read to show fifty (design 13). */
import { and, desc, eq, getTableColumns, inArray, type SQL, sql } from 'drizzle-orm'
import { type CaseRow, parseCase } from '#db/cases.ts'
import { list, type Tx } from '#db/client.ts'
import { humansOf } from '#db/humans.ts'
import { resolveReferences } from '#db/people.ts'
import { caseAppointment, cases } from '#db/schema/cases.ts'
import type { ApproverRole } from '#domain/case.ts'
import type { CaseState } from '#domain/issuance/state.ts'
import type { Band, PersonId } from '#domain/words.ts'
import type { PersonRef } from '#events/fields.ts'

/** Where a row stands in its list; opaque, in full precision. */
export type ListPlace = readonly [changedAt: string, id: string]

export interface ListedCase {
  readonly row: CaseRow
  readonly place: ListPlace
}

export interface CaseFilter {
  readonly states?: readonly CaseState[]
  /** Band promised. */
  readonly band?: Band
  readonly achievement?: string
  /** Whose cases: found by a reference, never by name. */
  readonly learner?: PersonRef
  /** Place of the last row of the page before. */
  readonly after?: ListPlace
  readonly limit: number
}

/** Cases of the institution, last changed first. */
export async function listCases(tx: Tx, filter: CaseFilter): Promise<ListedCase[]> {
  const persons = filter.learner === undefined ? undefined : await personsBehind(tx, filter.learner)
  if (persons?.length === 0) return []
  const { states, band, achievement, after } = filter
  const rows = await tx.orm
    .select({ row: getTableColumns(cases), changedAt: sql<string>`${cases.changedAt}::text` })
    .from(cases)
    .where(
      and(
        eq(cases.institution, tx.institution),
        states === undefined ? undefined : inArray(cases.state, [...states]),
        band === undefined ? undefined : eq(cases.promised, band),
        achievement === undefined ? undefined : eq(cases.achievement, achievement),
        persons === undefined ? undefined : inArray(cases.person, persons),
        after === undefined ? undefined : beyond(after),
      ),
    )
    .orderBy(desc(cases.changedAt), desc(cases.id))
    .limit(filter.limit)
  return rows.map(({ row, changedAt }) => ({ row: parseCase(row), place: [changedAt, row.id] }))
}

export interface PendingCase {
  readonly row: CaseRow
  readonly role: ApproverRole
}

/** Cases in which this human being is asked to decide now, the nearest deadline first. */
export async function pendingFor(tx: Tx, person: PersonId, limit: number): Promise<PendingCase[]> {
  const ids = (await humansOf(tx, [person])).get(person) ?? [person]
  const rows = await tx.orm
    .select({ row: getTableColumns(cases), role: caseAppointment.role })
    .from(caseAppointment)
    .innerJoin(cases, and(eq(cases.institution, caseAppointment.institution), eq(cases.id, caseAppointment.caseId)))
    .where(
      and(
        eq(caseAppointment.institution, tx.institution),
        sql`${caseAppointment.person} = any(${list(ids)}::text[])`,
        sql`${caseAppointment.endedAt} is null`,
        eq(cases.state, 'deciding'),
      ),
    )
    .orderBy(cases.waitingUntil, cases.id)
    .limit(limit)
  return rows.map(({ row, role }) => ({ row: parseCase(row), role: role as ApproverRole }))
}

/** How many cases stand in each state; states without cases are left out. */
export async function countByState(tx: Tx): Promise<ReadonlyMap<CaseState, number>> {
  const rows = await tx.orm
    .select({ state: cases.state, count: sql<number>`count(*)::int` })
    .from(cases)
    .where(eq(cases.institution, tx.institution))
    .groupBy(cases.state)
  return new Map(rows.map((row) => [row.state as CaseState, row.count]))
}

async function personsBehind(tx: Tx, reference: PersonRef): Promise<PersonId[]> {
  const found = [...(await resolveReferences(tx, [reference])).values()]
  return [...new Set([...(await humansOf(tx, found)).values()].flat())]
}

function beyond([changedAt, id]: ListPlace): SQL {
  return sql`(${cases.changedAt}, ${cases.id}) < (${changedAt}::timestamptz, ${id})`
}
