/** What every figure is given and gives. */
import type { Ground } from './ground.ts'
import type { Row } from './results.ts'

export interface Sizes {
  /** Cases of one run on the automatic path; other figures take their share of it. */
  readonly cases: number
  /** How often everything is measured, each time beside its floor. */
  readonly runs: number
  /** The sizes of the issue: a burst of 100,000 events, a million stored cases. */
  readonly full: boolean
}

export interface Bench {
  readonly ground: Ground
  readonly sizes: Sizes
  /** What is going on, for whoever waits. */
  readonly say: (line: string) => void
}

export interface Figure {
  /** As on the command line, and before the colon in every row. */
  readonly name: string
  /** One line for the help. */
  readonly title: string
  /** True where it would be wrong beside what earlier figures left; nothing is measured on its ground afterwards. */
  readonly wantsNew?: true
  measure(bench: Bench): Promise<readonly Row[]>
}

/**
 * Measures everything `runs` times, in turns, so that a machine that grows slower or faster meanwhile does so for all.
 * @returns per measure what was found, run by run
 */
export async function interleaved<Name extends string, Found = number>(
  runs: number,
  measures: Readonly<Record<Name, (run: number) => Promise<Found>>>,
): Promise<Record<Name, Found[]>> {
  const names = Object.keys(measures) as Name[]
  const found = Object.fromEntries(names.map((name) => [name, [] as Found[]])) as Record<Name, Found[]>
  for (let run = 0; run < runs; run += 1) {
    // Every other time backwards: who is always first would always meet the coldest caches.
    for (const name of run % 2 === 0 ? names : names.toReversed()) found[name].push(await measures[name](run))
  }
  return found
}

/** Things per second. */
export function rate(count: number, beganMs: number, endedMs: number): number {
  return count / ((endedMs - beganMs) / 1_000)
}
