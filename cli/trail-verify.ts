/** An exported trail checked from its bytes, where a folder or file of one is given to `bevis verify`. */
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { type TrailReport, verifyTrail } from '#audit/verify-trail.ts'
import { CliError, usage } from './cli-error.ts'
import { readJsonInput } from './input.ts'
import type { Ink, Output } from './output.ts'

export interface CheckedTrail {
  readonly file: string
  readonly report: TrailReport
}

const exported = z.looseObject({
  log: z.string(),
  trail: z.string(),
  entries: z.array(z.looseObject({ leaf: z.base64url() })),
})

/** The trail in each folder that has one. `end` is `<n>:<hash>` of the last entry, from elsewhere. */
export function trailsIn(words: readonly string[], end: string | undefined): readonly CheckedTrail[] {
  const files = words.map((word) => join(word, 'trail.json')).filter((file) => existsSync(file))
  const head = end === undefined ? {} : { head: headIn(end) }
  return files.map((file) => {
    const read = exported.safeParse(readJsonInput(file))
    if (!read.success) {
      const mend = 'give a folder as bevis case export writes it'
      throw new CliError({ exit: 'failure', code: 'verify/no-trail', what: `${file} is no exported trail`, mend })
    }
    const { log, trail, entries } = read.data
    const leaves = entries.map(({ leaf }) => new Uint8Array(Buffer.from(leaf, 'base64url')))
    return { file, report: verifyTrail(leaves, { log, trail, ...head }) }
  })
}

function headIn(text: string): { n: number; hash: string } {
  const found = /^([0-9]{1,9}):([A-Za-z0-9_-]{43})$/.exec(text)
  if (found === null)
    throw usage('trail-end', 'that is no end of a trail', 'give <number>:<hash>, as bevis case export printed it')
  return { n: Number(found[1]), hash: found[2] ?? '' }
}

const inks: Readonly<Record<TrailReport['outcome'], Ink>> = {
  passed: 'green',
  failed: 'red',
  'could-not-check': 'yellow',
}
const words = { passed: 'passed', failed: 'FAILED', 'could-not-check': 'could not check' } as const
const sentences = {
  passed: 'Trail: WHOLE and unchanged.',
  failed: 'Trail: REFUSED.',
  'could-not-check': 'Trail: unchanged as far as it goes; not every check was made.',
} as const

export function trailText(
  { file, report: { outcome, checks, entries } }: CheckedTrail,
  paint: Output['paint'],
): string {
  return [
    `${paint('bold', basename(file))}  ${entries.length} entries`,
    ...checks.map(
      (one) => `  ${one.id.padEnd(13)} ${paint(inks[one.outcome], words[one.outcome].padEnd(15))}  ${one.because.en}`,
    ),
    paint(inks[outcome], sentences[outcome]),
  ].join('\n')
}
