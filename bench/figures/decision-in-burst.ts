/** How long a person's decision takes while a burst is taken in, beside the same when nothing else happens; and what intake holds meanwhile. */
import { readFileSync } from 'node:fs'
import { Emitters } from '#dev/demo/emitters.ts'
import { type BurstReport, runBurst } from '../../test/faults/burst/run.ts'
import { thirds } from '../../test/faults/burst/watch.ts'
import type { Bench, Figure } from '../figure.ts'
import type { Ground } from '../ground.ts'
import { declaredLearner } from '../learners.ts'
import { compared, listed, type Row } from '../results.ts'
import { quantile } from '../statistics.ts'

const whole = { events: 100_000, decisions: 100, pauseMs: 1_000, patienceMs: 4 * 3_600_000 } as const
const small = { events: 2_000, decisions: 30, pauseMs: 50, patienceMs: 600_000 } as const
/** A 95th percentile of twenty is the slowest but one; of fewer it is the slowest, which is no praise, and of less than five nothing. */
const fewest = 5

export const decisionInBurst: Figure = {
  name: 'decision-in-burst',
  title: 'ms for a decision through the API while a burst is taken in, beside an idle system; memory of intake',
  measure: async ({ ground, sizes, say }: Bench) => {
    await ground.stop('pipeline')
    for (const name of ['witness', 'relay', 'log', 'signing', 'people', 'cohorts', 'api'] as const)
      await ground.start(name)
    await ground.start('intake', {})
    const size = sizes.full ? whole : small
    try {
      // One: every decision in it is a measurement.
      return rowsOf([await burst(ground, { ...size, say: (line) => say(`  ${line}`) })], size.events)
    } finally {
      for (const name of ['people', 'cohorts'] as const) await ground.stop(name)
    }
  },
}

type BurstSize = Omit<Parameters<typeof runBurst>[1], 'run' | 'learners'>

/** @throws Error where something is lost, doubled or left undone, or too few were decided to say anything */
async function burst(ground: Ground, size: BurstSize): Promise<BurstReport> {
  const { stack, admin, api } = ground
  const seed = readFileSync(stack.environment('cli')['BEVIS_NATS_SEED_FILE'] ?? '', 'utf8').trim()
  const emitters = new Emitters(stack, 'burst')
  try {
    const system = {
      stack,
      admin,
      api,
      emitters,
      natsAdmin: { url: stack.urls.nats, seed, name: 'admin' },
      dispose: () => emitters.close(),
    }
    const learners = Array.from({ length: size.decisions * 2 }, (_, index) => declaredLearner(index))
    const report = await runBurst(system, { ...size, run: 'burst', learners })
    for (const [when, decided] of [
      ['idle', report.idle],
      ['meanwhile', report.meanwhile],
    ] as const)
      size.say?.(`decisions ${when}, ms: ${decided.map(({ ms }) => Math.round(ms)).join(' ')}`)
    if (report.faults.length > 0) throw new Error(`after the burst: ${report.faults.slice(0, 5).join('; ')}`)
    for (const decided of [report.idle, report.meanwhile])
      if (decided.length < fewest) throw new Error(`only ${decided.length} decisions: a longer burst is needed`)
    return report
  } finally {
    await emitters.close()
  }
}

function rowsOf(reports: readonly BurstReport[], events: number): Row[] {
  const p95 = (pick: (report: BurstReport) => BurstReport['idle']) =>
    reports.map((report) =>
      quantile(
        pick(report).map(({ ms }) => ms),
        0.95,
      ),
    )
  const name = `decision-in-burst: of ${events} events`
  const held = (third: number) => reports.map(({ samples }) => thirds(samples)[third] ?? 0)
  return [
    compared({
      figure: `${name}, decision, p95`,
      unit: 'ms',
      ours: p95(({ meanwhile }) => meanwhile),
      beside: 'idle system',
      theirs: p95(({ idle }) => idle),
      aim: { atMost: 3 },
    }),
    listed(
      `${name}, decisions meanwhile`,
      'decisions',
      reports.map(({ meanwhile }) => meanwhile.length),
    ),
    listed(
      `${name}, taken in`,
      'messages/s',
      reports.map(({ messages, seconds }) => messages / seconds),
    ),
    listed(
      `${name}, decisions meanwhile that their case heard of later (202)`,
      'decisions',
      reports.map(({ meanwhile }) => meanwhile.filter(({ status }) => status === 202).length),
    ),
    listed(`${name}, peak memory of intake in the first third`, 'MiB', held(0)),
    listed(`${name}, peak memory of intake in the second third`, 'MiB', held(1)),
    listed(`${name}, peak memory of intake in the last third`, 'MiB', held(2)),
    listed(
      `${name}, most that waited in the stream`,
      'messages',
      reports.map(({ samples }) => Math.max(...samples.map(({ pending }) => pending))),
    ),
  ]
}
