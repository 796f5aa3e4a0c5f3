/** The worker that runs every case through its gates; without it completion events would pile up and nothing would be judged. */
import { fileURLToPath } from 'node:url'
import { pipelineActivities } from '#activities/pipeline.ts'
import type { Log } from '#connectors/platform/log.ts'
import type { TemporalAddress } from '#connectors/platform/temporal.ts'
import { type RunningWorker, startWorker } from '#connectors/platform/temporal-worker.ts'
import type { Db } from '#db/client.ts'
import { type CaseQueue, caseQueues } from '#db/wake-ups.ts'
import { measured } from '#workers/observed.ts'
import { traced } from '#workers/traced.ts'

export interface PipelineSettings {
  readonly temporal: TemporalAddress
  /** One pool per queue to poll, each opened as `bevis_pipeline`: who waits for a person never waits for a cohort's connections. */
  readonly dbs: { readonly [Q in CaseQueue]?: Db }
  /** A ready bundle of the workflows; left out, they are bundled at the start (two seconds). */
  readonly workflowBundlePath?: string | undefined
  /** Takes part in Worker Versioning as this build; left out, unversioned. */
  readonly buildId?: string | undefined
  readonly log?: Log
  /** Where the SDK tells its own figures. */
  readonly metricsAddress?: string
}

/** Its workers as one. */
export type RunningPipeline = Pick<RunningWorker, 'run' | 'shutdown'>

/**
 * How many workflow tasks and acts at a time. No more than one thread can keep going: a task waits with its acts, and where hundreds of
 * cases are judged anew at once, tasks that wait too long are given up and begun again. Few for cohorts: one act of theirs judges two
 * hundred cases, and what they take is taken from people.
 */
const slots: { readonly [Q in CaseQueue]: number } = { pipeline: 16, cohorts: 4 }

/** Starts polling. All its activities are local, so it takes no activity tasks, not even a stranger's (contracts §4). */
export async function startPipeline(settings: PipelineSettings): Promise<RunningPipeline> {
  const started = await Promise.allSettled(
    caseQueues.flatMap((queue) => {
      const db = settings.dbs[queue]
      return db === undefined ? [] : [pollerOf(settings, queue, db)]
    }),
  )
  const workers = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const shutdown = async () => {
    await Promise.all(workers.map((worker) => worker.shutdown()))
  }
  const failed = started.find((one) => one.status === 'rejected')
  if (failed !== undefined) {
    await shutdown()
    throw failed.reason
  }
  return { run: Promise.all(workers.map(({ run }) => run)).then(() => undefined), shutdown }
}

function pollerOf(settings: PipelineSettings, taskQueue: CaseQueue, db: Db): Promise<RunningWorker> {
  const { temporal, workflowBundlePath, buildId, log, metricsAddress } = settings
  const workflows =
    workflowBundlePath === undefined
      ? { workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)) }
      : { workflowBundlePath }
  const activities = pipelineActivities({ db })
  const common = { ...temporal, ...workflows, activities, localOnly: true, buildId, log, metricsAddress }
  return startWorker({ ...common, taskQueue, slots: slots[taskQueue], around: [traced(db), measured] })
}
