/** What one case costs on the automatic path: durable steps, statements, log bytes, processor time, history. */
import { readdirSync, readFileSync } from 'node:fs'
import type { StackMember } from '#dev/stack.ts'
import type { Bench, Figure } from '../figure.ts'
import type { Ground } from '../ground.ts'
import { listed, type Row } from '../results.ts'
import { untilDelivered } from '../until.ts'
import { together } from './automatic.ts'

const members = ['intake', 'pipeline', 'signing', 'relay', 'postgres', 'temporal', 'nats'] as const
/** Of /proc/<pid>/stat; the same on every Linux that Node runs on. */
const ticksPerSecond = 100

export const perCase: Figure = {
  name: 'per-case',
  title: 'durable steps, SQL statements, WAL, CPU and history of one case, alone and in groups',
  measure: async ({ ground, sizes, say }: Bench) => {
    for (const name of ['witness', 'relay', 'log', 'signing', 'pipeline'] as const) await ground.start(name)
    await together(ground, 50, 50)
    const rows: Row[] = []
    for (const [group, cases] of [
      [1, Math.ceil(sizes.cases / 8)],
      [50, sizes.cases],
      [200, sizes.cases],
    ] as const) {
      say(`  groups of ${group}`)
      const found = await costOf(ground, cases, group)
      rows.push(...found.map(([what, unit, value]) => listed(`per-case: groups of ${group}, ${what}`, unit, [value])))
    }
    return rows
  },
}

type Cost = readonly [what: string, unit: string, value: number]

async function costOf(ground: Ground, cases: number, group: number): Promise<Cost[]> {
  const { admin } = ground
  const costs: Cost[] = []
  await together(ground, cases, group, async (work) => {
    const [from] = await admin<{ lsn: string; at: string }[]>`
      select pg_current_wal_insert_lsn()::text as lsn, clock_timestamp()::text as at`
    await admin`select pg_stat_statements_reset()`
    const before = members.map((member) => cpuMs(ground, member))
    await work()
    await untilDelivered(admin)
    const after = members.map((member) => cpuMs(ground, member))
    if (from === undefined) throw new Error('Postgres does not say where its log stands')
    const [wal] = await admin<{ bytes: number }[]>`
      select (pg_current_wal_insert_lsn() - ${from.lsn}::pg_lsn)::float8 as bytes`
    const [statements] = await admin<{ calls: number }[]>`
      select coalesce(sum(calls), 0)::float8 as calls
      from pg_stat_statements s join pg_roles r on r.oid = s.userid where r.rolname like 'bevis_%'`
    costs.push(
      ['SQL statements, BEGIN and COMMIT among them', 'statements', statements?.calls ?? 0],
      ['WAL', 'bytes', wal?.bytes ?? 0],
      ...members.map((member, index): Cost => [`CPU of ${member}`, 'ms', (after[index] ?? 0) - (before[index] ?? 0)]),
      ...(await historiesSince(ground, from.at)),
    )
  })
  return costs.map(([what, unit, value]) => [what, unit, value / cases])
}

/** Sums over every workflow that was started since. */
async function historiesSince({ admin, temporal }: Ground, at: string): Promise<Cost[]> {
  const rows = await admin<{ target: string }[]>`
    select distinct target from outbox where kind = 'start' and created_at >= ${at}::timestamptz`
  const sums = { events: 0, tasks: 0, local: 0, activities: 0, bytes: 0 }
  for (const { target } of rows) {
    const handle = temporal.client.workflow.getHandle(target)
    await handle.result()
    const { events } = await handle.fetchHistory()
    const having = (attributes: string) =>
      (events ?? []).filter((event) => Reflect.get(event, attributes) != null).length
    sums.events += events?.length ?? 0
    sums.tasks += having('workflowTaskCompletedEventAttributes')
    sums.local += having('markerRecordedEventAttributes')
    sums.activities += having('activityTaskScheduledEventAttributes')
    sums.bytes += (await handle.describe()).historySize ?? 0
  }
  return [
    ['workflows', 'workflows', rows.length],
    ['history events', 'events', sums.events],
    ['workflow tasks', 'tasks', sums.tasks],
    ['local activities', 'activities', sums.local],
    ['activities', 'activities', sums.activities],
    ['history', 'bytes', sums.bytes],
  ]
}

/** Processor time so far; of Postgres with everyone who serves, or served, a connection. */
function cpuMs(ground: Ground, member: StackMember): number {
  const pid = ground.pidOf(member)
  if (pid === undefined) throw new Error(`${member} does not run`)
  const own = statOf(pid)
  if (member !== 'postgres') return asMs(own.used)
  const children = readdirSync('/proc').flatMap((name) => {
    const stat = /^[0-9]+$/.test(name) ? statOf(Number(name)) : undefined
    return stat?.parent === pid ? stat.used : []
  })
  return asMs(own.used + own.usedByChildren + children.reduce((sum, used) => sum + used, 0))
}

function statOf(pid: number) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const at = (index: number) => fields[index] ?? 0
    return { parent: at(1), used: at(11) + at(12), usedByChildren: at(13) + at(14) }
  } catch {
    // It ended while we looked; its parent tells of it.
    return { parent: 0, used: 0, usedByChildren: 0 }
  }
}

function asMs(ticks: number): number {
  return (ticks * 1_000) / ticksPerSecond
}
