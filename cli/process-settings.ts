/** Which process is meant and what it would be told, for the commands that look at one from outside. */
import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { type ProcessName, processes } from '#config/given.ts'
import { nearest } from '#events/near.ts'
import { CliError, usage } from './cli-error.ts'

/** Every process whose settings can be looked at. */
export const processNames: readonly ProcessName[] = [...processes, 'keys']

export const envFileOption = {
  'env-file': {
    value: '<file>',
    says: 'variables as NAME=value lines, as systemd and containers read them; the environment wins',
  },
} as const

/** The command line itself where nobody is named. @throws CliError `usage/process` */
export function processNamed(named = 'cli'): ProcessName {
  const name = processNames.find((one) => one === named)
  if (name !== undefined) return name
  const meant = nearest(named, processNames)
  const mend = meant === undefined ? `give one of ${processNames.join(', ')}` : `did you mean ${meant}?`
  throw usage('process', `there is no process ${named}`, mend)
}

/** @throws CliError `input/unreadable` */
export function variablesIn(file: string): Readonly<Record<string, string | undefined>> {
  try {
    return parseEnv(readFileSync(file, 'utf8'))
  } catch (cause) {
    const mend = 'check the path and that this user may read it'
    throw new CliError({ exit: 'not-found', code: 'input/unreadable', what: `${file} cannot be read`, mend }, { cause })
  }
}
