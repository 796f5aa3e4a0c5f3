/**
 * How long one case takes by itself, event to credential, while nothing else happens. Beside it what it cannot do without: a bare
 * workflow with a step for each gate, and one checkpoint of the log, which nothing is signed without.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { openDb } from '#db/client.ts'
import type { Sent } from '#dev/demo/emitters.ts'
import { type Bench, type Figure, interleaved } from '../figure.ts'
import { openBare } from '../floors/bare-line.ts'
import type { Ground } from '../ground.ts'
import { compared } from '../results.ts'
import { caseOpenedBy } from '../sender.ts'
import { quantile } from '../statistics.ts'
import { tellAttendance, webinarOf } from '../webinar.ts'
import { alone as checkpoints } from './merge-delay.ts'

const patienceMs = 30_000
/** Cases before the first that counts: a system at rest has worked before, and code that runs for the first time takes twice as long. */
const warmUp = 60

export const latency: Figure = {
  name: 'latency',
  title:
    'ms from event to credential on an idle system, beside a bare workflow with a step for each gate and one checkpoint',
  measure: async ({ ground, sizes, say }: Bench) => {
    for (const name of ['witness', 'relay', 'log', 'signing', 'pipeline'] as const) await ground.start(name)
    await ground.start('intake', {})
    const bare = await openBare(ground)
    const pool = openDb(ground.stack.databaseUrl('bevis_pipeline'), ground.secrets, { max: 1 })
    try {
      const each = Math.max(20, Math.ceil(sizes.cases / 8))
      const ours = (count: number) => oneByOne(ground, count)
      const theirs = (count: number) => timed(Array.from({ length: count }), () => bare.through(false))
      await ours(warmUp)
      await theirs(warmUp)
      const found = await interleaved(sizes.runs, {
        ours: async () => told(say, 'event to credential', await ours(each)),
        bare: async () => told(say, 'bare workflow', await theirs(each)),
        checkpoint: async () => told(say, 'one checkpoint', await checkpoints(ground, pool, true)),
      })
      const least = (percent: number) =>
        found.bare.map(
          (all, run) => quantile(all, percent / 100) + quantile(found.checkpoint[run] ?? [], percent / 100),
        )
      return ([50, 95, 99] as const).map((percent) =>
        compared({
          figure: `latency: event to credential, p${percent}`,
          unit: 'ms',
          ours: found.ours.map((all) => quantile(all, percent / 100)),
          beside: 'bare workflow and one checkpoint',
          theirs: least(percent),
          ...(percent === 95 ? { aim: { atMost: 2 } } : {}),
        }),
      )
    } finally {
      await Promise.all([bare.close(), pool.close()])
    }
  },
}

function told(say: Bench['say'], what: string, all: readonly number[]): readonly number[] {
  say(`  ${what}: p50 ${quantile(all, 0.5).toFixed(0)} ms, p95 ${quantile(all, 0.95).toFixed(0)} ms`)
  return all
}

async function oneByOne(ground: Ground, count: number): Promise<number[]> {
  const webinar = webinarOf(ground, count)
  await tellAttendance(ground, webinar)
  return timed(webinar.completions, (completion) => untilSigned(ground, completion))
}

async function timed<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<number[]> {
  const took: number[] = []
  for (const item of items) {
    const began = performance.now()
    await work(item)
    took.push(performance.now() - began)
    // Idle means that the last one has come to rest: its events are out, its workflow is closed.
    await sleep(50)
  }
  return took
}

/** Looks every millisecond or two: less often would add to what is measured. */
async function untilSigned({ admin, sender }: Ground, completion: Sent): Promise<void> {
  const id = caseOpenedBy(completion)
  const deadline = performance.now() + patienceMs
  await sender.send([completion])
  for (;;) {
    const found = await admin`select 1 from credential where institution = 'norrsken' and case_id = ${id}`
    if (found.length > 0) return
    if (performance.now() > deadline) throw new Error(`${id} has no credential after ${patienceMs} ms`)
    await sleep(1)
  }
}
