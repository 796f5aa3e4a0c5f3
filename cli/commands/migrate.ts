/** Database and streams as this version expects them; without it an update would meet yesterday's tables. */
import { readNatsSeed } from '#config/secrets.ts'
import { connectNats } from '#connectors/platform/nats.ts'
import { openStreams } from '#connectors/platform/nats-streams.ts'
import { migrate } from '#db/migrate.ts'
import { command } from '../command.ts'
import { demand, settingsOf } from '../settings.ts'

export const migrateCommand = command({
  takes: '',
  args: [0, 0],
  options: { replicas: { value: '<n>', says: 'copies each stream keeps; 3 in a cluster (default 1)' } },
  examples: [
    ['bevis migrate', 'run pending migrations and rights; open the streams where BEVIS_NATS_URL is set'],
    ['bevis migrate --replicas 3', 'the same, streams on three servers'],
  ],
  run: async ({ values, out }) => {
    const settings = settingsOf()
    await migrate(demand(settings.ownerUrl ?? settings.config.databaseUrl, 'BEVIS_DATABASE_URL'))
    const { natsUrl, natsSeedFile } = settings.config
    if (natsUrl !== undefined) await migrateStreams(natsUrl, natsSeedFile, Number(values.replicas ?? 1))
    const streams = natsUrl === undefined ? 'not asked for (BEVIS_NATS_URL is not set)' : 'ready'
    out.data(() => `Database  ready\nStreams   ${streams}`, {
      database: 'ready',
      streams: natsUrl === undefined ? 'skipped' : 'ready',
    })
    return 'ok'
  },
})

async function migrateStreams(url: string, seedFile: string | undefined, replicas: number): Promise<void> {
  const seed = seedFile === undefined ? undefined : readNatsSeed(seedFile)
  const connection = await connectNats({ url, seed, name: 'admin' })
  try {
    await openStreams(connection, { replicas })
  } finally {
    await connection.close()
  }
}
