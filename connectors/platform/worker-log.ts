/**
 * The Temporal SDK's own lines, through our log: without this the worker prints error messages and even whole tasks in plain
 * text, whatever the codec does (contracts §10).
 */
import { Runtime } from '@temporalio/worker'
import { type Log, logLevels, openLog } from './log.ts'
import type { SafeFields } from './safe-fields.ts'

type Meta = Readonly<Record<string | symbol, unknown>>

let installed = false

/**
 * Has the SDK write to this log, for as long as the process lives; only the first call counts, because the SDK has one runtime
 * per process. With `metricsAddress` (`host:port`) it tells its figures there. Default: warnings and errors on standard error.
 */
export function installWorkerLog(
  log: Log = openLog({ process: 'worker', level: 'warn' }),
  metricsAddress?: string,
): void {
  if (installed) return
  installed = true
  const write = sdkLog(log)
  const at = (level: (typeof logLevels)[number]) => (message: string, meta?: Meta) => write(level, message, meta)
  Runtime.install({
    // Our processes stop in their own order: NATS, then the worker, then Postgres.
    shutdownSignals: [],
    logger: {
      log: write,
      trace: at('trace'),
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
    },
    telemetryOptions: {
      logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} },
      ...metricsAt(metricsAddress),
    },
  })
}

/** Its own figures (`temporal_…`), with the units and endings of ours. */
function metricsAt(bindAddress: string | undefined) {
  if (bindAddress === undefined) return {}
  const prometheus = { bindAddress, countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true }
  return { metrics: { prometheus } }
}

/** A line of the SDK as a line of ours: its fixed text, its ids and numbers, and an error without its words. */
export function sdkLog(log: Log): (level: string, message: string, meta?: Meta) => void {
  return (loud, message, meta = {}) => {
    const level = logLevels.find((known) => known === loud.toLowerCase()) ?? 'error'
    log(level, fixedText(message), fieldsOf(meta))
  }
}

/** The SDK puts an error's own text behind a colon. */
function fixedText(message: string): string {
  return message.split(':', 1)[0] ?? ''
}

const named = {
  namespace: 'namespace',
  taskQueue: 'task_queue',
  workflowId: 'workflow_id',
  runId: 'run_id',
  workflowType: 'workflow_type',
  activityId: 'activity_id',
  activityType: 'activity_type',
  traceId: 'trace_id',
  spanId: 'span_id',
} as const

function fieldsOf(meta: Meta): SafeFields {
  const fields: Record<string, unknown> = { component: 'temporal' }
  for (const [theirs, ours] of Object.entries(named)) if (meta[theirs] !== undefined) fields[ours] = meta[theirs]
  const { attempt, durationMs, error, workflowId } = meta
  const [, institution, caseId] = /^case\/([^/]+)\/([^/]+)$/.exec(String(workflowId)) ?? []
  return {
    ...fields,
    ...(institution === undefined ? {} : { institution, case_id: caseId }),
    ...(typeof attempt === 'number' ? { attempt } : {}),
    ...(typeof durationMs === 'number' ? { duration_ms: durationMs } : {}),
    ...(error === undefined ? {} : { error }),
  }
}
