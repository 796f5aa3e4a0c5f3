/** The one table of exit codes (contracts §11): without it scripts could not tell "forged" from "could not ask". */

export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  'verification-failed': 3,
  'not-found': 4,
  'not-allowed': 5,
  conflict: 6,
  unreachable: 7,
  'could-not-verify': 8,
  interrupted: 130,
} as const

export type Exit = keyof typeof exitCodes

const meanings: Readonly<Record<Exit, string>> = {
  ok: 'ok',
  failure: 'failure',
  usage: 'wrong usage or configuration',
  'verification-failed': 'verification failed',
  'not-found': 'not found',
  'not-allowed': 'not allowed',
  conflict: 'conflict',
  unreachable: 'unreachable',
  'could-not-verify': 'could not verify',
  interrupted: 'interrupted',
}

/** The table as help prints it. */
export function describeExitCodes(): string {
  return Object.entries(exitCodes)
    .map(([exit, code]) => `${code} ${meanings[exit as Exit]}`)
    .join(' · ')
}
