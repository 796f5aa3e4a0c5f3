/** Where a stack keeps its logs: keys, files, and the policies that name its one witness (docs/log.md). */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from './servers/processes.ts'
import type { StackWitness } from './witness.ts'

export interface StackLog {
  readonly keysDir: string
  readonly policyDir: string
  /** What the API serves under `/log/`. */
  readonly dir: string
}

/** The witness learns of a log from the same policy that everybody believes it by. */
export function openLog(dir: string, { vkey, url, logsDir }: StackWitness): StackLog {
  const folder = join(dir, 'log')
  mkdirSync(folder, { recursive: true })
  writeWhole(join(logsDir, 'template.policy'), `witness own ${vkey} ${url}\nquorum own\n`, 0o644)
  return { keysDir: join(dir, 'secrets', 'log-keys'), policyDir: logsDir, dir: join(folder, 'files') }
}
