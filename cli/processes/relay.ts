/** `bevis work relay`: without it no event would leave and no lost wake-up be repeated. */
import { readConfig } from '#config/env.ts'
import { armFailpoints } from '#config/failpoints.ts'
import { readSecrets } from '#config/secrets.ts'
import { jetStream } from '#connectors/platform/nats.ts'
import { runRelay } from '#workers/relay.ts'
import { openDatabase, openNats, openTemporal, temporalAt } from './connections.ts'
import { live, nameOf } from './life.ts'

export async function runRelayProcess(): Promise<void> {
  const config = readConfig('relay')
  armFailpoints(config.failpointsDir, 'relay')
  const secrets = readSecrets(config.secretsFile)
  await live('relay', config.logLevel, async (life) => {
    const db = await openDatabase(life, config.databaseUrl, secrets)
    const temporal = await openTemporal(life, temporalAt(config, secrets))
    const nats = await openNats(life, config, 'relay')
    life.working()
    const onTrouble = (kind: string, error: unknown) => life.say(`delayed: ${kind} (${nameOf(error)})`, 'warn')
    await runRelay({ db, temporal, nats: jetStream(nats), onTrouble }, life.ending)
  })
}
