/** Keeps programs up: without it one killed worker would leave its cases waiting until somebody looks. */
import { setTimeout as sleep } from 'node:timers/promises'

/** A started program. */
export interface Member {
  readonly exited: Promise<void>
  stop(): Promise<void>
}

export interface Supervised {
  /** Stops for good. */
  stop(): Promise<void>
}

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 10_000
/** A program that stood this long did not fail at starting: the next pause is short again. */
const STEADY_MS = 10_000

/** Starts a program, and again whenever it ends by itself, with growing pauses. The first start's error is the caller's. */
export async function supervise(
  name: string,
  start: () => Promise<Member>,
  log: (line: string) => void,
): Promise<Supervised> {
  let stopping = false
  let member = await start()
  let begun = Date.now()
  const watch = async () => {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      await member.exited
      if (stopping) return
      if (Date.now() - begun > STEADY_MS) pause = FIRST_PAUSE_MS
      log(`${name} ended; starting it again`)
      await sleep(pause)
      if (stopping) return
      begun = Date.now()
      member = await start().catch((error: unknown) => {
        log(`${name} did not start: ${error instanceof Error ? error.message : String(error)}`)
        return { exited: Promise.resolve(), stop: async () => undefined }
      })
    }
  }
  const watching = watch()
  return {
    stop: async () => {
      stopping = true
      await member.stop()
      await watching
      // A start that was under way while we stopped has finished by now.
      await member.stop()
    },
  }
}
