/** How long the nightly reconciliation takes over a full store, beside reading every entry of it and nothing else; and the memory it takes. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from '#dev/stack-state.ts'
import { type Bench, type Figure, interleaved } from '../figure.ts'
import type { Ground } from '../ground.ts'
import { plant } from '../plant.ts'
import { compared, listed, type Row } from '../results.ts'
import { institution } from '../sender.ts'
import { untilDelivered } from '../until.ts'
import { together } from './automatic.ts'

export const reconciliation: Figure = {
  name: 'reconciliation',
  title: 'the record held against itself at 10⁴, 10⁵ and, with --full, 10⁶ stored cases, beside reading its entries',
  wantsNew: true,
  measure: async ({ ground, sizes, say }: Bench) => {
    for (const name of ['witness', 'relay', 'log', 'signing', 'pipeline'] as const) await ground.start(name)
    await together(ground, 200, 200)
    await untilDelivered(ground.admin)
    for (const name of ['intake', 'log', 'signing', 'pipeline'] as const) await ground.stop(name)
    const rows: Row[] = []
    for (const stored of [10_000, 100_000, ...(sizes.full ? [1_000_000] : [])]) {
      await plant(ground.admin, stored, say)
      await enterLog(ground)
      const found = await interleaved(sizes.runs, {
        reconciled: async () => reconciledOnce(ground),
        read: async () => readOnce(ground),
      })
      const took = found.reconciled.map(({ ms }) => ms)
      say(`  ${stored} stored: ${took.map(Math.round).join(', ')} ms; ${found.reconciled[0]?.differing} differ`)
      rows.push(
        compared({
          figure: `reconciliation: ${stored} stored cases`,
          unit: 'ms',
          beside: 'every entry read as JSON once, and nothing else',
          ours: took,
          theirs: found.read.map(({ ms }) => ms),
        }),
        listed(
          `reconciliation: ${stored} stored cases, most memory`,
          'MB',
          found.reconciled.map(({ megabytes }) => megabytes),
        ),
      )
    }
    return rows
  },
}

/** Gives planted entries their places in the log, and trails their heads: what differs would be listed, and nothing else be measured. */
async function enterLog({ admin }: Ground): Promise<void> {
  const settle = async () => {
    for (const table of ['leaf', 'trail', 'pending']) await admin.unsafe(`vacuum (analyze) audit.${table}`)
  }
  // Planned for tables as small as before the planting, this would take hours.
  await settle()
  await admin.begin(async (sql) => {
    await sql`set local session_replication_role = replica`
    await sql`delete from audit.pending`
    await sql`
      insert into audit.leaf (institution, idx, trail, n, leaf_hash)
      select e.institution, (select max(idx) from audit.leaf where institution = ${institution}) + row_number() over (),
        e.trail, e.n, e.leaf_hash from audit.entry e
      where e.institution = ${institution} and not exists (
        select from audit.leaf l where l.institution = e.institution and l.trail = e.trail and l.n = e.n)`
    await sql`
      update audit.trail t set head = e.leaf_hash from audit.entry e
      where e.institution = t.institution and e.trail = t.trail and e.n = t.n and e.leaf_hash <> t.head`
  })
  await settle()
}

interface Reconciled {
  readonly ms: number
  readonly differing: number
  /** The most memory the process ever had. */
  readonly megabytes: number
}

function reconciledOnce({ stack }: Ground): Reconciled {
  const script = join(root, 'bench/floors/reconcile.ts')
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', join(root, 'bench/floors/tell-memory.ts'), script, institution],
    { encoding: 'utf8', env: { ...process.env, ...stack.environment('pipeline') } },
  )
  if (status !== 0) throw new Error(`the record was not reconciled: ${stderr}`)
  const [ms = Number.NaN, differing = Number.NaN] = stdout.trim().split(' ').map(Number)
  return { ms, differing, megabytes: Number(stderr.trim().split('\n').at(-1)) / 1_000 }
}

async function readOnce({ admin }: Ground): Promise<Reconciled> {
  const began = performance.now()
  await admin`select count(*) from audit.entry where institution = ${institution} and convert_from(leaf, 'UTF8')::jsonb ? 'none'`
  return { ms: performance.now() - began, differing: 0, megabytes: 0 }
}
