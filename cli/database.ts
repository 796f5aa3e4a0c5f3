/** The database for the few commands that need it directly: register and set-up. Everything people decide goes through the API. */
import { readSecrets } from '#config/secrets.ts'
import { type Db, openDb } from '#db/client.ts'
import { demandOwnSecrets } from './own-secrets.ts'
import { demand } from './settings.ts'

interface DatabaseSettings {
  readonly config: { readonly databaseUrl?: string; readonly secretsFile?: string }
}

/** Opens for the time of `work`, as the role in the address. */
export async function withDatabase<T>({ config }: DatabaseSettings, work: (db: Db) => Promise<T>): Promise<T> {
  const url = demand(config.databaseUrl, 'BEVIS_DATABASE_URL')
  const secrets = readSecrets(demand(config.secretsFile, 'BEVIS_SECRETS_FILE'))
  const db = openDb(url, secrets, { max: 2 })
  try {
    await demandOwnSecrets(db, secrets)
    return await work(db)
  } finally {
    await db.close()
  }
}
