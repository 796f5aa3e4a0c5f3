/** Lists of cases, page by page. Without keyset pages a list of a hundred thousand cases would be read to show fifty (design 13). */
import { and, asc, eq, gte, lt, type SQL, sql } from 'drizzle-orm'
import { type CaseRow, caseColumns, parseCase } from '#db/cases.ts'
import { among, list, type Tx } from '#db/client.ts'
import { humansOf } from '#db/humans.ts'
import { caseAppointment, cases } from '#db/schema/cases.ts'
import type { ApproverRole } from '#domain/case.ts'
import { type CaseState, caseStates, endStates, isEnd } from '#domain/issuance/state.ts'
import type { Band, CaseId, Instant, PersonId } from '#domain/words.ts'

/** From inclusive, until exclusive. */
export interface Period {
  readonly from?: Instant
  readonly until?: Instant
}

/** What a case must be to be listed; everything given must hold. */
export interface CaseFilter {
  readonly state?: CaseState
  /** Where in the cycle: `identity`, `approval` … */
  readonly step?: string
  /** Band promised. */
  readonly promised?: Band
  readonly achievement?: string
  readonly offering?: string
  readonly attempt?: number
  readonly occasion?: string
  readonly group?: string
  /** A name some column may hold, or ids it led to: any of them will do (db/queries/case-search.ts). */
  readonly called?: Called
  /** Whose cases; every id of the human being. */
  readonly persons?: readonly PersonId[]
  /** Only cases in which this human being is appointed to decide. */
  readonly appointed?: PersonId
  /** Whom no name of a place, and no identifier, may lead to: a list that finds somebody by it tells where they are. */
  readonly unfindable?: readonly PersonId[]
  /** Code of what the case waits for. */
  readonly waitingFor?: string
  /** Its deadline has passed. */
  readonly overdue?: boolean
  readonly ended?: boolean
  readonly test?: boolean
  readonly opened?: Period
  readonly changed?: Period
}

export interface Called {
  readonly ids: readonly CaseId[]
  readonly persons: readonly PersonId[]
  readonly columns: readonly ('achievement' | 'offering' | 'occasion' | 'groupId')[]
  readonly text: string
}

export const caseSorts = ['changed', 'opened', 'waitingUntil'] as const
/** `waitingUntil` lists only cases that have a deadline. */
export type CaseSort = (typeof caseSorts)[number]

export interface CaseSlice {
  /** Default `changed`. */
  readonly sort?: CaseSort
  /** Default: latest first; the nearest deadline first. */
  readonly order?: 'asc' | 'desc'
  /** The row beside which the slice begins; `backwards` reads towards the beginning of the list. */
  readonly from?: { readonly at: string; readonly id: string; readonly backwards?: boolean }
  readonly limit: number
}

export interface ListedCase {
  readonly row: CaseRow
  /** The sorted moment to the microsecond, as Postgres prints it: where the next slice begins. */
  readonly at: string
}

const moments = { changed: cases.changedAt, opened: cases.openedAt, waitingUntil: cases.waitingUntil } as const

/** Cases of the institution in the order asked for; in reverse when reading backwards. */
export async function listCases(tx: Tx, filter: CaseFilter, slice: CaseSlice): Promise<ListedCase[]> {
  const { sort = 'changed', from, limit } = slice
  const order = slice.order ?? (sort === 'waitingUntil' ? 'asc' : 'desc')
  const isRising = (order === 'asc') !== (from?.backwards === true)
  const moment = moments[sort]
  const direction = isRising ? sql`asc` : sql`desc`
  const rows = await tx.orm
    .select({ row: caseColumns, at: sql<string>`${moment}::text` })
    .from(cases)
    .where(
      and(
        await matching(tx, filter),
        sort === 'waitingUntil' ? sql`${moment} is not null` : undefined,
        from === undefined ? undefined : beyond(moment, { ...from, isRising }),
      ),
    )
    .orderBy(sql`${moment} ${direction}`, sql`${cases.id} ${direction}`)
    .limit(limit)
  return rows.map(({ row, at }) => ({ row: parseCase(row), at }))
}

/** Named one by one: those that are not ended are few, and are found by their state, not by passing over all that are. */
const goingStates = caseStates.filter((state) => !isEnd(state))

/** How many match, counted no further than `cap`. */
export async function countCases(tx: Tx, filter: CaseFilter, cap: number): Promise<number> {
  const some = tx.orm
    .select({ id: cases.id })
    .from(cases)
    .where(await matching(tx, filter))
    .limit(cap)
  const [row] = await tx.execute<{ count: number }>(sql`select count(*)::int as count from (${some}) as capped`)
  return row?.count ?? 0
}

