/** The lines every process opens, waited for and closed in one way; without it five processes would each find their own. */
import { readNatsSeed, type Secrets } from '#config/secrets.ts'
import { connectNats, type LineTold, type NatsConnection } from '#connectors/platform/nats.ts'
import { connectTemporal, type TemporalAddress, type TemporalClient } from '#connectors/platform/temporal.ts'
import { type Db, openDb, sqlState } from '#db/client.ts'
import { CliError } from '../cli-error.ts'
import { demandOwnSecrets } from '../own-secrets.ts'
import type { Life } from './life.ts'
import { waitFor } from './patience.ts'

/** A login that is refused, or a database that does not exist: waiting will not mend it. */
const refusedLogin = new Set(['28P01', '28000', '3D000', '42501'])

/** A pool that has answered once, under the role in the address, with the secrets of this database. @throws CliError `secrets/other` */
export async function openDatabase(life: Life, url: string, secrets: Secrets): Promise<Db> {
  const db = openDb(url, secrets)
  life.closing('Postgres', () => db.close())
  await waitFor(life, {
    what: `Postgres at ${new URL(url).host}`,
    attempt: () => demandOwnSecrets(db, secrets),
    hopeless: (error) => error instanceof CliError || refusedLogin.has(sqlState(error) ?? ''),
  })
  return db
}

export interface NatsSettings {
  readonly natsUrl: string
  readonly natsSeedFile?: string | undefined
}

/** `name` is the identity's own; its inbox carries it. Turned away later, it waits until NATS knows it again. */
export async function openNats(life: Life, settings: NatsSettings, name: string): Promise<NatsConnection> {
  const seed = settings.natsSeedFile === undefined ? undefined : readNatsSeed(settings.natsSeedFile)
  const mend = 'give its users to the server; we go on by ourselves then'
  const told: LineTold = {
    refused: (error) => life.log('error', `NATS does not know this identity (${name}) any more: ${mend}`, { error }),
    taken: () => life.log('info', 'NATS knows this identity again'),
  }
  const connection = await waitFor(life, {
    what: `NATS at ${new URL(settings.natsUrl).host}`,
    attempt: () => connectNats({ url: settings.natsUrl, seed, name }, told),
    hopeless: (error) => error instanceof Error && error.name === 'ConnectorError',
  })
  // A line that ended by itself comes back with a new process only.
  void connection.closed().then((error) => {
    if (error instanceof Error) life.broken(error)
  })
  // Everything acknowledged has been flushed by then; draining would ask for rights these identities lack.
  life.closing('NATS', () => connection.close())
  return connection
}

/** A client for starting and waking workflows. */
export async function openTemporal(life: Life, address: TemporalAddress): Promise<TemporalClient> {
  const line = await waitFor(life, {
    what: `Temporal at ${address.address}`,
    attempt: () => connectTemporal(address),
  })
  life.closing('the line to Temporal', () => line.close())
  return line.client
}

/** Where Temporal is, from a process's settings and secrets. */
export function temporalAt(
  config: { readonly temporalAddress: string; readonly temporalNamespace: string },
  secrets: Secrets,
): TemporalAddress {
  return { address: config.temporalAddress, namespace: config.temporalNamespace, codecKey: secrets.codec }
}
