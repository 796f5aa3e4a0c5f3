/** `bevis work pipeline`: without it no case would be judged. */
import { readConfig } from '#config/env.ts'
import { armFailpoints } from '#config/failpoints.ts'
import { readSecrets } from '#config/secrets.ts'
import { temporalCheck } from '#connectors/platform/temporal.ts'
import { databaseChecks } from '#db/ready.ts'
import { startPipeline } from '#workers/pipeline.ts'
import { openDatabase, openTemporal, temporalAt } from './connections.ts'
import { live } from './life.ts'
import { onWholeRecord } from './record.ts'
import { runWorker } from './run-worker.ts'

export async function runPipelineProcess(): Promise<void> {
  const config = readConfig('pipeline')
  armFailpoints(config.failpointsDir, 'pipeline')
  const secrets = readSecrets(config.secretsFile)
  await live(config, async (life) => {
    const db = await openDatabase(life, config.databaseUrl, secrets)
    await onWholeRecord(life, db)
    const temporal = temporalAt(config, secrets)
    const client = await openTemporal(life, temporal)
    life.needs(() => [...databaseChecks(db), temporalCheck(client)])
    const workflowBundlePath = config.workflowBundle
    const { buildId } = config
    const metricsAddress = life.sdkMetrics
    await runWorker(life, () =>
      startPipeline({ db, temporal, workflowBundlePath, buildId, log: life.log, metricsAddress }),
    )
  })
}
