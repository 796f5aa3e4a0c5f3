/** `npm run tamper`: every manipulation of the detection matrix on a copy of an honest world, and whether it was noticed. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../support/paths.ts'
import { joinServers, leaveServers } from '../support/test-servers.ts'
import { makeGolden } from './golden.ts'
import { manipulations } from './manipulations.ts'
import { tamperPage } from './page.ts'
import { honest, type Tried, tried } from './tried.ts'

const say = (line: string) => process.stdout.write(`${line}\n`)

const usage = `Usage: npm run tamper -- [options]
  --only TEXT   only manipulations whose words contain TEXT
  --write       writes docs/conformance/tamper.md as well`

function lineOf({ manipulation: { hand, what }, said, missed }: Tried): string {
  const codes = [...said].map(([check, { codes: all, exit }]) => {
    const end = exit === undefined ? '' : `, exit ${exit}`
    return `${check}: ${all.slice(0, 4).join(', ')}${end}`
  })
  const lost = missed.map((one) => `\n    MISSED ${one}`).join('')
  return `${missed.length === 0 ? 'shown ' : 'MISSED'}  ${hand.padEnd(11)}  ${what}\n        ${codes.join('; ')}${lost}`
}

async function run(only: string): Promise<number> {
  await joinServers(process.pid)
  const golden = await makeGolden()
  try {
    const wrong = await honest(golden)
    for (const one of wrong) say(`The honest world: ${one}`)
    let missed = wrong.length
    for (const manipulation of manipulations.filter(({ what }) => what.includes(only))) {
      const result = await tried(golden, manipulation)
      missed += result.missed.length
      say(lineOf(result))
    }
    say(missed === 0 ? 'Every manipulation was noticed.' : `${missed} were not as they must be.`)
    return missed === 0 ? 0 : 1
  } finally {
    await golden.dispose()
    await leaveServers(process.pid)
  }
}

function options(): { readonly only: string; readonly write: boolean } | undefined {
  try {
    const { values } = parseArgs({
      options: { only: { type: 'string', default: '' }, write: { type: 'boolean', default: false } },
    })
    return values
  } catch {
    return undefined
  }
}

const given = options()
if (given === undefined) {
  say(usage)
  process.exitCode = 2
} else {
  if (given.write) writeFileSync(join(root, 'docs', 'conformance', 'tamper.md'), tamperPage())
  process.exitCode = await run(given.only)
}