async function matching(tx: Tx, filter: CaseFilter): Promise<SQL | undefined> {
  const { appointed, persons, called, waitingFor, overdue, ended, opened, changed } = filter
  return and(
    eq(cases.institution, tx.institution),
    same(cases.state, filter.state),
    same(cases.step, filter.step),
    same(cases.promised, filter.promised),
    same(cases.achievement, filter.achievement),
    same(cases.offering, filter.offering),
    same(cases.attempt, filter.attempt),
    same(cases.occasion, filter.occasion),
    same(cases.groupId, filter.group),
    same(cases.test, filter.test),
    persons === undefined ? undefined : among(cases.person, [...persons]),
    tellsWhere(filter) ? isFindable(filter.unfindable) : undefined,
    called === undefined ? undefined : isCalled(called, filter.unfindable),
    appointed === undefined ? undefined : holdsRole(await idsOf(tx, appointed)),
    waitingFor === undefined ? undefined : waitsFor(waitingFor),
    overdue === undefined ? undefined : isOverdue(overdue),
    ended === undefined ? undefined : among(cases.state, ended ? [...endStates] : goingStates),
    within(cases.openedAt, opened),
    within(cases.changedAt, changed),
  )
}

type Column = Parameters<typeof eq>[0]

function same(column: Column, value: string | number | boolean | undefined): SQL | undefined {
  return value === undefined ? undefined : eq(column, value)
}

function within(column: Column, period: Period | undefined): SQL | undefined {
  if (period === undefined) return undefined
  const { from, until } = period
  return and(from === undefined ? undefined : gte(column, from), until === undefined ? undefined : lt(column, until))
}

function tellsWhere({ offering, occasion, group, persons }: CaseFilter): boolean {
  return [offering, occasion, group, persons].some((one) => one !== undefined)
}

function isFindable(unfindable: readonly PersonId[] = []): SQL | undefined {
  return unfindable.length === 0 ? undefined : sql`not ${cases.person} = any(${list(unfindable)}::text[])`
}

/** The name led nowhere when all lists are empty: then nothing matches. An id of ours leads to everybody. */
function isCalled({ ids, persons, columns, text }: Called, unfindable?: readonly PersonId[]): SQL {
  const ways = [
    ...(ids.length === 0 ? [] : [sql`${cases.id} = any(${list(ids)}::text[])`]),
    ...(persons.length === 0
      ? []
      : [and(sql`${cases.person} = any(${list(persons)}::text[])`, isFindable(unfindable))]),
    ...columns.map((name) => and(eq(cases[name], text), name === 'achievement' ? undefined : isFindable(unfindable))),
  ].filter((way) => way !== undefined)
  return ways.length === 0 ? sql`false` : sql`(${sql.join(ways, sql` or `)})`
}

/** Said twice, because the first is what the index of waiting cases knows. */
function waitsFor(code: string): SQL | undefined {
  return and(
    sql`${cases.waitingFor} is not null`,
    sql`coalesce(${cases.waitingFor}->>'for', ${cases.waitingFor}->>'code') = ${code}`,
  )
}

function isOverdue(overdue: boolean): SQL {
  const past = sql`${cases.waitingUntil} < now()`
  return overdue ? past : sql`(${cases.waitingUntil} is null or not ${past})`
}

function beyond(
  moment: Column,
  { at, id, isRising }: { readonly at: string; readonly id: string; readonly isRising: boolean },
): SQL {
  const than = isRising ? sql`>` : sql`<`
  return sql`(${moment}, ${cases.id}) ${than} (${at}::timestamptz, ${id})`
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
    .orderBy(asc(cases.waitingUntil), asc(cases.id))
    .limit(limit)
  return rows.map(({ row, role }) => ({ row: parseCase(row), role: role as ApproverRole }))
}

async function idsOf(tx: Tx, person: PersonId): Promise<PersonId[]> {
  return (await humansOf(tx, [person])).get(person) ?? [person]
}

/** As a list of ids, so that the few cases of one approver are found from their appointments and not the other way round. */
function holdsRole(ids: readonly PersonId[]): SQL {
  return sql`${cases.id} in (select a.case_id from case_appointment a where a.institution = ${cases.institution}
    and a.ended_at is null and a.person = any(${list(ids)}::text[]))`
}
