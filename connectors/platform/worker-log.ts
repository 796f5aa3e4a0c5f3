/**
 * The SDK's own log lines, with only what may be read by anyone: without this filter the worker prints error messages and
 * even whole tasks in plain text, whatever the codec does (contracts §10).
 */
import { Runtime } from '@temporalio/worker'

type Level = 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR'
type Meta = Readonly<Record<string | symbol, unknown>>

export interface WorkerLogOptions {
  /** Lowest level written. Default `WARN`. */
  readonly level?: Level
  /** Receives each line, JSON without line end. Default: standard error. */
  readonly write?: (line: string) => void
}

const levels: readonly Level[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR']

/** Ids, names and numbers; everything else could quote a payload. */
const plain = [
  'sdkComponent',
  'namespace',
  'taskQueue',
  'workflowId',
  'runId',
  'workflowType',
  'activityId',
  'activityType',
  'attempt',
  'isLocal',
  'durationMs',
] as const

let installed = false

/** Installs the filter for this process; only the first call counts, because the SDK has one runtime per process. */
export function installWorkerLog({ level = 'WARN', write = toStandardError }: WorkerLogOptions = {}): void {
  if (installed) return
  installed = true
  const log = (at: Level, message: string, meta: Meta = {}) => {
    if (levels.indexOf(at) >= levels.indexOf(level)) write(JSON.stringify(redactedLine(at, message, meta)))
  }
  const at = (fixed: Level) => (message: string, meta?: Meta) => log(fixed, message, meta)
  Runtime.install({
    // Our processes stop in their own order: NATS, then the worker, then Postgres.
    shutdownSignals: [],
    logger: { log, trace: at('TRACE'), debug: at('DEBUG'), info: at('INFO'), warn: at('WARN'), error: at('ERROR') },
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } },
  })
}

/** What is left of a line: its fixed text, ids, and an error's name and code. Exported for its test. */
export function redactedLine(level: Level, message: string, meta: Meta): Readonly<Record<string, unknown>> {
  const line: Record<string, unknown> = { at: new Date().toISOString(), level, message: fixedText(message) }
  for (const name of plain) if (meta[name] !== undefined) line[name] = meta[name]
  const { error } = meta
  if (error instanceof Error) {
    line['error'] = error.name
    for (const name of ['type', 'code'] as const) {
      const code: unknown = Reflect.get(error, name)
      if (typeof code === 'string' && /^[A-Za-z0-9_./-]{1,64}$/.test(code)) line[`error_${name}`] = code
    }
  }
  return line
}

/** The SDK puts an error's own text behind a colon. */
function fixedText(message: string): string {
  return message.split(':', 1)[0] ?? ''
}

function toStandardError(line: string): void {
  process.stderr.write(`${line}\n`)
}
