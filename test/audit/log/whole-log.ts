/** A log of 700 entries of one trail as a folder, and copies of it with one thing done to each. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { ed25519Signer } from '#audit/note-key.ts'
import { leavesOf, opened, log as origin } from '../sample.ts'
import { writeLog } from './folder.ts'

/** Does something to files of a log, found by their paths in it. */
export type Damage = (at: (path: string) => string) => void

export interface WholeLog {
  /** For more logs; gone when the file's tests have run. */
  readonly folder: string
  readonly whole: string
  /** @returns the folder of a copy */
  readonly damaged: (name: string, damage: Damage) => string
}

export const signer = ed25519Signer(origin, new Uint8Array(32).fill(3))

export const trailOf = (count: number) => leavesOf(Array.from({ length: count }, () => opened))

/** Called once, at the top of a file of tests. */
export function wholeLog(): WholeLog {
  const folder = mkdtempSync(join(tmpdir(), 'bevis-log-'))
  const whole = join(folder, 'whole')
  beforeAll(() => {
    writeLog(whole, trailOf(700), signer)
  })
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })
  const damaged = (name: string, damage: Damage) => {
    const copy = join(folder, name.replaceAll(/\W+/g, '-'))
    cpSync(whole, copy, { recursive: true })
    damage((path) => join(copy, path))
    return copy
  }
  return { folder, whole, damaged }
}

/** Turns one bit of a file. */
export function flip(path: string, at: number): void {
  const bytes = readFileSync(path)
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(path, bytes)
}
