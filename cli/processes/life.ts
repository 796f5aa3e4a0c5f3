/** How a process lives and ends: without it a deploy would cut batches and activities in half. */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { constants } from 'node:os'
import { ConfigError } from '#config/config-error.ts'
import type { Config } from '#config/given.ts'
import { ConnectorError } from '#connectors/connector-error.ts'
import { type Log, openLog } from '#connectors/platform/log.ts'
import { metricsPage } from '#connectors/platform/metrics.ts'
import { openOperatorPort } from '#connectors/platform/operator-port.ts'
import { type Check, readiness } from '#connectors/platform/readiness.ts'
import { shortNameOf } from '#connectors/platform/safe-fields.ts'
import { CliError } from '../cli-error.ts'
import { exitCodes } from '../exit-codes.ts'
import { hostOf } from './host.ts'
import { beginTracing, type TraceSettings } from './traces.ts'

/** What a process lives by, of its settings. */
type LifeSettings = Pick<Config<'api'>, 'logLevel' | 'env' | 'host' | 'opsPort'> &
  TraceSettings & { readonly process: string }

export interface Life {
  /** Aborts when the process is told to end. */
  readonly ending: AbortSignal
  readonly log: Log
  /** What it takes to work, as `/readyz` asks; until this is called the process is not ready. */
  needs(checks: () => readonly Check[]): void
  /** Where the Temporal SDK of this process tells its figures; they are shown beside ours. */
  readonly sdkMetrics: string
  /** Closed in reverse order, so that whoever was opened last (a consumer) stops before what it stands on (Postgres). */
  closing(what: string, close: () => Promise<void>): void
  /** Ends the process with this failure, after closing, whatever `work` does. */
  broken(error: Error): void
}

/** Somebody told the process to end before it had come up. */
export class Ended extends Error {}

class Starting extends Error {
  override readonly name = 'starting'
}

/** Where operators ask in production, if nothing else is said; each process has an address of its own there. */
const productionPort = 9_464

/** A closing that hangs must not outlast the patience of whoever stops us. */
const patienceMs = 15_000

/**
 * Runs `work` until it resolves; SIGTERM and SIGINT abort `ending` and `work` is expected to resolve then. A second signal ends
 * at once. Then closes all that was opened.
 * @throws CliError `process/broken` when something broke `work`, after closing
 */
export async function live(settings: LifeSettings, work: (life: Life) => Promise<void>): Promise<void> {
  const { process: name, logLevel: level } = settings
  const end = new AbortController()
  const opened: { readonly what: string; readonly close: () => Promise<void> }[] = []
  let breaks: (error: Error) => void = () => undefined
  const log = openLog({ process: name, level })
  catchStrays(log)
  const stop = (signal: NodeJS.Signals) => {
    if (end.signal.aborted) process.exit(128 + constants.signals[signal])
    log('info', 'ending', { signal })
    end.abort()
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop)
  try {
    const broke = new Promise<never>((_resolve, reject) => {
      breaks = (error) => {
        reject(error)
        end.abort()
      }
    })
    broke.catch(() => undefined)
    const closing: Life['closing'] = (what, close) => opened.push({ what, close })
    let checks = (): readonly Check[] => [{ name: 'start', ask: () => Promise.reject(new Starting()) }]
    const needs: Life['needs'] = (all) => {
      checks = all
    }
    const sdkMetrics = await freeAddress()
    const questions = { ready: () => readiness(checks(), end.signal), metrics: () => metricsPage(sdkMetrics) }
    const port = settings.opsPort ?? (settings.env === 'production' ? productionPort : 0)
    const operators = await openOperatorPort(questions, { port, host: hostOf(settings) })
    // Opened first, so closed last: who asks while we end hears that we do.
    closing('the port for operators', () => operators.close())
    const tracing = await beginTracing(settings, log)
    if (tracing !== undefined) closing('the line to the collector of traces', () => tracing.stop())
    log('info', `operators ask ${operators.url}`)
    await Promise.race([
      work({ ending: end.signal, log, needs, sdkMetrics, closing, broken: (error) => breaks(error) }),
      broke,
    ])
  } catch (error) {
    if (!(error instanceof Ended)) throw broken(name, error, log)
  } finally {
    for (const { what, close } of opened.toReversed()) await calmly(what, close, log)
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.removeListener(signal, stop)
    log('info', 'ended')
  }
}

/**
 * What nobody caught, and what libraries print by themselves, can quote people: it goes the way of every other line. After an
 * uncaught error nothing can be trusted, so the process ends; starting again is always safe.
 */
function catchStrays(log: Log): void {
  const uncaught = (what: string) => (error: unknown) => {
    log('error', what, { error })
    process.exit(exitCodes.failure)
  }
  process.on('uncaughtException', uncaught('uncaught exception'))
  process.on('unhandledRejection', uncaught('unhandled rejection'))
  process.removeAllListeners('warning')
  process.on('warning', (error) => log('warn', 'warning of the platform', { error }))
  const told = (...said: unknown[]) => {
    log('warn', 'a library wrote to the console', { error: said.find((one) => one instanceof Error) })
  }
  Object.assign(console, { log: told, info: told, debug: told, warn: told, error: told, trace: told })
}

/** Words of our own say what to mend; those of anybody else may quote content and are told by name only (contracts §10). */
function broken(name: string, error: unknown, log: Log): Error {
  if (error instanceof CliError || error instanceof ConfigError) return error
  log('error', 'cannot go on', { error })
  const said = error instanceof ConnectorError ? `: ${error.message}` : ''
  const what = `${name} cannot go on (${shortNameOf(error)}${said})`
  const mend = 'mend what is named; starting again is always safe'
  return new CliError({ exit: 'failure', code: 'process/broken', what, mend }, { cause: error })
}

async function calmly(what: string, close: () => Promise<void>, log: Log): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), patienceMs)
  })
  try {
    if ((await Promise.race([close(), late])) === 'late') log('warn', `${what} did not close in time`)
  } catch (error) {
    log('warn', `${what} did not close well`, { error })
  } finally {
    clearTimeout(timer)
  }
}

/** An address of this machine that is free now; the SDK cannot be asked which port it took. */
async function freeAddress(): Promise<string> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return `127.0.0.1:${port}`
}

/** Resolves when the process is told to end. */
export function untilEnd(ending: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (ending.aborted) resolve()
    else ending.addEventListener('abort', () => resolve(), { once: true })
  })
}
