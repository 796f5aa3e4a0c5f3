/** Lists of cases, page by page. Without keyset pages a list of a hundred thousand cases would be read to show fifty (design 13). */
import { and, desc, eq, inArray, type SQL, sql } from 'drizzle-orm'
import { type CaseRow, caseColumns, parseCase } from '#db/cases.ts'
import { list, type Tx } from '#db/client.ts'
import { humansOf } from '#db/humans.ts'
import { caseAppointment, cases } from '#db/schema/cases.ts'
import type { ApproverRole } from '#domain/case.ts'
import type { CaseState } from '#domain/issuance/state.ts'
import type { Band, Instant, PersonId } from '#domain/words.ts'

export interface CaseFilter {
  readonly state?: CaseState
  /** Band promised. */
  readonly promised?: Band
  readonly achievement?: string
  /** Whose cases; every id of the human being. */
  readonly persons?: readonly PersonId[]
  /** Only cases in which this human being is appointed to decide. */
  readonly appointed?: PersonId
  /** Last row of the page before. */
  readonly after?: { readonly changedAt: Instant; readonly id: string }
  readonly limit: number
}

/** Cases of the institution, last changed first. */
export async function listCases(tx: Tx, filter: CaseFilter): Promise<CaseRow[]> {
  const { state, promised, achievement, persons, appointed, after } = filter
  const rows = await tx.orm
    .select(caseColumns)
    .from(cases)
    .where(
      and(
        eq(cases.institution, tx.institution),
        state === undefined ? undefined : eq(cases.state, state),
        promised === undefined ? undefined : eq(cases.promised, promised),
        achievement === undefined ? undefined : eq(cases.achievement, achievement),
        persons === undefined ? undefined : inArray(cases.person, [...persons]),
        appointed === undefined ? undefined : holdsRole(await idsOf(tx, appointed)),
        after === undefined ? undefined : beyond(after),
      ),
    )
    .orderBy(desc(changed), desc(cases.id))
    .limit(filter.limit)
  return rows.map(parseCase)
}

export interface PendingCase {
  readonly row: CaseRow
  readonly role: ApproverRole
}

/** Cases in which this human being is asked to decide now, the nearest deadline first. */
export async function pendingFor(tx: Tx, person: PersonId, limit: number): Promise<PendingCase[]> {
  const ids = await idsOf(tx, person)
  const rows = await tx.orm
    .select({ row: caseColumns, role: caseAppointment.role })
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

/** Instants leave the house in milliseconds, so pages are cut there too. */
const changed = sql`date_trunc('milliseconds', ${cases.changedAt})`

/** The first comparison is for the index, the second cuts between rows of one millisecond. */
function beyond({ changedAt, id }: NonNullable<CaseFilter['after']>): SQL {
  return sql`${cases.changedAt} < ${changedAt}::timestamptz + interval '1 millisecond'
    and (${changed}, ${cases.id}) < (${changedAt}::timestamptz, ${id})`
}

async function idsOf(tx: Tx, person: PersonId): Promise<PersonId[]> {
  return (await humansOf(tx, [person])).get(person) ?? [person]
}

function holdsRole(ids: readonly PersonId[]): SQL {
  return sql`exists (select from case_appointment a where a.institution = ${cases.institution} and a.case_id = ${cases.id}
    and a.ended_at is null and a.person = any(${list(ids)}::text[]))`
}
