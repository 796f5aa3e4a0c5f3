/** `bevis work pipeline`: without it no case would be judged. */
import { readConfig } from '#config/env.ts'
import { armFailpoints } from '#config/failpoints.ts'
import { readSecrets } from '#config/secrets.ts'
import { startPipeline } from '#workers/pipeline.ts'
import { openDatabase, openTemporal, temporalAt } from './connections.ts'
import { live } from './life.ts'
import { onWholeRecord } from './record.ts'
import { runWorker } from './run-worker.ts'

export async function runPipelineProcess(): Promise<void> {
  const config = readConfig('pipeline')
  armFailpoints(config.failpointsDir, 'pipeline')
  const secrets = readSecrets(config.secretsFile)
  await live('pipeline', config.logLevel, async (life) => {
    const db = await openDatabase(life, config.databaseUrl, secrets)
    await onWholeRecord(life, db)
    const temporal = temporalAt(config, secrets)
    await openTemporal(life, temporal)
    const workflowBundlePath = config.workflowBundle
    const { buildId } = config
    await runWorker(life, () => startPipeline({ db, temporal, workflowBundlePath, buildId, log: life.log }))
  })
}
