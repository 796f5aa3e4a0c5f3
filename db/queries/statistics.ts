/** How the cases of a period went, counted by the database. Without it somebody would list all cases to answer how many there are. */
import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '#db/client.ts'
import type { Count } from '#domain/small-counts.ts'
import type { Instant } from '#domain/words.ts'

/** Cases opened in the period; `until` is exclusive. */
export interface StatisticsFilter {
  readonly from: Instant
  readonly until: Instant
  readonly achievement?: string
  /** Default: everything but tests. */
  readonly test: boolean
}

export type CountedBy = 'state' | 'band' | 'achievement' | 'month' | 'waitingFor' | 'refusedBy'

export const stretches = ['judging', 'approval', 'signing', 'whole', 'waiting'] as const
export type Stretch = (typeof stretches)[number]

export interface Duration {
  readonly stretch: Stretch
  readonly cases: number
  /** Seconds. */
  readonly median: number
  readonly p90: number
}

/** How many, by each dimension; largest first. One statement over the index on opening times. */
export async function countsOf(tx: Tx, filter: StatisticsFilter): Promise<Record<CountedBy, Count[]>> {
  const rows = await tx.execute<{ by: CountedBy; name: string; count: number }>(sql`
    with chosen as (${chosen(tx, filter)}), counted as (
      select case when grouping(state) = 0 then 'state' when grouping(promised) = 0 then 'band'
          when grouping(achievement) = 0 then 'achievement' when grouping(waits) = 0 then 'waitingFor' else 'month' end as by,
        coalesce(state, promised, achievement, month, waits) as name, count(*)::int as count
      from chosen group by grouping sets ((state), (promised), (achievement), (month), (waits))
    ), latest as (
      select distinct on (v.case_id, v.gate) v.case_id, v.result
      from verdict v join chosen c on c.id = v.case_id and c.state in ('refused', 'stopped', 'waiting')
      where v.institution = ${tx.institution} order by v.case_id, v.gate, v.evidence_version desc
    ), refusals as (
      select 'refusedBy' as by, f ->> 'rule' as name, count(distinct l.case_id)::int as count
      from latest l, jsonb_array_elements(l.result #> '{verdict,findings}') as f where f ->> 'outcome' <> 'passed' group by 2
    )
    select by, name, count from counted where name is not null union all select by, name, count from refusals
    order by by, count desc, name`)
  const of = (dimension: CountedBy) =>
    rows.filter(({ by }) => by === dimension).map(({ name, count }): Count => ({ name, count }))
  return {
    state: of('state'),
    band: of('band'),
    achievement: of('achievement'),
    month: of('month'),
    waitingFor: of('waitingFor'),
    refusedBy: of('refusedBy'),
  }
}

/**
 * How long each stretch took: `judging` from the opening to the last verdict on the level before a decision, `approval` from there
 * to the last approval, `signing` from there to the first signature, `whole` all of it; `waiting` is how long cases that wait now
 * have waited.
 */
export async function durationsOf(tx: Tx, filter: StatisticsFilter): Promise<Duration[]> {
  const rows = await tx.execute<{ stretch: Stretch; cases: number; median: number; p90: number }>(sql`
    with chosen as (${chosen(tx, filter)}), judged as (
      select v.case_id, max(v.at) as at from verdict v join chosen c on c.id = v.case_id
      where v.institution = ${tx.institution} and v.gate = 'evidence-level' group by 1
    ), approved as (
      select d.case_id, max(d.at) as at from decision d join chosen c on c.id = d.case_id
      where d.institution = ${tx.institution} and d.outcome = 'approve' group by 1
    ), signed as (
      select s.case_id, min(s.issued_at) as at from credential s join chosen c on c.id = s.case_id
      where s.institution = ${tx.institution} group by 1
    ), taken as (
      select 'judging' as stretch, j.at - c.opened_at as took from chosen c join judged j on j.case_id = c.id
      union all select 'approval', a.at - j.at from judged j join approved a using (case_id)
      union all select 'signing', s.at - coalesce(a.at, j.at) from signed s join judged j using (case_id) left join approved a using (case_id)
      union all select 'whole', s.at - c.opened_at from chosen c join signed s on s.case_id = c.id
      union all select 'waiting', now() - c.waiting_since from chosen c where c.waiting_since is not null
    ), seconds as (
      select stretch, greatest(extract(epoch from took), 0)::float8 as took from taken
    )
    select stretch, count(*)::int as cases, percentile_cont(0.5) within group (order by took) as median,
      percentile_cont(0.9) within group (order by took) as p90
    from seconds group by stretch`)
  return stretches.flatMap((stretch) => rows.find((row) => row.stretch === stretch) ?? [])
}

function chosen(tx: Tx, { from, until, achievement, test }: StatisticsFilter): SQL {
  const only = achievement === undefined ? sql`` : sql` and achievement = ${achievement}`
  return sql`
    select id, state, promised, achievement, opened_at, waiting_since, to_char(opened_at at time zone 'UTC', 'YYYY-MM') as month,
      coalesce(waiting_for ->> 'code', waiting_for ->> 'for', waiting_for ->> 'kind') as waits
    from cases where institution = ${tx.institution} and opened_at >= ${from}::timestamptz and opened_at < ${until}::timestamptz
      and test = ${test}${only}`
}
