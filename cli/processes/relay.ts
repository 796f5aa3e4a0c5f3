/** `bevis work relay`: without it no event would leave and no lost wake-up be repeated. */
import { readConfig } from '#config/env.ts'
import { armFailpoints } from '#config/failpoints.ts'
import { readSecrets } from '#config/secrets.ts'
import { jetStream, natsCheck } from '#connectors/platform/nats.ts'
import { markStore } from '#connectors/platform/nats-mark.ts'
import { temporalCheck } from '#connectors/platform/temporal.ts'
import { databaseChecks } from '#db/ready.ts'
import { mayGoOn } from '#domain/record-age.ts'
import { runFigures } from '#workers/figures.ts'
import { markKeeper } from '#workers/record-mark.ts'
import { runRelay } from '#workers/relay.ts'
import { openDatabase, openNats, openTemporal, temporalAt } from './connections.ts'
import { live } from './life.ts'
import { answerAboutRecord, tellOlder } from './record.ts'

export async function runRelayProcess(): Promise<void> {
  const config = readConfig('relay')
  armFailpoints(config.failpointsDir, 'relay')
  const secrets = readSecrets(config.secretsFile)
  await live(config, async (life) => {
    const db = await openDatabase(life, config.databaseUrl, secrets)
    const temporal = await openTemporal(life, temporalAt(config, secrets))
    const nats = await openNats(life, config, 'relay')
    const record = markKeeper({
      db,
      marks: markStore(nats),
      onAge: (compared) => {
        if (!mayGoOn(compared.age)) life.log('error', `nothing is sent: ${tellOlder(compared)}`)
        if (compared.age === 'unmarked') life.log('warn', 'NATS keeps no mark of this record yet; begun')
      },
    })
    const answers = await answerAboutRecord(db, record)
    life.closing('the answers about the record', () => answers.stop())
    life.needs(() => [...databaseChecks(db), temporalCheck(temporal), natsCheck(nats)])
    life.log('info', 'working')
    const onTrouble = (kind: string, error: unknown) => life.log('warn', 'delayed', { what: kind, error })
    await Promise.all([
      runRelay({ db, temporal, nats: jetStream(nats), record, onTrouble }, life.ending),
      runFigures(db, life.ending, (error) => onTrouble('figures', error)),
    ])
  })
}
