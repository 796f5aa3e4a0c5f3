/** How long an entry waits for its place under a published checkpoint (audit-log §6.1: at most a second), idle and while many write. */
import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Db, inInstitution, openDb } from '#db/client.ts'
import { askForCheckpoint } from '#db/log.ts'
import { type Bench, type Figure, interleaved } from '../figure.ts'
import { openBareCheckpoint } from '../floors/bare-checkpoint.ts'
import type { Ground } from '../ground.ts'
import { compared, type Row } from '../results.ts'
import { institution } from '../sender.ts'
import { quantile } from '../statistics.ts'
import { appendOne, manyTrails, written } from '../writers.ts'

const targetMs = 1_000
const writers = 8
const each = 40
const patienceMs = 30_000

export const mergeDelay: Figure = {
  name: 'merge-delay',
  title: 'ms from an entry appended to a published checkpoint over it, idle and under 8 writers',
  measure: async ({ ground, sizes, say }: Bench) => {
    for (const name of ['witness', 'relay', 'log'] as const) await ground.start(name)
    const pool = openDb(ground.stack.databaseUrl('bevis_pipeline'), ground.secrets, { max: writers })
    const floor = await openBareCheckpoint(ground)
    try {
      const told = (what: string, work: () => Promise<readonly number[]>) => async () => {
        const all = await work()
        say(
          `  ${what}: p50 ${quantile(all, 0.5).toFixed(0)} ms, p95 ${quantile(all, 0.95).toFixed(0)} ms of ${all.length}`,
        )
        return all
      }
      const found = await interleaved(sizes.runs, {
        idle: told('idle, nobody waits', () => alone(ground, pool, false)),
        asked: told('idle, somebody waits', () => alone(ground, pool, true)),
        busy: told(`${writers} writers`, () => together(ground, pool)),
        bare: told('bare checkpoint', () => floor.times(each)),
      })
      const rows = (what: string, ours: readonly (readonly number[])[]) =>
        [50, 95].map((percent) => rowOf(`${what}, p${percent}`, percent / 100, { ours, bare: found.bare }))
      return [
        ...rows('idle, nobody waits', found.idle),
        ...rows('idle, somebody waits', found.asked),
        ...rows(`${writers} writers`, found.busy),
      ]
    } finally {
      await Promise.all([pool.close(), floor.close()])
    }
  },
}

interface Runs {
  readonly ours: readonly (readonly number[])[]
  readonly bare: readonly (readonly number[])[]
}

/** The aim is a time, not a share of the floor. */
function rowOf(what: string, q: number, { ours, bare }: Runs): Row {
  const row = compared({
    figure: `merge-delay: ${what}`,
    unit: 'ms',
    ours: ours.map((all) => quantile(all, q)),
    beside: 'bare checkpoint: commit, one durable answer over HTTP, commit',
    theirs: bare.map((all) => quantile(all, q)),
  })
  return { ...row, aim: `<= ${targetMs} ms`, met: row.value <= targetMs }
}

/** One entry after the other, each at a moment of its own in the log's pace; `asks` as the signing worker does, which waits for it. */
export async function alone(ground: Ground, pool: Db, asks: boolean): Promise<number[]> {
  const trails = manyTrails().slice(0, each)
  for (const trail of trails) {
    await sleep(randomInt(150, 850))
    await appendOne(pool, [trail])
    if (asks) await inInstitution(pool, institution, askForCheckpoint)
  }
  return delays(ground, trails)
}

async function together(ground: Ground, pool: Db): Promise<number[]> {
  const trails = manyTrails()
  await written(writers, () => appendOne(pool, trails))
  return delays(ground, trails)
}

/** As the database tells: from the time of the entry to the transaction that stores the first checkpoint over it. */
async function delays(ground: Ground, trails: readonly string[]): Promise<number[]> {
  for (const deadline = performance.now() + patienceMs; ; await sleep(100)) {
    const rows = await ground.admin<{ ms: number | null }[]>`
      select extract(epoch from (select c.published_at from audit.checkpoint c
        where c.institution = e.institution and c.size > l.idx order by c.size limit 1) - e.at)::float8 * 1000 as ms
      from audit.entry e left join audit.leaf l using (institution, trail, n)
      where e.institution = ${institution} and e.trail = any(${ground.admin.array([...trails])}::uuid[])`
    const known = rows.flatMap(({ ms }) => ms ?? [])
    if (known.length === rows.length) return known
    if (performance.now() > deadline) throw new Error(`${rows.length - known.length} entries are under no checkpoint`)
  }
}
