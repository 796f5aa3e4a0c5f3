/** A worker as we run it: without it a process would forget the codec, the log filter or the calm way to stop. */
import { type ActivityInterceptorsFactory, NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker'
import { deploymentName } from './deployment.ts'
import type { Log } from './log.ts'
import { dataConverter } from './payload-codec.ts'
import type { TemporalAddress } from './temporal.ts'
import { installWorkerLog } from './worker-log.ts'

export interface WorkerSettings extends TemporalAddress {
  readonly taskQueue: string
  /** A ready bundle (production, tests) … */
  readonly workflowBundlePath?: string | undefined
  /** … or the module to bundle at start. Neither: a worker for activities alone. */
  readonly workflowsPath?: string | undefined
  /** Functions by name; the workflow's `proxyActivities` type must agree. */
  readonly activities: object
  /** True where all activities are local: the worker then asks for no activity tasks, not even a stranger's. */
  readonly localOnly?: boolean
  /** Workflow tasks and local activities at a time, at least 2; default 40. */
  readonly slots?: number | undefined
  /**
   * Build this worker is, for Worker Versioning: running workflows move to the current build with their next task (AUTO_UPGRADE), so
   * a changed workflow needs `patched`. Left out, the worker is unversioned, as in development.
   */
  readonly buildId?: string | undefined
  /** Where the SDK tells what happens; the first worker of a process decides. Default: warnings on standard error. */
  readonly log?: Log | undefined
  /** Where the SDK tells its own figures (`host:port`); the first worker of a process decides. */
  readonly metricsAddress?: string | undefined
  /** Around every activity, outermost first. */
  readonly around?: readonly ActivityInterceptorsFactory[]
}

export interface RunningWorker {
  readonly worker: Worker
  /** Settles when the worker has stopped; rejects if it broke. */
  readonly run: Promise<void>
  /** Takes no more tasks, lets running ones finish, closes the line. Safe to call twice. */
  shutdown(): Promise<void>
}

/** Fixed sizes: measurements repeat, and one machine's database pool is never outrun. Scale out with more processes. */
function sizes(slots = 40) {
  return {
    maxConcurrentWorkflowTaskExecutions: slots,
    maxConcurrentLocalActivityExecutions: slots,
    maxConcurrentActivityTaskExecutions: 20,
    maxEagerActivityReservationsPerWorkflowTask: 3,
  }
}

/** How long running activities may go on after the call to stop, before they are cancelled. */
const shutdownGraceTime = '10s'

/** Starts polling and returns at once; await `run` to notice a worker that breaks. */
export async function startWorker(settings: WorkerSettings): Promise<RunningWorker> {
  installWorkerLog(settings.log, settings.metricsAddress)
  const { address, namespace, codecKey, taskQueue, slots, localOnly = false } = settings
  const connection = await NativeConnection.connect({ address, grpcCompression: { codec: compression(address) } })
  try {
    const worker = await Worker.create({
      connection,
      namespace,
      taskQueue,
      ...workflowsOf(settings),
      ...versionOf(settings),
      activities: settings.activities,
      interceptors: { activity: [...(settings.around ?? [])] },
      dataConverter: dataConverter({ codecKey, namespace, foreign: 'blank' }),
      enableNonLocalActivities: !localOnly,
      shutdownGraceTime,
      stickyQueueScheduleToStartTimeout: '5s',
      // The SDK holds heartbeats back for four fifths of their timeout: on a busy machine too little is left.
      maxHeartbeatThrottleInterval: '3s',
      ...sizes(slots),
    })
    return running(worker, connection)
  } catch (error) {
    await connection.close()
    throw error
  }
}

function running(worker: Worker, connection: NativeConnection): RunningWorker {
  const run = runThenClose(worker, connection)
  const shutdown = async () => {
    if (worker.getState() === 'RUNNING') worker.shutdown()
    await run
  }
  return { worker, run, shutdown }
}

async function runThenClose(worker: Worker, connection: NativeConnection): Promise<void> {
  try {
    await worker.run()
  } finally {
    await connection.close()
  }
}

function workflowsOf({ workflowBundlePath, workflowsPath }: WorkerSettings) {
  if (workflowBundlePath !== undefined) return { workflowBundle: { codePath: workflowBundlePath } }
  return workflowsPath === undefined ? {} : { workflowsPath }
}

function versionOf({ buildId }: WorkerSettings): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  if (buildId === undefined) return {}
  const version = { deploymentName, buildId }
  return {
    workerDeploymentOptions: { version, useWorkerVersioning: true, defaultVersioningBehavior: 'AUTO_UPGRADE' },
  }
}

/** Compressing for a neighbour on the same machine only costs CPU. */
function compression(address: string): 'none' | 'gzip' {
  return /^(localhost|127\.[0-9.]+|\[?::1\]?):/.test(address) ? 'none' : 'gzip'
}
