/** Brings every part of the stack up in its order: without it processes would start against servers that are not there yet. */
import { join } from 'node:path'
import { readSecrets, type Secrets } from '#config/secrets.ts'
import { connectNats } from '#connectors/platform/nats.ts'
import { openStreams } from '#connectors/platform/nats-streams.ts'
import { openDb } from '#db/client.ts'
import { migrate } from '#db/migrate.ts'
import { ensureRoles } from '#db/roles.ts'
import { keepSecretsMark } from '#db/secrets-mark.ts'
import { stackAccounts, watchEmitters } from './emitters.ts'
import {
  type Addresses,
  commandOf,
  type Environment,
  type ExtraEnvironment,
  environmentOf,
  type StackProcess,
  stackProcesses,
} from './environment.ts'
import { endLeftovers } from './leftovers.ts'
import { openLog } from './log.ts'
import { readPeople } from './people.ts'
import { rolePasswords } from './roles.ts'
import { openSecrets, type StackSecrets } from './secrets.ts'
import { ensureBinaries } from './servers/binaries.ts'
import { NatsConfigRefused, type NatsServer, startNats } from './servers/nats.ts'
import { startOidc } from './servers/oidc.ts'
import { isFree } from './servers/ports.ts'
import { startPostgres } from './servers/postgres.ts'
import { logEnd, start, stopRecorded, waitUntil, writeWhole } from './servers/processes.ts'
import { startTemporal } from './servers/temporal.ts'
import { demandFreePorts, type Kept, openKept, type Ports, root, type StackPaths } from './stack-state.ts'
import { type Supervised, supervise } from './supervise.ts'
import { openWitness } from './witness.ts'

export interface BringUp {
  readonly paths: StackPaths
  readonly processes: boolean
  readonly extra: ExtraEnvironment
  readonly log: (line: string) => void
  /** Everything started so far, in order. */
  readonly running: Supervised[]
}

/** Starts servers, then what they must know, then our processes. Throws at the first part that does not come up. */
export async function bringUp(work: BringUp): Promise<Addresses> {
  const { paths, log } = work
  await endLeftovers(paths)
  const kept = await openKept(paths)
  await demandFreePorts(paths, kept)
  const secrets = openSecrets(paths.base)
  const witness = openWitness(paths.base, kept.ports.witness)
  const addresses = {
    ...kept,
    secrets,
    witness,
    log: openLog(paths.base, witness),
    adminUrl: adminUrlOf(kept, secrets),
  }
  const reloadNats = await startServers(work, addresses)
  const unwatch = watchEmitters(paths, reloadNats)
  work.running.push({ stop: async () => unwatch() })
  await prepareDatabase(addresses.adminUrl, readSecrets(secrets.paths.keys))
  writeCliEnvironment(paths, addresses)
  if (work.processes) {
    log('Starting our own processes …')
    await startProcesses(work, addresses)
  }
  return addresses
}

function adminUrlOf({ ports }: Kept, secrets: StackSecrets): string {
  const own = `postgres://postgres:${secrets.postgresPassword}@127.0.0.1:${ports.postgres}/bevis`
  return process.env['DATABASE_URL'] || own
}

