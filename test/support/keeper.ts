/**
 * Keeps one Postgres, NATS and Temporal up for as long as any test run of this checkout needs them: a run that dies, or
 * Ctrl-C, then still leaves nothing running. Started by `test-servers.ts` as a process of its own.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ensureBinaries } from '#dev/servers/binaries.ts'
import { tryLock, unlock, withLock } from '#dev/servers/lock.ts'
import { startNats } from '#dev/servers/nats.ts'
import { choosePorts } from '#dev/servers/ports.ts'
import { startPostgres } from '#dev/servers/postgres.ts'
import { readLive, recordOf, stopRecorded, waitUntil, writeWhole } from '#dev/servers/processes.ts'
import { startTemporal } from '#dev/servers/temporal.ts'
import { testPaths } from './paths.ts'

const portNames = [
  'postgres',
  'nats',
  'natsMonitor',
  'temporal',
  'temporalHttp',
  'temporalUi',
  'temporalMetrics',
] as const

/** Databases of tests are thrown away, so a power cut may ruin them; tests about cuts start their own servers. */
const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '400' }

/** Someone told us to stop, whoever still uses the servers. */
let asked = false

async function startAll() {
  const dir = testPaths.base
  await endOrphans(dir)
  // Only the Postgres cluster is worth keeping between runs: making it takes a second, the others start empty at once.
  for (const name of ['nats', 'temporal', 'accounts', 'worlds'])
    rmSync(join(dir, name), { recursive: true, force: true })
  const binaries = await ensureBinaries()
  const ports = await choosePorts(portNames, dir)
  const started: { stop(): Promise<void> }[] = []
  const note = <Server extends { stop(): Promise<void> }>(server: Server) => {
    started.push(server)
    return server
  }
  const stop = async () => {
    await Promise.all(started.map((server) => server.stop()))
  }
  try {
    const external = process.env['DATABASE_URL']
    const [postgres, nats, temporal] = await Promise.all([
      external
        ? { adminUrl: external }
        : startPostgres({ dir, port: ports.postgres, password: password(), settings }).then(note),
      startNats({
        dir,
        binary: binaries['nats-server'],
        port: ports.nats,
        monitorPort: ports.natsMonitor,
        accounts: [],
      }).then(note),
      startTemporal({ dir, binary: binaries.temporal, ports, headless: true }).then(note),
    ])
    const addresses = {
      adminUrl: postgres.adminUrl,
      natsUrl: nats.url,
      natsPid: nats.pid,
      natsPort: ports.nats,
      natsMonitorPort: ports.natsMonitor,
      natsBinary: binaries['nats-server'],
      temporalAddress: temporal.address,
    }
    return { addresses, stop }
  } catch (error) {
    await stop()
    unlock(testPaths.keeperLock)
    throw error
  }
}

function password(): string {
  const file = join(testPaths.base, 'postgres-password')
  if (!existsSync(file)) writeWhole(file, randomBytes(24).toString('base64url'), 0o600)
  return readFileSync(file, 'utf8')
}

/** What a keeper that was killed left running. */
async function endOrphans(dir: string): Promise<void> {
  const run = join(dir, 'run')
  if (!existsSync(run)) return
  await Promise.all(['postgres', 'nats', 'temporal'].map((name) => stopRecorded(join(run, `${name}.pid`), 'SIGINT')))
}

/** Decided under the users' lock, so that no run can join servers that are about to stop. */
async function nobodyLeft(): Promise<boolean> {
  mkdirSync(testPaths.users, { recursive: true })
  const someone = () => readdirSync(testPaths.users).some((name) => readLive(join(testPaths.users, name)) !== undefined)
  if (!asked && (someone() || (await waitUntil(someone, 500)))) return false
  return await withLock(testPaths.usersLock, async () => {
    if (!asked && someone()) return false
    rmSync(testPaths.ready, { force: true })
    return true
  })
}

if (!tryLock(testPaths.keeperLock)) process.exit(0)
process.on('SIGTERM', () => {
  asked = true
})
process.on('SIGINT', () => undefined)

const servers = await startAll()
writeWhole(testPaths.ready, JSON.stringify({ keeper: recordOf(process.pid), ...servers.addresses }), 0o600)
while (!(await nobodyLeft())) await sleep(250)
await servers.stop()
rmSync(testPaths.keeperPid, { force: true })
unlock(testPaths.keeperLock)
