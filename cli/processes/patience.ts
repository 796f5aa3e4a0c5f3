/** Waiting for what a process stands on; without it the order in which servers start would decide whether we live. */
import { setTimeout as sleep } from 'node:timers/promises'
import { shortNameOf } from '#connectors/platform/safe-fields.ts'
import { Ended, type Life } from './life.ts'

const pauseMs = 1_000
const lineEveryMs = 10_000

export interface Wanted<T> {
  /** What is waited for and where, without secrets: `Postgres at db:5432`. */
  readonly what: string
  readonly attempt: () => Promise<T>
  /** True for a failure that waiting will not mend, like a wrong password. */
  readonly hopeless?: (error: unknown) => boolean
}

/**
 * Tries until it works, with a line every ten seconds, as long as it takes.
 * @throws Ended when the process is told to end first; a hopeless failure as it came
 */
export async function waitFor<T>(life: Life, { what, attempt, hopeless = () => false }: Wanted<T>): Promise<T> {
  let reason = 'no-answer-yet'
  const timer = setInterval(() => life.log('warn', `waiting for ${what}`, { code: reason }), lineEveryMs)
  try {
    for (;;) {
      if (life.ending.aborted) throw new Ended()
      const result = await Promise.race([attempt().then(worked, failed), ended(life.ending)])
      if (result.kind === 'worked') return result.value
      if (result.kind === 'ended') throw new Ended()
      if (hopeless(result.error)) throw result.error
      reason = shortNameOf(result.error)
      await sleep(pauseMs, undefined, { signal: life.ending }).catch(() => undefined)
    }
  } finally {
    clearInterval(timer)
  }
}

const worked = <T>(value: T) => ({ kind: 'worked', value }) as const
const failed = (error: unknown) => ({ kind: 'failed', error }) as const

function ended(signal: AbortSignal): Promise<{ readonly kind: 'ended' }> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve({ kind: 'ended' })
    else signal.addEventListener('abort', () => resolve({ kind: 'ended' }), { once: true })
  })
}
