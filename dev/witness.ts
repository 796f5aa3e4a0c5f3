/** The witness of a stack. Its folder stands apart from all else the stack keeps, as its host would in earnest (docs/witness.md). */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cosigner } from '#audit/note-key.ts'

export const witnessName = 'witness.localhost/own'

export interface StackWitness {
  /** As others write it into their policies. */
  readonly vkey: string
  readonly url: string
  readonly keyFile: string
  readonly stateDir: string
  /** `<anything>.policy` with a line `log <vkey>` in it makes that log known, without a restart. */
  readonly logsDir: string
}

/** Its key is made at the first start. */
export function openWitness(dir: string, port: number): StackWitness {
  const folder = join(dir, 'witness')
  const logsDir = join(folder, 'logs')
  mkdirSync(logsDir, { recursive: true, mode: 0o700 })
  const keyFile = join(folder, 'key')
  if (!existsSync(keyFile)) writeFileSync(keyFile, randomBytes(32), { mode: 0o600, flag: 'wx', flush: true })
  const { vkey } = cosigner(witnessName, Uint8Array.from(readFileSync(keyFile)))
  return { vkey, url: `http://127.0.0.1:${port}`, keyFile, stateDir: join(folder, 'state'), logsDir }
}
