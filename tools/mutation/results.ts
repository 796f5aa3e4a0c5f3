/**
 * What the last run of each file of `audit/` found (`results.json`): reports of Stryker are large and stay where they were made, and a group
 * that is run again must not lose what is known of the others.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Group } from './groups.ts'

/** A change that no test noticed. */
export interface Survivor {
  readonly line: number
  /** The whole line it begins on. */
  readonly text: string
  readonly from: string
  readonly to: string
}

export interface Result {
  /** Day of the run. */
  readonly on: string
  /** SHA-256 of the file as it was then, and of its tests. */
  readonly file: string
  readonly tests: string
  readonly noticed: number
  readonly survived: number
  readonly untested: number
  readonly ignored: number
  readonly survivors: readonly Survivor[]
}

export type Results = Readonly<Record<string, Result>>

interface Place {
  readonly line: number
  readonly column: number
}

/** What is needed of a mutant (mutation-testing-report-schema). */
interface Mutant {
  readonly status: string
  readonly replacement?: string
  readonly location: { readonly start: Place; readonly end: Place }
}

interface FileReport {
  readonly source: string
  readonly mutants: readonly Mutant[]
}

export const house = join(import.meta.dirname, '..', '..')
const path = join(import.meta.dirname, 'results.json')

export function readResults(): Results {
  return JSON.parse(readFileSync(path, 'utf8')) as Results
}

/** Where Stryker leaves what it found in a group. */
export function reportPath(name: string): string {
  return join(house, '.bevis', `mutation-${name}.json`)
}

/**
 * Takes up the report of a group that has just run; files that are gone go from the results too.
 *
 * @param tests digest of its tests as they were when it began
 */
export function recordReport(name: string, tests: string): void {
  const { files } = JSON.parse(readFileSync(reportPath(name), 'utf8')) as { files: Record<string, FileReport> }
  const on = new Date().toISOString().slice(0, 10)
  const found = Object.entries(files).map(([file, one]) => [file, resultOf(one, on, tests)] as const)
  const all = Object.entries({ ...readResults(), ...Object.fromEntries(found) })
    .filter(([file]) => existsSync(join(house, file)))
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
  writeFileSync(path, `${JSON.stringify(Object.fromEntries(all), undefined, 2)}\n`)
}

function resultOf({ source, mutants }: FileReport, on: string, tests: string): Result {
  const count = (...statuses: readonly string[]) => mutants.filter(({ status }) => statuses.includes(status)).length
  const lines = source.split('\n')
  const survivors = mutants
    .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
    .toSorted((one, other) => one.location.start.line - other.location.start.line)
    .map(({ location, replacement = '' }) => {
      const { line } = location.start
      return { line, text: lines[line - 1] ?? '', from: between(lines, location), to: replacement }
    })
  return {
    on,
    file: digestOf(source),
    tests,
    noticed: count('Killed', 'Timeout'),
    survived: count('Survived'),
    untested: count('NoCoverage'),
    ignored: count('Ignored'),
    survivors,
  }
}

function between(lines: readonly string[], { start, end }: Mutant['location']): string {
  const some = lines.slice(start.line - 1, end.line)
  return some
    .map((line, at) => line.slice(at === 0 ? start.column - 1 : 0, at === some.length - 1 ? end.column - 1 : undefined))
    .join(' ')
}

export function digestOf(...texts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const text of texts) hash.update(text)
  return hash.digest('hex')
}

/** Of the tests of a group as they are now. */
export function testsDigest(tests: Group['tests']): string {
  return digestOf(...tests.map((test) => readFileSync(join(house, testPath(test)), 'utf8')))
}

export function testPath(test: string): string {
  return `test/audit/${test}.test.ts`
}
