/** One at a time across processes: without it two terminals would build the same servers or start two stacks on the same data. */
import { linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readLive, recordOf } from './processes.ts'

/** Takes the lock for this process; false where another living process holds it. A dead holder's lock is taken over. */
export function tryLock(lockFile: string): boolean {
  mkdirSync(dirname(lockFile), { recursive: true })
  const mine = `${lockFile}.${process.pid}`
  writeFileSync(mine, JSON.stringify(recordOf(process.pid)))
  try {
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        // A link appears with its content at once, so nobody ever reads a half-written holder.
        linkSync(mine, lockFile)
        return true
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
        const holder = readLive(lockFile)
        if (holder?.pid === process.pid) return true
        if (holder !== undefined) return false
        rmSync(lockFile, { force: true })
      }
    }
    return false
  } finally {
    rmSync(mine, { force: true })
  }
}

/** Gives the lock back if it is ours. */
export function unlock(lockFile: string): void {
  if (readLive(lockFile)?.pid === process.pid) rmSync(lockFile, { force: true })
}

/** Runs `work` while holding the lock, waiting for another holder; `onWait` is called once if there is one. */
export async function withLock<T>(lockFile: string, work: () => Promise<T>, onWait?: () => void): Promise<T> {
  let told = false
  while (!tryLock(lockFile)) {
    if (!told) onWait?.()
    told = true
    await sleep(100)
  }
  try {
    return await work()
  } finally {
    unlock(lockFile)
  }
}
