/** `npm run bench`: every figure beside its floor, in one run on this machine; writes bench/results.json. */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '#dev/stack-state.ts'
import type { Figure, Sizes } from './figure.ts'
import { appends } from './figures/appends.ts'
import { automatic } from './figures/automatic.ts'
import { decisionInBurst } from './figures/decision-in-burst.ts'
import { fullPath } from './figures/full-path.ts'
import { growth } from './figures/growth.ts'
import { intake } from './figures/intake.ts'
import { latency } from './figures/latency.ts'
import { mergeDelay } from './figures/merge-delay.ts'
import { perCase } from './figures/per-case.ts'
import { reconciliation } from './figures/reconciliation.ts'
import { signing } from './figures/signing.ts'
import { wholeLog } from './figures/whole-log.ts'
import { openGround } from './ground.ts'
import { type Row, table, writeResults } from './results.ts'

const figures: readonly Figure[] = [
  automatic,
  perCase,
  signing,
  appends,
  mergeDelay,
  fullPath,
  latency,
  intake,
  decisionInBurst,
  growth,
  reconciliation,
  wholeLog,
]

const usage = `Usage: npm run bench [-- [figure …] [--cases n] [--runs n] [--full]]
  --cases n  cases of one run on the automatic path (default 400)
  --runs n   how often each figure is measured beside its floor (default 3)
  --full     the whole burst and a million stored cases; takes hours

${figures.map(({ name, title }) => `  ${name.padEnd(20)}${title}`).join('\n')}`

interface Asked {
  readonly chosen: readonly Figure[]
  readonly sizes: Sizes
}

function read(args: readonly string[]): Asked | undefined {
  const options = {
    cases: { type: 'string', default: '400' },
    runs: { type: 'string', default: '3' },
    full: { type: 'boolean', default: false },
  } as const
  try {
    const { positionals, values } = parseArgs({ args: [...args], options, allowPositionals: true })
    const sizes = { cases: Number(values.cases), runs: Number(values.runs), full: values.full }
    const unknown = positionals.filter((name) => !figures.some((figure) => figure.name === name))
    if (unknown.length > 0 || !(sizes.cases >= 50) || !(sizes.runs >= 1)) return undefined
    return { chosen: figures.filter(({ name }) => positionals.length === 0 || positionals.includes(name)), sizes }
  } catch {
    return undefined
  }
}

async function run({ chosen, sizes }: Asked): Promise<number> {
  const say = (line: string) => console.error(line)
  let ground = await openGround(say)
  let used = false
  const rows: Row[] = []
  const failed: string[] = []
  try {
    for (const figure of chosen) {
      say(`${figure.name}: ${figure.title}`)
      try {
        if (figure.wantsNew && used) {
          await ground.close()
          ground = await openGround(say)
        }
        used = true
        const measured = await figure.measure({ ground, sizes, say })
        rows.push(...measured)
        // What was measured stays, whatever becomes of the others.
        writeResults(join(root, 'bench', 'results.json'), measured)
        console.log(table(measured))
      } catch (error) {
        failed.push(figure.name)
        say(`${figure.name} could not be measured: ${error instanceof Error ? error.stack : String(error)}`)
      }
    }
  } finally {
    await ground.close()
  }
  const missed = rows
    .filter(({ met }) => met === false)
    .map(({ figure, value, unit, ratio, aim }) => `  ${figure}: ${value} ${unit}, ratio ${ratio}, aim ${aim}`)
  if (missed.length > 0) console.log(`\nMissed:\n${missed.join('\n')}`)
  return failed.length === 0 ? 0 : 1
}

const asked = read(process.argv.slice(2))
if (asked === undefined) {
  console.error(usage)
  process.exitCode = 2
} else {
  process.exitCode = await run(asked)
}
