/** Doing the same again while a server is away; only for what may be done twice. */
import { setTimeout as sleep } from 'node:timers/promises'
import { CliError } from './cli-error.ts'

const firstMs = 500
const longestMs = 15_000

export interface Patience {
  /** How long to go on, in milliseconds; 0 tries once. */
  readonly ms: number
  /** Told before each new try. */
  readonly note: (line: string) => void
}

/** Repeats what ends with `unreachable`, with growing pauses. @throws CliError the last one, or at once any other */
export async function patiently<T>({ ms, note }: Patience, work: () => Promise<T>): Promise<T> {
  const end = performance.now() + ms
  for (let tries = 0; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      // Never all senders at the same moment after an outage.
      const pause = Math.min(longestMs, firstMs * 2 ** Math.min(tries, 10)) * (0.5 + Math.random() / 2)
      const isAway = error instanceof CliError && error.exit === 'unreachable'
      if (!isAway || performance.now() + pause > end) throw error
      note(`${error.what}; trying again`)
      await sleep(pause)
    }
  }
}
