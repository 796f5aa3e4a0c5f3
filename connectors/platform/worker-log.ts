/**
 * The SDK's own log lines, with only what may be read by anyone: without this filter the worker prints error messages and
 * even whole tasks in plain text, whatever the codec does (contracts §10).
 */
import { Runtime } from '@temporalio/worker'

export type WorkerLogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error'
type Meta = Readonly<Record<string | symbol, unknown>>

export interface WorkerLogOptions {
  /** Lowest level written. Default `warn`. */
  readonly level?: WorkerLogLevel | undefined
  /** Receives each line, JSON without line end. Default: standard error. */
  readonly write?: (line: string) => void
}

const levels: readonly WorkerLogLevel[] = ['trace', 'debug', 'info', 'warn', 'error']

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
export function installWorkerLog({ level = 'warn', write = toStandardError }: WorkerLogOptions = {}): void {
  if (installed) return
  installed = true
  const log = (at: WorkerLogLevel, message: string, meta: Meta = {}) => {
    if (levels.indexOf(at) >= levels.indexOf(level)) write(JSON.stringify(redactedLine(at, message, meta)))
  }
  const at = (fixed: WorkerLogLevel) => (message: string, meta?: Meta) => log(fixed, message, meta)
  const atAny = (loud: string, message: string, meta?: Meta) =>
    log(levels.find((known) => known === loud.toLowerCase()) ?? 'error', message, meta)
  Runtime.install({
    // Our processes stop in their own order: NATS, then the worker, then Postgres.
    shutdownSignals: [],
    logger: {
      log: atAny,
      trace: at('trace'),
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
    },
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } },
  })
}

/** What is left of a line: its fixed text, ids, and an error's name and code. Exported for its test. */
export function redactedLine(level: WorkerLogLevel, message: string, meta: Meta): Readonly<Record<string, unknown>> {
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
