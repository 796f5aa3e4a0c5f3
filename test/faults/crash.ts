/** `npm run crash`: breaks the running system in every way we know and looks whether anything was lost or doubled. Says how in docs/faults.md. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { ExtraEnvironment } from '#dev/environment.ts'
import { writeWhole } from '#dev/servers/processes.ts'
import { root } from '../support/paths.ts'
import { makeTsa, startTsa } from '../support/tsa.ts'
import { type Clocks, clocks } from './clocks.ts'
import { dice, shuffled } from './dice.ts'
import { openGround } from './ground.ts'
import { hastyRegister } from './plays.ts'
import { passedPoints } from './points.ts'
import { keepProgress, openProgress, type Progress, reportOf, summaryOf } from './progress.ts'
import { clockBatches } from './scenarios/clock.ts'
import { diskBatches } from './scenarios/disk.ts'
import { deathMs, failpointBatches, rehearsal } from './scenarios/failpoints.ts'
import { killBatches } from './scenarios/kills.ts'
import type { Batch, Outcome } from './scenarios/scenario.ts'
import { streamBatches } from './scenarios/stream.ts'
import { openStage, type Stage } from './stage.ts'

/** They need logs that stand still, which the running system has none of. */
const ofCommands = 'npx vitest run test/faults/log-commands.test.ts'

const usage = `Usage: npm run crash -- [options]
  --seed N       chance, so that a run can be repeated (default: the day)
  --only TEXT    only scenarios whose name contains TEXT (the rehearsal always runs); the points of bevis log recover and
                 bevis log succeed, called cli …, are walked by ${ofCommands} instead
  --kills N      how many times a server is killed (default 30)
  --together N   failpoints armed in one round (default 8, --short 12; 1 tells exactly which one broke something)
  --count N      at most so many scenarios
  --minutes N    begins nothing new after so many minutes
  --resume       goes on where an interrupted run stopped, with its seed
  --folder PATH  where progress and report are kept (default .bevis/crash)
  --short        what npm test runs: one round of failpoints, three kills, a replay`

/** Where most can go wrong: between what is done and what is told of it. */
const telling = [
  'intake record 1 after-commit',
  'intake wake 1 after-commit',
  'pipeline approval 1 after-commit',
  'pipeline clearance 1 after-effect',
  'signing sign 1 after-commit',
  'signing sign 2 before',
  'relay event 1 after-effect',
  'api POST /v1/institutions/:institution/cases/:id/decisions 1 after-commit',
]

/** Of the log and its witness the short run takes so many points; the seed says which. */
const logPoints = 4
const isOfLog = (point: string): boolean => /^(?:log|witness) (?!unnamed)/.test(point)

interface Options {
  readonly seed: number
  readonly only: string
  readonly kills: number
  readonly together: number
  readonly count: number
  readonly minutes: number
  readonly resume: boolean
  readonly folder: string
  readonly short: boolean
}

function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: new Date().toISOString().slice(0, 10).replaceAll('-', '') },
      only: { type: 'string', default: '' },
      kills: { type: 'string' },
      together: { type: 'string' },
      count: { type: 'string', default: 'Infinity' },
      minutes: { type: 'string', default: 'Infinity' },
      resume: { type: 'boolean', default: false },
      folder: { type: 'string', default: join(root, '.bevis', 'crash') },
      short: { type: 'boolean', default: false },
    },
  })
  const { only, resume, folder, short } = values
  const kills = Number(values.kills ?? (short ? 3 : 30))
  const atOnce = values.together ?? (short ? '12' : '8')
  const [seed, together, count, minutes] = [values.seed, atOnce, values.count, values.minutes].map(Number)
  if (/\bcli\b/.test(only)) throw new TypeError('a point of a command')
  const numbers = { seed: seed ?? 0, together: together ?? 8, count: count ?? 0, minutes: minutes ?? 0, kills }
  if (Object.values(numbers).some((number) => Number.isNaN(number) || number < 0)) throw new TypeError('not a number')
  return { ...numbers, only, resume, folder, short }
}

