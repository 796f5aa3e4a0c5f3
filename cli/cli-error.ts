/** How a command fails: without a code, what happened and how to mend it, a person at a terminal is left with a stack trace. */
import type { Exit } from './exit-codes.ts'

export interface Complaint {
  readonly exit: Exit
  /** Stable, for scripts: `usage/unknown-option`, `api/stale_decision` … */
  readonly code: string
  readonly what: string
  readonly mend: string
}

/** Ends a command. Shown as `code`, what, how to mend; with `--json` as one document on standard error. */
export class CliError extends Error implements Complaint {
  readonly exit: Exit
  readonly code: string
  readonly what: string
  readonly mend: string

  constructor({ exit, code, what, mend }: Complaint, options?: ErrorOptions) {
    super(`${code}: ${what}`, options)
    this.name = 'CliError'
    this.exit = exit
    this.code = code
    this.what = what
    this.mend = mend
  }
}

/** A command line that makes no sense. */
export function usage(code: string, what: string, mend: string): CliError {
  return new CliError({ exit: 'usage', code: `usage/${code}`, what, mend })
}
