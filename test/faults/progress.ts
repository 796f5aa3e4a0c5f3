/** What a run has done so far, on disk after every batch, so that an interrupted one can go on. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from '#dev/servers/processes.ts'
import type { Outcome } from './scenarios/scenario.ts'

export interface Done extends Outcome {
  readonly seconds: number
}

export interface Report {
  readonly seed: number
  readonly startedAt: string
  readonly minutes: number
  readonly totals: Readonly<Record<'scenarios' | Outcome['outcome'], number>>
  readonly scenarios: readonly Done[]
}

export interface Progress {
  readonly seed: number
  readonly startedAt: string
  /** Seconds of this and earlier parts of the run. */
  seconds: number
  readonly done: Done[]
}

const fileIn = (folder: string): string => join(folder, 'progress.json')

/** A new run, or with `resume` the one that was interrupted. @throws Error where there is none to resume */
export function openProgress(folder: string, { seed, resume }: { seed: number; resume: boolean }): Progress {
  const file = fileIn(folder)
  if (!resume) return { seed, startedAt: new Date().toISOString(), seconds: 0, done: [] }
  if (!existsSync(file)) throw new Error(`There is no run to resume in ${folder}`)
  return JSON.parse(readFileSync(file, 'utf8')) as Progress
}

export function keepProgress(folder: string, progress: Progress): void {
  writeWhole(fileIn(folder), JSON.stringify(progress))
}

export function reportOf({ seed, startedAt, seconds, done }: Progress): Report {
  const number = (outcome: Outcome['outcome']) => done.filter((one) => one.outcome === outcome).length
  const totals = {
    scenarios: done.length,
    passed: number('passed'),
    failed: number('failed'),
    skipped: number('skipped'),
  }
  return { seed, startedAt, minutes: Math.round(seconds / 6) / 10, totals, scenarios: done }
}

/** The last line of every run. */
export function summaryOf({ totals, seed, minutes }: Report): string {
  const { scenarios, passed, failed, skipped } = totals
  return `${scenarios} scenarios, ${passed} passed, ${failed} failed, ${skipped} skipped (seed ${seed}, ${minutes} minutes)`
}
