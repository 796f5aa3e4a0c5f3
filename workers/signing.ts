/** The worker that holds the keys; without a process of its own every other worker could sign (contracts §4, §8). */
import { signingActivities } from '#activities/signing.ts'
import type { SigningActivities } from '#activities/contracts.ts'
import { ensureSchedule } from '#connectors/platform/schedule.ts'
import type { TemporalAddress, TemporalClient } from '#connectors/platform/temporal.ts'
import { type RunningWorker, startWorker } from '#connectors/platform/temporal-worker.ts'
import type { WorkerLogLevel } from '#connectors/platform/worker-log.ts'
import type { KeyStore } from '#credentials/signing/keys.ts'
import { type Db, listInstitutions } from '#db/client.ts'
import { pipelineQueue } from '#workers/pipeline.ts'
import { type KeyCare, keyCare } from '#workers/signing-keys.ts'

export const signingQueue = 'signing'

export interface SigningSettings {
  readonly temporal: TemporalAddress
  readonly client: TemporalClient
  /** Opened as `bevis_signing`. */
  readonly db: Db
  readonly keys: KeyStore
  readonly publicUrl: string
  readonly logLevel?: WorkerLogLevel
}

const hourMs = 3_600_000

/** Sees to keys and schedule, then starts polling for activities alone; it never sees a workflow's code. */
export async function startSigning(settings: SigningSettings): Promise<RunningWorker> {
  const { db, keys, publicUrl, temporal, client, logLevel = 'warn' } = settings
  const care = keyCare({ db, keys })
  for (const institution of await listInstitutions(db)) await care.ready(institution)
  const recurring = { id: 'status-lists', workflowType: 'statusLists', taskQueue: pipelineQueue, everyMs: hourMs }
  await ensureSchedule(client, recurring)
  const activities = withKeysReady(signingActivities({ db, keys, publicUrl }), care)
  return startWorker({ ...temporal, taskQueue: signingQueue, activities, logLevel })
}

/** Institutions registered, and keys rotated, while the worker runs: seen to before the next signature. */
function withKeysReady(activities: SigningActivities, care: KeyCare): SigningActivities {
  return {
    ...activities,
    sign: async (list) => {
      await care.ready(institutionIn(list))
      return activities.sign(list)
    },
    publishStatusLists: async (institution) => {
      await care.ready(institution)
      return activities.publishStatusLists(institution)
    },
  }
}

/** A stranger's task may carry anything; what is no list is refused by the activity itself. */
function institutionIn(list: unknown): unknown {
  return typeof list === 'object' && list !== null ? Reflect.get(list, 'institution') : undefined
}
