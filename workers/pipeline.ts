/** The worker that runs every case through its gates; without it completion events would pile up and nothing would be judged. */
import { fileURLToPath } from 'node:url'
import { pipelineActivities } from '#activities/pipeline.ts'
import type { Log } from '#connectors/platform/log.ts'
import type { TemporalAddress } from '#connectors/platform/temporal.ts'
import { type RunningWorker, startWorker } from '#connectors/platform/temporal-worker.ts'
import type { Db } from '#db/client.ts'
import { measured } from '#workers/observed.ts'

export const pipelineQueue = 'pipeline'

export interface PipelineSettings {
  readonly temporal: TemporalAddress
  /** Opened as `bevis_pipeline`. */
  readonly db: Db
  /** A ready bundle of the workflows; left out, they are bundled at the start (two seconds). */
  readonly workflowBundlePath?: string | undefined
  /** Takes part in Worker Versioning as this build; left out, unversioned. */
  readonly buildId?: string | undefined
  readonly log?: Log
  /** Where the SDK tells its own figures. */
  readonly metricsAddress?: string
}

/** Starts polling. All its activities are local, so it takes no activity tasks, not even a stranger's (contracts §4). */
export function startPipeline(settings: PipelineSettings): Promise<RunningWorker> {
  const { db, temporal, workflowBundlePath, buildId, log, metricsAddress } = settings
  const workflows =
    workflowBundlePath === undefined
      ? { workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)) }
      : { workflowBundlePath }
  const activities = pipelineActivities({ db })
  return startWorker({
    ...temporal,
    ...workflows,
    taskQueue: pipelineQueue,
    activities,
    localOnly: true,
    buildId,
    log,
    metricsAddress,
    around: [measured],
  })
}
