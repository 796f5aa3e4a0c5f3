/**
 * Counts for operators, by institution. Without them a queue would be noticed by whoever waits in it. What is still open is found by
 * index and is few; what has ended is many, so it is counted from the index alone and more seldom.
 */
import { sql } from 'drizzle-orm'
import { type Db, list } from '#db/client.ts'
import { type CaseState, caseStates, endStates, isEnd } from '#domain/issuance/state.ts'
import type { InstitutionId } from '#domain/words.ts'

const openStates = caseStates.filter((state) => !isEnd(state))

export interface OpenCases {
  readonly state: CaseState
  readonly step: string
  readonly cases: number
  readonly overdue: number
  /** Seconds; 0 where none waits. */
  readonly oldest: number
}

export interface InstitutionFigures {
  readonly open: readonly OpenCases[]
  readonly deadLetters: number
  /** Seconds; undefined where there is no key, or no list. */
  readonly keyAge: number | undefined
  readonly publishAge: number | undefined
}

/** For the role `bevis_relay`, which may read these columns and no more of these tables. */
export function institutionFigures(db: Db, institution: InstitutionId): Promise<InstitutionFigures> {
  return reading(db, institution, async (orm) => {
    const open = await orm.execute<{ [C in keyof OpenCases]: OpenCases[C] }>(sql`
      select state, step, count(*)::int as cases,
        count(*) filter (where waiting_until < clock_timestamp())::int as overdue,
        coalesce(extract(epoch from clock_timestamp() - min(waiting_since)), 0)::float8 as oldest
      from cases where institution = ${institution} and state = any(${list(openStates)}::text[]) group by state, step`)
    const [rest] = await orm.execute<{ letters: number; key: number | null; list: number | null }>(sql`
      select
        (select count(*) from dead_letter where institution = ${institution} and state = 'open')::int as letters,
        (select extract(epoch from clock_timestamp() - max(valid_from)) from issuer_key
          where institution = ${institution} and status = 'active')::float8 as key,
        (select extract(epoch from clock_timestamp() - min(published_at)) from status_list
          where institution = ${institution})::float8 as list`)
    return {
      open: [...open],
      deadLetters: rest?.letters ?? 0,
      keyAge: rest?.key ?? undefined,
      publishAge: rest?.list ?? undefined,
    }
  })
}

/** Cases that have ended, by state: an index-only scan over all of them. */
export function endedCases(
  db: Db,
  institution: InstitutionId,
): Promise<readonly { readonly state: string; readonly cases: number }[]> {
  return reading(db, institution, async (orm) => [
    ...(await orm.execute<{ state: string; cases: number }>(sql`
      select state, count(*)::int as cases from cases
      where institution = ${institution} and state = any(${list(endStates)}::text[]) group by state`)),
  ])
}

/** What waits in the outbox, of all institutions. */
export async function outboxFigures(
  db: Db,
): Promise<readonly { readonly kind: string; readonly pending: number; readonly oldest: number }[]> {
  return [
    ...(await db.orm.execute<{ kind: string; pending: number; oldest: number }>(sql`
      select kind, count(*)::int as pending,
        extract(epoch from clock_timestamp() - min(created_at))::float8 as oldest
      from outbox where done_at is null group by kind`)),
  ]
}

type Reader = Parameters<Parameters<Db['orm']['transaction']>[0]>[0]

function reading<T>(db: Db, institution: InstitutionId, work: (orm: Reader) => Promise<T>): Promise<T> {
  return db.orm.transaction(
    async (orm) => {
      await orm.execute(sql`select set_config('app.institution', ${institution}, true)`)
      return work(orm)
    },
    { accessMode: 'read only' },
  )
}
