/** `bevis work pipeline`: without it no case would be judged. */
import { readConfig } from '#config/env.ts'
import { armFailpoints } from '#config/failpoints.ts'
import { readSecrets } from '#config/secrets.ts'
import { ensureSchedule } from '#connectors/platform/schedule.ts'
import { temporalCheck } from '#connectors/platform/temporal.ts'
import type { Db } from '#db/client.ts'
import { databaseChecks } from '#db/ready.ts'
import { type CaseQueue, caseQueues } from '#db/wake-ups.ts'
import { startPipeline } from '#workers/pipeline.ts'
import { openDatabase, openTemporal, temporalAt } from './connections.ts'
import { live } from './life.ts'
import { onWholeRecord } from './record.ts'
import { runWorker } from './run-worker.ts'

const taskQueue: CaseQueue = 'pipeline'
/** Once a day, at midnight UTC. */
const nightly = ['reconciliation', 'disposal'].map((id) => ({ id, workflowType: id, taskQueue, everyMs: 86_400_000 }))

/** @param queues what to poll; both where nothing is said */
export async function runPipelineProcess(queues: readonly CaseQueue[] = caseQueues): Promise<void> {
  const config = readConfig('pipeline')
  armFailpoints(config.failpointsDir, 'pipeline')
  const secrets = readSecrets(config.secretsFile)
  await live(config, async (life) => {
    const db = await openDatabase(life, config.databaseUrl, secrets)
    await onWholeRecord(life, db)
    const dbs: { [Q in CaseQueue]?: Db } = {}
    for (const queue of queues) dbs[queue] = await openDatabase(life, config.databaseUrl, secrets)
    const temporal = temporalAt(config, secrets)
    const client = await openTemporal(life, temporal)
    life.needs(() => [...databaseChecks(db), temporalCheck(client)])
    for (const recurring of nightly) await ensureSchedule(client, recurring)
    const workflowBundlePath = config.workflowBundle
    const { buildId } = config
    const metricsAddress = life.sdkMetrics
    await runWorker(life, () =>
      startPipeline({ dbs, temporal, workflowBundlePath, buildId, log: life.log, metricsAddress }),
    )
  })
}
