/** Waits for a ring or for a while, whichever comes first; a ring while nobody waits is remembered. */

export interface Doorbell {
  ring(): void
  /** At most `ms`; returns at once when it has rung since the last wait, or when the signal has aborted. */
  wait(ms: number): Promise<void>
}

export function doorbell(signal: AbortSignal): Doorbell {
  let rung = false
  let answer: (() => void) | undefined
  const ring = () => {
    rung = true
    answer?.()
  }
  signal.addEventListener('abort', ring)
  return {
    ring,
    wait: async (ms) => {
      if (!rung && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms)
          answer = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
      answer = undefined
      rung = false
    },
  }
}