/** Starts all servers side by side; gives the way to make NATS read its users again. */
async function startServers(
  { paths, log, running, extra }: BringUp,
  addresses: Addresses,
): Promise<() => Promise<void>> {
  const binaries = await ensureBinaries({ log })
  log('Starting Postgres, NATS, Temporal and the login …')
  const { ports, secrets, publicUrl } = addresses
  const dir = paths.base
  const password = secrets.postgresPassword
  let nats: NatsServer | undefined
  const startOurNats = async () => {
    const options = { dir, binary: binaries['nats-server'], port: ports.nats, monitorPort: ports.natsMonitor }
    nats = await startNats({ ...options, accounts: stackAccounts(paths, secrets) }).catch((error: unknown) => {
      // The file comes from outside; a fault in it shuts emitters out but must not keep everything down. Any other failure, such as
      // a port not free yet, must not shut them out.
      if (!(error instanceof NatsConfigRefused)) throw error
      log(`Starting NATS without the emitters of ${paths.emitters}: ${String(error)}`)
      return startNats({ ...options, accounts: stackAccounts(paths, secrets, '') })
    })
    await openStreamsOf(nats, prepareStreams(ports, secrets.nats.admin.seed))
    return nats
  }
  const startOurOidc = async () => {
    const redirectUris = [`${publicUrl}/login/callback`]
    running.push(await startOidc({ port: ports.oidc, people: readPeople(), keys: secrets.oidcKeys, redirectUris }))
  }
  const keep = async (name: string, begin: Parameters<typeof supervise>[1]) => {
    running.push(await supervise(name, begin, log))
  }
  const starts = [
    ...(process.env['DATABASE_URL']
      ? []
      : [keep('Postgres', () => startPostgres({ dir, port: ports.postgres, password, extra: extra('postgres') }))]),
    keep('NATS', startOurNats),
    keep('Temporal', () => startTemporal({ dir, binary: binaries.temporal, ports })),
    startOurOidc(),
  ]
  // All settle first: one that fails must not leave another half started behind.
  for (const result of await Promise.allSettled(starts)) if (result.status === 'rejected') throw result.reason
  return async () => await nats?.reload(stackAccounts(paths, secrets))
}

async function prepareDatabase(adminUrl: string, secrets: Secrets): Promise<void> {
  await ensureRoles(adminUrl, rolePasswords(adminUrl))
  await migrate(adminUrl)
  const db = openDb(adminUrl, secrets, { max: 1 })
  try {
    await keepSecretsMark(db, secrets)
  } finally {
    await db.close()
  }
}

async function prepareStreams(ports: Ports, seed: string): Promise<void> {
  const connection = await connectNats({ url: `nats://127.0.0.1:${ports.nats}`, seed, name: 'admin' })
  try {
    await openStreams(connection)
  } finally {
    await connection.close()
  }
}

/**
 * At every start, since a server that has lost its data must have its streams again before sources can send anew. One that is
 * killed meanwhile counts as not started.
 */
async function openStreamsOf(nats: NatsServer, opening: Promise<void>): Promise<void> {
  const ended = nats.exited.then(() => Promise.reject(new Error('NATS ended while its streams were opened')))
  try {
    await Promise.race([opening, ended])
  } catch (error) {
    await nats.stop()
    throw error
  }
}

/** For `npx bevis` in this checkout: the same addresses, without anyone setting variables. */
function writeCliEnvironment(paths: StackPaths, addresses: Addresses): void {
  const lines = Object.entries(environmentOf('cli', addresses)).map(
    ([name, value]) => `${name}=${JSON.stringify(value)}\n`,
  )
  writeWhole(paths.cliEnvironment, lines.join(''), 0o600)
}

async function startProcesses({ paths, log, running, extra }: BringUp, addresses: Addresses): Promise<void> {
  for (const name of stackProcesses) {
    running.push(
      await supervise(
        name,
        async () => startProcess(paths, name, { ...environmentOf(name, addresses), ...extra(name) }),
        log,
      ),
    )
  }
  const up = await waitUntil(async () => !(await isFree(addresses.ports.api)), 60_000)
  if (!up) throw new Error(`The API did not answer within 60 seconds. ${logEnd(join(paths.logs, 'api.log'))}`)
}

function startProcess(paths: StackPaths, name: StackProcess, environment: Environment) {
  const pidFile = join(paths.run, `${name}.pid`)
  const { PATH, HOME, LANG, TZ } = process.env
  const child = start({
    command: process.execPath,
    args: [join(root, 'cli', 'main.ts'), ...commandOf(name)],
    cwd: root,
    // Nothing of our own environment but what every program needs.
    env: { PATH, HOME, LANG, TZ, ...environment },
    logFile: join(paths.logs, `${name}.log`),
    pidFile,
  })
  return { exited: child.exited, stop: () => stopRecorded(pidFile, 'SIGTERM', 20_000) }
}
