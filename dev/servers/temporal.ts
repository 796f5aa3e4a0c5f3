/** A real Temporal server on a file: workflows survive whatever is killed. */
import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { send, start, stopRecorded, waitReady } from './processes.ts'

export interface TemporalOptions {
  readonly binary: string
  /** Folder of this stack; the database is `<dir>/temporal/temporal.db`. */
  readonly dir: string
  readonly ports: {
    readonly temporal: number
    readonly temporalHttp: number
    readonly temporalUi: number
    readonly temporalMetrics: number
  }
  /** Without the web UI, for tests. */
  readonly headless?: boolean
}

export interface TemporalServer {
  readonly pid: number
  readonly address: string
  readonly uiUrl: string
  readonly exited: Promise<void>
  stop(): Promise<void>
  /** Ends it as a power cut would. */
  kill(): Promise<void>
}

/** What a case may show to whoever lists workflows: opaque ids and stages, never a person. */
export const SEARCH_ATTRIBUTES = ['BevisInstitution', 'BevisState', 'BevisStep'] as const

/** Starts Temporal on this folder and makes sure that namespace `default` knows our search attributes. */
export async function startTemporal(options: TemporalOptions): Promise<TemporalServer> {
  mkdirSync(join(options.dir, 'temporal'), { recursive: true })
  const pidFile = join(options.dir, 'run', 'temporal.pid')
  const logFile = join(options.dir, 'logs', 'temporal.log')
  const { temporal, temporalHttp, temporalUi } = options.ports
  const running = start({ command: options.binary, args: serverArguments(options), logFile, pidFile })
  await waitReady('Temporal', { ...running, logFile }, () => answers(temporalHttp))
  const address = `127.0.0.1:${temporal}`
  await registerSearchAttributes(options.binary, address)
  return {
    pid: running.pid,
    address,
    uiUrl: `http://127.0.0.1:${temporalUi}`,
    exited: running.exited,
    stop: () => stopRecorded(pidFile, 'SIGTERM'),
    kill: async () => {
      send(running.pid, 'SIGKILL')
      await running.exited
    },
  }
}

function serverArguments(options: TemporalOptions): string[] {
  const { temporal, temporalHttp, temporalUi, temporalMetrics } = options.ports
  // WAL with full sync: as safe as SQLite's default and several times faster.
  const database = ['journal_mode=wal', 'synchronous=full'].flatMap((pragma) => ['--sqlite-pragma', pragma])
  // Otherwise every timer under a second would take a second.
  const quickTimers = ['--dynamic-config-value', 'history.timerProcessorMaxTimeShift="10ms"']
  const ports = { port: temporal, 'http-port': temporalHttp, 'metrics-port': temporalMetrics }
  const page = options.headless === true ? ['--headless'] : ['--ui-port', String(temporalUi), '--ui-disable-news-fetch']
  const file = join(options.dir, 'temporal', 'temporal.db')
  return ['server', 'start-dev', '--ip', '127.0.0.1', '--log-level', 'warn', '--db-filename', file].concat(
    database,
    quickTimers,
    Object.entries(ports).flatMap(([name, port]) => [`--${name}`, String(port)]),
    page,
    SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
  )
}

async function answers(httpPort: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${httpPort}/api/v1/namespaces/default`)).ok
  } catch {
    return false
  }
}

/** The server's own flag works only when a namespace is new; a database from yesterday needs this. */
async function registerSearchAttributes(binary: string, address: string): Promise<void> {
  const run = promisify(execFile)
  const operator = ['operator', 'search-attribute']
  const { stdout } = await run(binary, [...operator, 'list', '--address', address, '--output', 'json'])
  const missing = SEARCH_ATTRIBUTES.filter((name) => !stdout.includes(name))
  if (missing.length === 0) return
  const names = missing.flatMap((name) => ['--name', name, '--type', 'Keyword'])
  await run(binary, [...operator, 'create', '--address', address, ...names])
}
