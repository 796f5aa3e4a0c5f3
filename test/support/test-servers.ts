/** Joins and leaves the shared test servers; the first that needs them starts them, the last that leaves ends them. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { withLock } from '#dev/servers/lock.ts'
import { isAlive, readLive, recordOf, start, waitUntil, writeWhole } from '#dev/servers/processes.ts'
import { root, testPaths } from './paths.ts'

export interface TestServers {
  readonly adminUrl: string
  readonly natsUrl: string
  readonly natsPid: number
  readonly natsPort: number
  readonly natsMonitorPort: number
  readonly natsBinary: string
  readonly temporalAddress: string
}

/** First start on a fresh machine may have to build the servers. */
const START_MS = 20 * 60_000

/** Says that process `pid` (a whole test run) needs the servers until it ends or leaves. */
export async function joinServers(pid: number): Promise<void> {
  await withLock(testPaths.usersLock, async () => {
    mkdirSync(testPaths.users, { recursive: true })
    writeWhole(join(testPaths.users, String(pid)), JSON.stringify(recordOf(pid)))
  })
}

/** Takes the need back; where nobody else needs the servers, waits until they are gone. */
export async function leaveServers(pid: number): Promise<void> {
  rmSync(join(testPaths.users, String(pid)), { force: true })
  await waitUntil(() => readLive(testPaths.keeperLock) === undefined || othersUse(), 20_000)
}

/** Addresses of the running servers, started now if nobody did before. */
export async function testServers(): Promise<TestServers> {
  const running = ready()
  if (running !== undefined) return running
  return await withLock(`${testPaths.ready}.lock`, async () => {
    let keeper: { hasExited(): boolean } | undefined
    const there = await waitUntil(() => {
      if (ready() !== undefined) return true
      if (keeper?.hasExited() === true && readLive(testPaths.keeperLock) === undefined) return true
      // A keeper that is just stopping holds its lock; ours follows it.
      if (keeper === undefined && readLive(testPaths.keeperLock) === undefined) keeper = startKeeper()
      return false
    }, START_MS)
    const servers = ready()
    if (!there || servers === undefined) {
      const log = readFileSync(testPaths.keeperLog, 'utf8').split('\n').slice(-20).join('\n')
      throw new Error(`The test servers did not start; the end of ${testPaths.keeperLog}:\n${log}`)
    }
    return servers
  })
}

function startKeeper() {
  return start({
    command: process.execPath,
    args: [fileURLToPath(new URL('keeper.ts', import.meta.url))],
    cwd: root,
    logFile: testPaths.keeperLog,
    pidFile: testPaths.keeperPid,
    outlivesUs: true,
  })
}

function ready(): TestServers | undefined {
  try {
    const found = JSON.parse(readFileSync(testPaths.ready, 'utf8')) as TestServers & {
      keeper: ReturnType<typeof recordOf>
    }
    return isAlive(found.keeper) ? found : undefined
  } catch {
    return undefined
  }
}

function othersUse(): boolean {
  try {
    readFileSync(testPaths.ready)
    return true
  } catch {
    return false
  }
}
