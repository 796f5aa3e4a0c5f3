/** How a process lives and ends: without it a deploy would cut batches and activities in half. */
import { constants } from 'node:os'
import { ConfigError } from '#config/config-error.ts'
import { ConnectorError } from '#connectors/connector-error.ts'
import { type Log, type LogLevel, openLog, shortNameOf } from '#connectors/platform/log.ts'
import { CliError } from '../cli-error.ts'
import { exitCodes } from '../exit-codes.ts'

export interface Life {
  /** Aborts when the process is told to end. */
  readonly ending: AbortSignal
  readonly log: Log
  /** Closed in reverse order, so that whoever was opened last (a consumer) stops before what it stands on (Postgres). */
  closing(what: string, close: () => Promise<void>): void
  /** Ends the process with this failure, after closing, whatever `work` does. */
  broken(error: Error): void
}

/** Somebody told the process to end before it had come up. */
export class Ended extends Error {}

/** A closing that hangs must not outlast the patience of whoever stops us. */
const patienceMs = 15_000

/**
 * Runs `work` until it resolves; SIGTERM and SIGINT abort `ending` and `work` is expected to resolve then. A second signal ends
 * at once. Then closes all that was opened.
 * @throws CliError `process/broken` when something broke `work`, after closing
 */
export async function live(name: string, level: LogLevel, work: (life: Life) => Promise<void>): Promise<void> {
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
    await Promise.race([work({ ending: end.signal, log, closing, broken: (error) => breaks(error) }), broke])
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

/** Resolves when the process is told to end. */
export function untilEnd(ending: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (ending.aborted) resolve()
    else ending.addEventListener('abort', () => resolve(), { once: true })
  })
}
