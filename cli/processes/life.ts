/** How a process lives and ends: without it a deploy would cut batches and activities in half. */
import { constants } from 'node:os'
import { ConfigError } from '#config/config-error.ts'
import type { Config } from '#config/env.ts'
import { CliError } from '../cli-error.ts'

type Level = Config<'api'>['logLevel']

export interface Life {
  /** Aborts when the process is told to end. */
  readonly ending: AbortSignal
  say(line: string, level?: Level): void
  /** Everything is there; from now on errors may quote content and are told by name only (contracts §10). */
  working(line?: string): void
  /** Closed in reverse order, so that whoever was opened last (a consumer) stops before what it stands on (Postgres). */
  closing(what: string, close: () => Promise<void>): void
  /** Ends the process with this failure, after closing, whatever `work` does. */
  broken(error: Error): void
}

/** Somebody told the process to end before it had come up. */
export class Ended extends Error {}

const levels: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error']
/** A closing that hangs must not outlast the patience of whoever stops us. */
const patienceMs = 15_000

/**
 * Runs `work` until it resolves; SIGTERM and SIGINT abort `ending` and `work` is expected to resolve then. A second signal ends
 * at once. Then closes all that was opened.
 * @throws CliError `process/broken` when something broke `work`, after closing
 */
export async function live(name: string, level: Level, work: (life: Life) => Promise<void>): Promise<void> {
  const end = new AbortController()
  const opened: { readonly what: string; readonly close: () => Promise<void> }[] = []
  const say = (message: string, at: Level = 'info') => {
    if (levels.indexOf(at) < levels.indexOf(level)) return
    process.stderr.write(`${JSON.stringify({ at: new Date().toISOString(), level: at, process: name, message })}\n`)
  }
  let isWorking = false
  let breaks: (error: Error) => void = () => undefined
  const working = (line = 'working') => {
    isWorking = true
    say(line)
  }
  const stop = (signal: NodeJS.Signals) => {
    if (end.signal.aborted) process.exit(128 + constants.signals[signal])
    say(`ending (${signal})`)
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
    await Promise.race([work({ ending: end.signal, say, working, closing, broken: (error) => breaks(error) }), broke])
  } catch (error) {
    if (!(error instanceof Ended)) throw broken(name, error, isWorking)
  } finally {
    for (const { what, close } of opened.toReversed()) await calmly(what, close, say)
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.removeListener(signal, stop)
    say('ended')
  }
}

function broken(name: string, error: unknown, isWorking: boolean): Error {
  if (error instanceof CliError || error instanceof ConfigError) return error
  const message = error instanceof Error && !isWorking ? `: ${error.message.split('\n', 1)[0] ?? ''}` : ''
  const what = `${name} cannot go on (${nameOf(error)}${message})`
  const mend = 'mend what is named; starting again is always safe'
  return new CliError({ exit: 'failure', code: 'process/broken', what, mend }, { cause: error })
}

async function calmly(what: string, close: () => Promise<void>, say: Life['say']): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), patienceMs)
  })
  try {
    if ((await Promise.race([close(), late])) === 'late') say(`${what} did not close in time`, 'warn')
  } catch (error) {
    say(`${what} did not close well (${nameOf(error)})`, 'warn')
  } finally {
    clearTimeout(timer)
  }
}

/** What may be logged of any error: messages of libraries can quote content (contracts §10). */
export function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const code: unknown = Reflect.get(error, 'code')
  return typeof code === 'string' && /^[\w./-]{1,64}$/.test(code) ? code : error.name
}

/** Resolves when the process is told to end. */
export function untilEnd(ending: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (ending.aborted) resolve()
    else ending.addEventListener('abort', () => resolve(), { once: true })
  })
}
