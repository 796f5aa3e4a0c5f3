/** Looks at a burst from outside: how much memory intake holds, and how much of the stream it holds back. */
import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Ground, pidOf } from '../ground.ts'
import { count, streams } from '../invariants.ts'

export interface Sample {
  /** Since the watch began. */
  readonly seconds: number
  /** Resident memory of the intake process, in MiB. */
  readonly rss: number
  /** Messages in the stream that intake has not been given. */
  readonly pending: number
  /** Messages that intake has been given and has not settled. */
  readonly inHand: number
  /** Starts, signals and events that are still to be sent. */
  readonly undelivered: number
}

/** Samples until told to stop. */
export function watchIntake(ground: Ground, everyMs: number): { stop(): Promise<readonly Sample[]> } {
  const samples: Sample[] = []
  const begun = performance.now()
  let watching = true
  const loop = async () => {
    while (watching) {
      // Who does not answer in the flood is asked again; a look that is missed is no sample.
      const one = await look(ground).catch(() => undefined)
      if (one !== undefined) samples.push({ seconds: Math.round((performance.now() - begun) / 100) / 10, ...one })
      await sleep(everyMs)
    }
  }
  const done = loop()
  return {
    stop: async () => {
      watching = false
      await done
      return samples
    },
  }
}

async function look(ground: Ground): Promise<Omit<Sample, 'seconds'> | undefined> {
  const pid = pidOf(ground, 'intake')
  if (pid === undefined) return undefined
  const { pending, unacknowledged } = await streams(ground.natsAdmin)
  return {
    rss: residentOf(pid),
    pending,
    inHand: unacknowledged,
    undelivered: await count(ground.admin, 'undelivered'),
  }
}

/** The most memory that was held in each third of the run, in MiB: the first has the start in it, the others should be alike. */
export function thirds(samples: readonly Sample[]): number[] {
  const third = Math.ceil(samples.length / 3)
  const parts = [0, 1, 2]
    .map((part) => samples.slice(part * third, (part + 1) * third))
    .filter(({ length }) => length > 0)
  return parts.map((part) => Math.round(Math.max(...part.map(({ rss }) => rss))))
}

function residentOf(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024
}
