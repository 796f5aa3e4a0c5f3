/**
 * The one place that configures logs (pino): JSON lines on standard error, safe by construction: a fixed text, and fields as
 * `safe-fields.ts` lets them pass (contracts §10).
 */
import pino from 'pino'
import { kept, masked, type SafeFields } from './safe-fields.ts'
import { activeTrace } from './tracing.ts'

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof logLevels)[number]

export interface Log {
  /** `text` is fixed: what varies goes into fields, where it is checked. */
  (level: LogLevel, text: string, fields?: SafeFields): void
}

export interface LogOptions {
  /** Name of the process, in every line. */
  readonly process: string
  /** Lowest level written. Default `info`. */
  readonly level?: LogLevel | undefined
  /** Receives each line with its line end. Default: standard error, written before the call returns. */
  readonly write?: (line: string) => void
}

export function openLog({ process: name, level = 'info', write }: LogOptions): Log {
  const logger = pino(
    {
      level,
      messageKey: 'message',
      errorKey: 'error',
      timestamp: pino.stdTimeFunctions.isoTime,
      base: { process: name },
      formatters: { level: (label) => ({ level: label }), log: kept },
    },
    write === undefined ? pino.destination({ dest: 2, sync: true }) : { write },
  )
  return (at, text, fields = {}) => logger[at]({ ...traceNow(), ...fields }, masked(text.slice(0, 300)))
}

/** Which trace and span are running, so that a line is found from its trace and the other way about. */
function traceNow(): SafeFields {
  const active = activeTrace()
  return active === undefined ? {} : { trace_id: active.traceId, span_id: active.spanId }
}
