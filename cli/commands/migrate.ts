/** Database and streams as this version expects them; without it an update would meet yesterday's tables. */
import { readNatsSeed, readSecrets, type Secrets } from '#config/secrets.ts'
import { connectNats } from '#connectors/platform/nats.ts'
import { openStreams } from '#connectors/platform/nats-streams.ts'
import { openDb } from '#db/client.ts'
import { migrate } from '#db/migrate.ts'
import { keepSecretsMark } from '#db/secrets-mark.ts'
import { command } from '../command.ts'
import { demandOwnSecrets } from '../own-secrets.ts'
import { demand, settingsOf } from '../settings.ts'

export const migrateCommand = command({
  takes: '',
  args: [0, 0],
  options: { replicas: { value: '<n>', says: 'copies each stream keeps; 3 in a cluster (default 1)' } },
  examples: [
    [
      'bevis migrate',
      'run pending migrations and rights; note whose secrets seal it; open the streams where BEVIS_NATS_URL is set',
    ],
    ['bevis migrate --replicas 3', 'the same, streams on three servers'],
  ],
  run: async ({ values, out }) => {
    const settings = settingsOf()
    const url = demand(settings.ownerUrl ?? settings.config.databaseUrl, 'BEVIS_DATABASE_URL')
    const { natsUrl, natsSeedFile, secretsFile } = settings.config
    await migrate(url)
    if (secretsFile !== undefined) await noteSecrets(url, readSecrets(secretsFile))
    if (natsUrl !== undefined) await migrateStreams(natsUrl, natsSeedFile, Number(values.replicas ?? 1))
    const streams = natsUrl === undefined ? 'not asked for (BEVIS_NATS_URL is not set)' : 'ready'
    const secrets = secretsFile === undefined ? 'not noted (BEVIS_SECRETS_FILE is not set)' : 'those of this database'
    out.data(() => `Database  ready\nSecrets   ${secrets}\nStreams   ${streams}`, {
      database: 'ready',
      secrets: secretsFile === undefined ? 'skipped' : 'own',
      streams: natsUrl === undefined ? 'skipped' : 'ready',
    })
    return 'ok'
  },
})

/** The first ones are the database's own from then on. @throws CliError `secrets/other` */
async function noteSecrets(ownerUrl: string, secrets: Secrets): Promise<void> {
  const db = openDb(ownerUrl, secrets, { max: 1 })
  try {
    await keepSecretsMark(db, secrets)
    await demandOwnSecrets(db, secrets)
  } finally {
    await db.close()
  }
}

async function migrateStreams(url: string, seedFile: string | undefined, replicas: number): Promise<void> {
  const seed = seedFile === undefined ? undefined : readNatsSeed(seedFile)
  const connection = await connectNats({ url, seed, name: 'admin' })
  try {
    await openStreams(connection, { replicas })
  } finally {
    await connection.close()
  }
}
