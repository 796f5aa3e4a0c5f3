/** One question to the world with its answer; each is bounded in time, so that a dead server hides none of the others. */

/** `attention`: works, and somebody should look. `skipped`: not this process's, or not set here. */
export type Health = 'ok' | 'attention' | 'failed' | 'unreachable' | 'skipped'

export interface Answer {
  readonly health: Health
  readonly what: string
  /** For everything but `ok` and `skipped`. */
  readonly mend?: string
}

export interface Check {
  readonly id: string
  ask(): Promise<Answer>
}

export interface Checked extends Answer {
  readonly id: string
}

export const ok = (what: string): Answer => ({ health: 'ok', what })
export const skipped = (what: string): Answer => ({ health: 'skipped', what })
export const failed = (what: string, mend: string): Answer => ({ health: 'failed', what, mend })
export const attention = (what: string, mend: string): Answer => ({ health: 'attention', what, mend })
export const unreachable = (what: string, mend: string): Answer => ({ health: 'unreachable', what, mend })

/** How long one server is waited for. */
export const patienceMs = 5_000
/** A check as a whole, several questions. */
const longestMs = 12_000

/** All at once; what throws or hangs is an answer too. */
export function runChecks(checks: readonly Check[]): Promise<readonly Checked[]> {
  return Promise.all(checks.map(async (check) => ({ id: check.id, ...(await bounded(check)) })))
}

async function bounded(check: Check): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Answer>((resolve) => {
    const what = `no answer within ${longestMs / 1_000} s`
    timer = setTimeout(
      () => resolve(unreachable(what, 'see whether the server hangs, and what stands between')),
      longestMs,
    )
  })
  try {
    return await Promise.race([check.ask(), late])
  } catch (error) {
    return unreachable(`cannot be asked (${nameOf(error)})`, 'see that the address is right and the server runs')
  } finally {
    clearTimeout(timer)
  }
}

/** Code or kind of an error; messages of libraries can quote addresses with passwords. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const code: unknown = Reflect.get(error, 'code')
  if (typeof code === 'string' && /^[\w./-]{1,64}$/.test(code)) return code
  const cause = error.cause === undefined ? undefined : nameOf(error.cause)
  return cause === undefined || cause === 'Error' ? error.name : cause
}
