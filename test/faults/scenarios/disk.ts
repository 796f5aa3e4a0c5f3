/** A server's disk runs full while cases run, and is given room again. */
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { keepDown, killAndAwait } from '../ground.ts'
import { playRound, type Stage } from '../stage.ts'
import { type Batch, outcomes, skipped } from './scenario.ts'

type Server = 'postgres' | 'nats' | 'temporal'

/** What each server writes to all the time, below the folder of the stack, and how large a disk it gets (MiB). */
const places: Readonly<Record<Server, { readonly folder: string; readonly size: number }>> = {
  nats: { folder: 'nats/streams', size: 64 },
  temporal: { folder: 'temporal', size: 128 },
  postgres: { folder: 'postgres/data/pg_wal', size: 256 },
}
const fullMs = 8_000

export const diskBatches: readonly Batch[] = (Object.keys(places) as Server[]).map((server) => {
  const names = [`disk: ${server} has no room left, then has again`]
  return {
    names,
    run: async (stage) => {
      const why = cannotMount()
      if (why !== undefined) return skipped(names, why)
      return outcomes(names, await fullDisk(stage, server))
    },
  }
})

/** Why no small disk can be had here, or undefined where one can. */
function cannotMount(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root on Linux can mount a small disk'
  const folder = mkdtempSync(join(tmpdir(), 'bevis-disk-'))
  try {
    mount(folder, 1)
    unmount(folder)
    return undefined
  } catch {
    return 'this machine does not let us mount a small disk'
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function fullDisk(stage: Stage, server: Server): Promise<string[]> {
  const { ground } = stage
  const { folder, size } = places[server]
  const place = realpathSync(join(ground.stack.dir, folder))
  await whileDown(stage, server, () => putOnDisk(place, size))
  try {
    const faults = await playRound(stage, { disturb: () => fillAndFree(stage, server, place) })
    return [...faults, ...(await playRound(stage))]
  } finally {
    await whileDown(stage, server, () => takeOffDisk(place))
  }
}

async function whileDown({ ground }: Stage, server: Server, work: () => void): Promise<void> {
  const outage = await keepDown(ground, server)
  try {
    work()
  } finally {
    await outage.end()
  }
}

async function fillAndFree({ ground }: Stage, server: Server, place: string): Promise<string[]> {
  await sleep(3_000)
  const filler = join(place, 'filler')
  fill(place, filler)
  try {
    await sleep(fullMs)
  } finally {
    rmSync(filler, { force: true })
  }
  // NATS turns JetStream off when its disk is full and leaves it off: whoever makes room starts it again.
  if (server === 'nats') await killAndAwait(ground, server)
  return []
}

/** Takes all the room there is. */
function fill(place: string, filler: string): void {
  const { bavail, bsize } = statfsSync(place)
  const block = Buffer.alloc(65_536)
  for (let left = bavail * bsize; left > 0; left -= block.length) {
    try {
      writeFileSync(filler, block.subarray(0, Math.min(block.length, left)), { flag: 'a' })
    } catch {
      return
    }
  }
}

const aside = (place: string): string => `${place}.large`

function putOnDisk(place: string, size: number): void {
  mkdirSync(aside(place))
  copyOwned(place, aside(place))
  mount(place, size)
  copyOwned(aside(place), place)
}

function takeOffDisk(place: string): void {
  if (!existsSync(aside(place))) return
  const back = `${place}.back`
  mkdirSync(back)
  copyOwned(place, back)
  unmount(place)
  rmSync(place, { recursive: true })
  renameSync(back, place)
  rmSync(aside(place), { recursive: true, force: true })
}

/** Owners and modes matter: Postgres refuses what others may read. */
function copyOwned(from: string, to: string): void {
  execFileSync('cp', ['-a', `${from}/.`, to])
}

function mount(place: string, size: number): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}m`, 'tmpfs', place], { stdio: 'pipe' })
}

function unmount(place: string): void {
  execFileSync('umount', ['-l', place], { stdio: 'pipe' })
}
