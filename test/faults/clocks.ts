/** Clocks that are wrong, by libfaketime where it is installed (Debian: `faketime`); the machine's own clock is left alone. */
import { existsSync } from 'node:fs'
import type { ExtraEnvironment } from '#dev/environment.ts'

const libraries = ['x86_64-linux-gnu', 'aarch64-linux-gnu'].map(
  (arch) => `/usr/lib/${arch}/faketime/libfaketimeMT.so.1`,
)

export interface Clocks {
  /** False where the library is not there. */
  readonly canBeWrong: boolean
  /** Hours a member's clock is ahead (negative: behind) from its next start on. */
  set(member: Parameters<ExtraEnvironment>[0], hours: number): void
  readonly environment: ExtraEnvironment
}

export function clocks(): Clocks {
  const library = libraries.find((file) => existsSync(file))
  const hours = new Map<string, number>()
  return {
    canBeWrong: library !== undefined,
    set: (member, ahead) => hours.set(member, ahead),
    environment: (member) => {
      const ahead = hours.get(member) ?? 0
      if (ahead === 0 || library === undefined) return {}
      const offset = `${ahead > 0 ? '+' : '-'}${Math.abs(ahead)}h`
      // Timers go by the monotonic clock, which nobody sets wrong.
      return { LD_PRELOAD: library, FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: '1' }
    },
  }
}
