/** How slowly files may come: a server that sends a byte now and then would otherwise hold whoever checks its log for days. */

export interface Pace {
  /** Bytes a second that every file must come with, beyond what it may take however small. */
  readonly bytesPerSecond: number
  readonly fileMs: number
  /** How late one file may be by that, and all of them together. */
  readonly lateMs: number
  readonly allLateMs: number
}

/** Eight files are read at once: a line of one megabit a second keeps up, and one that is away for a minute now and then is waited for. */
export const usualPace: Pace = { bytesPerSecond: 16_384, fileMs: 2_000, lateMs: 30_000, allLateMs: 600_000 }

/** Asks for one file; `signal` aborts when it is too late. `came` is told the bytes there are. */
type Asking<T> = (signal: AbortSignal, came: (bytes: number) => void) => Promise<T>

export interface Patience {
  ask<T>(asking: Asking<T>): Promise<T>
  /** Waits before it is asked again, which makes things late too. */
  pause(ms: number): Promise<void>
  /** All that may be late has been. */
  isSpent(): boolean
}

export function patience({ bytesPerSecond, fileMs, lateMs, allLateMs }: Pace): Patience {
  let left = allLateMs
  return {
    ask: async (asking) => {
      const began = performance.now()
      const line = new AbortController()
      let due = fileMs
      let timer: NodeJS.Timeout | undefined
      const came = (bytes: number) => {
        clearTimeout(timer)
        due = fileMs + (bytes * 1_000) / bytesPerSecond
        const until = began + due + Math.min(lateMs, Math.max(0, left))
        timer = setTimeout(() => line.abort(), Math.max(0, until - performance.now()))
      }
      came(0)
      try {
        return await asking(line.signal, came)
      } finally {
        clearTimeout(timer)
        left -= Math.max(0, performance.now() - began - due)
      }
    },
    pause: async (ms) => {
      left -= ms
      await new Promise((resolve) => setTimeout(resolve, ms))
    },
    isSpent: () => left <= 0,
  }
}
