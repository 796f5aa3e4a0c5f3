/** `npm run burst`: 100,000 events at once into a system of its own, and what became of them. Says how in docs/faults.md. */
import { parseArgs } from 'node:util'
import { quantile } from '../../bench/statistics.ts'
import type { Decided } from './burst/decisions.ts'
import { type BurstReport, runBurst } from './burst/run.ts'
import { thirds } from './burst/watch.ts'
import { openGround } from './ground.ts'

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '100000' },
    decisions: { type: 'string', default: '50' },
    minutes: { type: 'string', default: '60' },
  },
})

const say = (line: string): void => void process.stdout.write(`${line}\n`)

function tell(report: BurstReport): void {
  const { samples, messages, seconds } = report
  const held = (pick: 'pending' | 'inHand' | 'undelivered') => Math.round(Math.max(...samples.map((one) => one[pick])))
  const tenth = Math.ceil(samples.length / 10)
  say(
    [
      `messages          ${messages}, taken in within ${seconds} s (${Math.round(messages / seconds)}/s)`,
      `intake’s memory   ${samples
        .filter((_, index) => index % tenth === 0)
        .map(({ rss }) => Math.round(rss))
        .join(' ')} MiB over the run, at most ${thirds(samples).join(', ')} in its thirds`,
      `held back         at most ${held('pending')} in the stream, ${held('inHand')} in hand, ${held('undelivered')} in the outbox`,
      `decisions idle    ${latencies(report.idle)}`,
      `      meanwhile   ${latencies(report.meanwhile)}`,
      `faults            ${report.faults.length === 0 ? 'none' : report.faults.length}`,
      ...report.faults.slice(0, 20),
    ].join('\n'),
  )
}

function latencies(decided: readonly Decided[]): string {
  if (decided.length === 0) return 'none'
  const at = (share: number) =>
    Math.round(
      quantile(
        decided.map(({ ms }) => ms),
        share,
      ),
    )
  const later = decided.filter(({ status }) => status === 202).length
  return `${decided.length}: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms; ${later} reached their case later`
}

const ground = await openGround('burst')
try {
  const report = await runBurst(ground, {
    run: 'burst',
    events: Number(values.events),
    decisions: Number(values.decisions),
    pauseMs: 1_000,
    patienceMs: Number(values.minutes) * 60_000,
    say,
  })
  tell(report)
  process.exitCode = report.faults.length === 0 ? 0 : 1
} finally {
  await ground.dispose()
}
