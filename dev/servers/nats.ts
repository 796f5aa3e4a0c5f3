/** A real NATS server with JetStream: events arrive and leave through it. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { NatsAccount } from '#connectors/platform/nats-users.ts'
import { natsConfig } from './nats-config.ts'
import { send, start, stopRecorded, waitReady, waitUntil, writeWhole } from './processes.ts'

export interface NatsOptions {
  readonly binary: string
  /** Folder of this stack; configuration and streams live in `<dir>/nats`. */
  readonly dir: string
  readonly port: number
  readonly monitorPort: number
  readonly accounts: readonly NatsAccount[]
}

export interface NatsServer {
  readonly pid: number
  readonly url: string
  readonly port: number
  readonly exited: Promise<void>
  /** Puts other accounts and users in force without a stop; throws, and changes nothing, where the server finds a fault. */
  reload(accounts: readonly NatsAccount[]): Promise<void>
  stop(): Promise<void>
  /** Ends it as a power cut would. */
  kill(): Promise<void>
}

/** The server itself finds a fault in what it would be told. */
export class NatsConfigRefused extends Error {
  override readonly name = 'NatsConfigRefused'
}

/** Starts NATS on this folder. Throws `NatsConfigRefused`, or with the end of the log when it does not come up. */
export async function startNats(options: NatsOptions): Promise<NatsServer> {
  const folder = join(options.dir, 'nats')
  mkdirSync(folder, { recursive: true })
  const configFile = join(folder, 'nats.conf')
  writeChecked(options, configFile, options.accounts)
  const pidFile = join(options.dir, 'run', 'nats.pid')
  const logFile = join(options.dir, 'logs', 'nats.log')
  const running = start({ command: options.binary, args: ['-c', configFile], logFile, pidFile })
  await waitReady('NATS', { ...running, logFile }, () => answers(options.monitorPort))
  return {
    pid: running.pid,
    url: `nats://127.0.0.1:${options.port}`,
    port: options.port,
    exited: running.exited,
    reload: (accounts) => reloadNats(options, running.pid, accounts),
    stop: () => stopRecorded(pidFile, 'SIGTERM'),
    kill: async () => {
      send(running.pid, 'SIGKILL')
      await running.exited
    },
  }
}

/**
 * Puts other accounts in force on a running server, also one that another process started, and waits until it has taken
 * them: who connects too early with a new identity is turned away.
 */
export async function reloadNats(options: NatsOptions, pid: number, accounts: readonly NatsAccount[]): Promise<void> {
  const before = await configDigest(options.monitorPort)
  if (!writeChecked(options, join(options.dir, 'nats', 'nats.conf'), accounts)) return
  send(pid, 'SIGHUP')
  const taken = await waitUntil(async () => (await configDigest(options.monitorPort)) !== before, 10_000)
  if (!taken) throw new Error(`NATS did not take the new configuration; see ${join(options.dir, 'logs', 'nats.log')}`)
}

async function configDigest(monitorPort: number): Promise<unknown> {
  const answer: unknown = await (await fetch(`http://127.0.0.1:${monitorPort}/varz`)).json()
  return typeof answer === 'object' && answer !== null && 'config_digest' in answer ? answer.config_digest : undefined
}

/** A configuration that the server itself does not accept never replaces one that works. False where nothing changed. */
function writeChecked(options: NatsOptions, configFile: string, accounts: readonly NatsAccount[]): boolean {
  const config = natsConfig({ ...options, storeDir: join(options.dir, 'nats', 'streams'), accounts })
  if (existsSync(configFile) && readFileSync(configFile, 'utf8') === config) return false
  const candidate = `${configFile}.candidate`
  writeFileSync(candidate, config, { mode: 0o600 })
  try {
    execFileSync(options.binary, ['-t', '-c', candidate], { stdio: 'pipe' })
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error)
    throw new NatsConfigRefused(`NATS does not accept the configuration: ${said}`, { cause: error })
  } finally {
    rmSync(candidate, { force: true })
  }
  writeWhole(configFile, config, 0o600)
  return true
}

async function answers(monitorPort: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${monitorPort}/healthz`)).ok
  } catch {
    return false
  }
}
