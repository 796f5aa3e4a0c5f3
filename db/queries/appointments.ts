/** To which cases somebody is or was appointed; without it nobody could see how the work is spread, or who was passed over. */
import { and, eq, isNull, sql } from 'drizzle-orm'
import { type CaseAppointment, parseAppointment } from '#db/appointments.ts'
import { among, type Tx } from '#db/client.ts'
import { caseAppointment } from '#db/schema/cases.ts'
import type { PersonId } from '#domain/words.ts'

export interface AppointmentFilter {
  /** Every id of one human being. */
  readonly persons: readonly PersonId[]
  /** Only what is held now. */
  readonly current: boolean
}

export interface AppointmentSlice {
  /** The row beside which the slice begins; `backwards` reads towards the newest. */
  readonly from?: { readonly at: string; readonly caseId: string; readonly role: string; readonly backwards?: boolean }
  readonly limit: number
}

export interface ListedAppointment {
  readonly appointment: CaseAppointment
  /** When it began, to the microsecond: where the next slice begins. */
  readonly at: string
}

/** Newest first; the other way round when reading backwards. */
export async function listAppointments(
  tx: Tx,
  { persons, current }: AppointmentFilter,
  { from, limit }: AppointmentSlice,
): Promise<ListedAppointment[]> {
  const isRising = from?.backwards === true
  const direction = isRising ? sql`asc` : sql`desc`
  const { appointedAt, caseId, role } = caseAppointment
  const rows = await tx.orm
    .select({ row: caseAppointment, at: sql<string>`${appointedAt}::text` })
    .from(caseAppointment)
    .where(
      and(
        eq(caseAppointment.institution, tx.institution),
        among(caseAppointment.person, [...persons]),
        current ? isNull(caseAppointment.endedAt) : undefined,
        from === undefined
          ? undefined
          : sql`(${appointedAt}, ${caseId}, ${role}) ${isRising ? sql`>` : sql`<`} (${from.at}::timestamptz, ${from.caseId}, ${from.role})`,
      ),
    )
    .orderBy(sql`${appointedAt} ${direction}`, sql`${caseId} ${direction}`, sql`${role} ${direction}`)
    .limit(limit)
  return rows.map(({ row, at }) => ({ appointment: parseAppointment(row), at }))
}
