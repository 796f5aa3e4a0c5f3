/** What the commands for a log that stands still, or shall end, have in common: its lock, and the rights of the database's owner. */
import { beginEffect } from '#config/failpoints.ts'
import { readNatsSeed } from '#config/secrets.ts'
import { connectNats } from '#connectors/platform/nats.ts'
import { type LogLock, logLock } from '#connectors/platform/nats-lock.ts'
import { as, type InstitutionId } from '#domain/words.ts'
import { usage } from './cli-error.ts'
import { demand, type Settings } from './settings.ts'

/** As an identity that may read and write the lock. */
export async function withLock<T>({ config }: Settings, work: (lock: LogLock) => Promise<T>): Promise<T> {
  const seed = config.natsSeedFile === undefined ? undefined : readNatsSeed(config.natsSeedFile)
  const nats = await connectNats({ url: demand(config.natsUrl, 'BEVIS_NATS_URL'), seed, name: 'admin' })
  try {
    return await work(dying(await logLock(nats)))
  } finally {
    await nats.close()
  }
}

/** A swap is an effect, at whose moments a command can be told to die. */
function dying(lock: LogLock): LogLock {
  return {
    read: (institution) => lock.read(institution),
    replace: async (...asked) => {
      const pass = beginEffect()
      pass('before')
      const swapped = await lock.replace(...asked)
      pass('after-effect')
      pass('after-commit')
      return swapped
    },
  }
}

/** Who puts entries back, or ends a log, is the database's owner: no role of ours may write what somebody else once said. */
export function ownerConfig({ config, ownerUrl }: Settings) {
  const databaseUrl = demand(config.ownerDatabaseUrl ?? ownerUrl, 'BEVIS_OWNER_DATABASE_URL')
  return { databaseUrl, ...(config.secretsFile === undefined ? {} : { secretsFile: config.secretsFile }) }
}

export function institutionIn(named: string): InstitutionId {
  if (/^[a-z0-9][a-z0-9-]{0,62}$/.test(named)) return as<InstitutionId>(named)
  throw usage('institution', 'that is no institution id', 'for instance norrsken')
}
