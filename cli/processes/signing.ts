/** `bevis work signing`: the only process that can open the keys; without it nothing would be signed or revoked. */
import { readConfig } from '#config/env.ts'
import { armFailpoints } from '#config/failpoints.ts'
import { readSecrets, readSigningSecret } from '#config/secrets.ts'
import { temporalCheck } from '#connectors/platform/temporal.ts'
import { openKeyStore } from '#credentials/signing/keys.ts'
import { databaseChecks } from '#db/ready.ts'
import { startSigning } from '#workers/signing.ts'
import { signingKeyCheck } from '#workers/signing-keys.ts'
import { openDatabase, openTemporal, temporalAt } from './connections.ts'
import { live } from './life.ts'
import { onWholeRecord } from './record.ts'
import { runWorker } from './run-worker.ts'

export async function runSigningProcess(): Promise<void> {
  const config = readConfig('signing')
  armFailpoints(config.failpointsDir, 'signing')
  const secrets = readSecrets(config.secretsFile)
  const secret = readSigningSecret(config.signingSecretFile)
  await live(config, async (life) => {
    const db = await openDatabase(life, config.databaseUrl, secrets)
    await onWholeRecord(life, db)
    const temporal = temporalAt(config, secrets)
    const client = await openTemporal(life, temporal)
    const keys = openKeyStore({ dir: config.signingKeysDir, secret, base: config.publicUrl })
    const { publicUrl, logPolicyDir: policyDir } = config
    const { log, sdkMetrics: metricsAddress } = life
    life.needs(() => [...databaseChecks(db), temporalCheck(client), signingKeyCheck(db, keys)])
    await runWorker(life, () => startSigning({ db, temporal, client, keys, publicUrl, policyDir, log, metricsAddress }))
  })
}
