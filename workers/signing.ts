/** The worker that holds the keys; without a process of its own every other worker could sign (contracts §4, §8). */

import type { SigningActivities } from '#activities/contracts.ts'
import { watchLog } from '#activities/signing/await-log.ts'
import { signingActivities } from '#activities/signing.ts'
import type { Log } from '#connectors/platform/log.ts'
import { ensureSchedule } from '#connectors/platform/schedule.ts'
import type { TemporalAddress, TemporalClient } from '#connectors/platform/temporal.ts'
import { type RunningWorker, startWorker } from '#connectors/platform/temporal-worker.ts'
import type { KeyStore } from '#credentials/signing/keys.ts'
import { type Db, listInstitutions } from '#db/client.ts'
import { listenReferences } from '#db/references.ts'
import type { CaseQueue } from '#db/wake-ups.ts'
import { alive } from '#workers/alive.ts'
import { keptPolicies } from '#workers/log/policies.ts'
import { measured } from '#workers/observed.ts'
import { type KeyCare, keyCare } from '#workers/signing-keys.ts'
import { traced } from '#workers/traced.ts'

export const signingQueue = 'signing'

export interface SigningSettings {
  readonly temporal: TemporalAddress
  readonly client: TemporalClient
  /** Opened as `bevis_signing`. */
  readonly db: Db
  readonly keys: KeyStore
  readonly publicUrl: string
  /** Folder with `<institution>.policy`: whose log and which witnesses are believed. */
  readonly policyDir: string
  readonly log?: Log
  /** Where the SDK tells its own figures. */
  readonly metricsAddress?: string
}

const hourMs = 3_600_000

/** Sees to keys and schedule, then starts polling for activities alone; it never sees a workflow's code. */
export async function startSigning(settings: SigningSettings): Promise<RunningWorker> {
  const { db, keys, publicUrl, policyDir, temporal, client, log, metricsAddress } = settings
  const care = keyCare({ db, keys })
  const taskQueue: CaseQueue = 'pipeline'
  const recurring = { id: 'status-lists', workflowType: 'statusLists', taskQueue, everyMs: hourMs }
  await ensureSchedule(client, recurring)
  const watch = await watchLog(db)
  const policyOf = keptPolicies(policyDir)
  const activities = withKeysReady(signingActivities({ db, keys, publicUrl, log: watch, policyOf }), care)
  const worker = await startWorker({
    ...temporal,
    taskQueue: signingQueue,
    activities,
    log,
    metricsAddress,
    around: [alive, traced(db), measured],
  })
  const listening = await welcome(db, care)
  return {
    ...worker,
    shutdown: async () => {
      await listening.stop()
      await worker.shutdown()
      await watch.stop()
    },
  }
}

/**
 * An institution whose register is applied while the worker runs has its key at once: its people's references, which every
 * register brings, are what we hear of. If this fails, the first signature makes up for it.
 */
function welcome(db: Db, care: KeyCare): Promise<{ stop(): Promise<void> }> {
  const see = (institution: unknown) => {
    care.ready(institution).catch(() => undefined)
  }
  return listenReferences(db, {
    added: see,
    connected: () => {
      listInstitutions(db).then(
        (all) => all.forEach(see),
        () => undefined,
      )
    },
  })
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