/** The whole run. The system is new each time; what an earlier part has shown is not shown again. */
async function run(options: Options): Promise<number> {
  const progress = openProgress(options.folder, options)
  const wrong = clocks()
  const scratch = mkdtempSync(join(tmpdir(), 'bevis-crash-'))
  const stamping = await stampingAuthority(scratch)
  const extra: ExtraEnvironment = (member) => ({
    ...wrong.environment(member),
    ...(member === 'log' ? stamping.environment : {}),
    ...(member === 'postgres' ? {} : { BEVIS_FAILPOINTS_DIR: scratch }),
  })
  const register = hastyRegister(scratch)
  const ground = await openGround(`crash-${progress.done.length}`, {
    register,
    extra,
    patienceMs: 120_000 + options.together * deathMs,
  })
  try {
    const stage = await openStage(ground, {
      seed: progress.seed + progress.done.length,
      failpoints: scratch,
      register,
    })
    await runAll(stage, { options, progress, wrong })
    await stage.line.close()
  } finally {
    await ground.dispose()
    await stamping.close()
    rmSync(scratch, { recursive: true, force: true })
  }
  const report = reportOf(progress)
  writeWhole(join(options.folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`)
  say(summaryOf(report))
  return report.totals.failed > 0 || report.totals.passed === 0 ? 1 : 0
}

/** What the log is told hourly and daily happens in every round here: heads, time-stamps, the reading of the whole log. */
async function stampingAuthority(scratch: string) {
  const tsa = makeTsa()
  const authority = await startTsa((query) => tsa.reply(query))
  const certificates = join(scratch, 'tsa.pem')
  writeFileSync(certificates, tsa.root)
  return {
    environment: {
      BEVIS_LOG_HEADS_EVERY: '10',
      BEVIS_LOG_CHECK_EVERY: '10',
      BEVIS_ANCHOR_EVERY: '10',
      BEVIS_TSA_URL: authority.url,
      BEVIS_TSA_CERTIFICATES_FILE: certificates,
    },
    close: async () => {
      await authority.close()
      tsa.dispose()
    },
  }
}

interface Run {
  readonly options: Options
  readonly progress: Progress
  readonly wrong: Clocks
}

/** The rehearsal first, and again when a run is resumed: only then are all points known. */
async function runAll(stage: Stage, run: Run): Promise<void> {
  const { options, progress, wrong } = run
  const rehearsed = progress.done.findIndex(({ name }) => rehearsal.names.includes(name))
  if (rehearsed !== -1) progress.done.splice(rehearsed, 1)
  await runBatches(stage, run, [rehearsal])
  const ofLog = shuffled(passedPoints(stage.failpoints).filter(isOfLog), dice(progress.seed)).slice(0, logPoints)
  const isWanted = (point: string): boolean => {
    const name = `dies at ${point}`
    if (options.short && !telling.includes(point) && !ofLog.includes(point)) return false
    return name.includes(options.only) && !progress.done.some((done) => done.name === name)
  }
  const points = failpointBatches(stage, { seed: progress.seed, together: options.together, isWanted })
  const [replay] = streamBatches.filter(({ names }) => names.some((name) => name.includes('forgotten')))
  const rest = options.short
    ? [...points, ...killBatches(options.kills), ...(replay === undefined ? [] : [replay])]
    : [...points, ...killBatches(options.kills), ...streamBatches, ...clockBatches(wrong), ...diskBatches]
  const names = [...progress.done.map(({ name }) => name), ...rest.flatMap((batch) => batch.names)]
  // The rehearsal alone would pass, and show nothing of what was asked for.
  if (!names.some((name) => name.includes(options.only))) throw new Error(`no scenario is called …${options.only}…`)
  await runBatches(stage, run, rest)
}

async function runBatches(stage: Stage, { options, progress }: Run, batches: readonly Batch[]): Promise<void> {
  for (const batch of batches) {
    const isDone = batch.names.every((name) => progress.done.some((done) => done.name === name))
    const isAsked = batch.names.some((name) => name.startsWith('rehearsal') || name.includes(options.only))
    if (isDone || !isAsked || progress.done.length >= options.count) continue
    if (progress.seconds > options.minutes * 60) continue
    await runBatch(stage, progress, batch)
    keepProgress(options.folder, progress)
  }
}

async function runBatch(stage: Stage, progress: Progress, batch: Batch): Promise<void> {
  const began = Date.now()
  const outcomes = await batch.run(stage).catch((error: unknown): Outcome[] => {
    const because = [error instanceof Error ? (error.stack ?? error.message) : String(error)]
    return batch.names.map((name) => ({ name, outcome: 'failed', because }))
  })
  const seconds = Math.round((Date.now() - began) / 1000)
  progress.seconds += seconds
  for (const outcome of outcomes) {
    progress.done.push({ ...outcome, seconds })
    say(`${outcome.outcome.padEnd(8)}${outcome.name}  (${seconds} s)`)
    for (const line of outcome.because ?? []) say(`        ${line}`)
  }
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)

try {
  process.exitCode = await run(readOptions(process.argv.slice(2)))
} catch (error) {
  const isUsage = error instanceof TypeError
  process.stderr.write(`${isUsage ? usage : String(error)}\n`)
  process.exitCode = isUsage ? 2 : 1
}
