/** A world of its own for each test file: without it tests that run side by side would see each other's cases. */
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Secrets } from '#config/secrets.ts'
import type { Role } from '#db/rights.ts'
import { databaseAt, roleUrl } from '#dev/roles.ts'
import { writeWhole } from '#dev/servers/processes.ts'
import { workflowBundlePath } from './bundle.ts'
import { createNamespace } from './namespace.ts'
import { type NatsWorld, openAccount } from './nats-account.ts'
import { testPaths } from './paths.ts'
import { createDatabase, dropDatabase } from './template.ts'
import { testServers } from './test-servers.ts'

export type { EmitterIdentity } from './nats-account.ts'

interface TemporalWorld {
  readonly address: string
  readonly namespace: string
  readonly codecKey: Uint8Array
}

export interface World {
  /** Superuser address of this world's database. */
  readonly adminUrl: string
  /** Address of this world's database under one of our roles. */
  url(role: Role): string
  readonly secrets: Secrets
  /** File with the same secrets, as `BEVIS_SECRETS_FILE` wants it. */
  readonly secretsFile: string
  /** Own account with both streams; throws where the world was made without `nats`. */
  readonly nats: NatsWorld
  /** Own namespace; throws where the world was made without `temporal`. */
  readonly temporal: TemporalWorld
  /** Path of the bundle of all our workflows, for `Worker.create({ workflowBundle: { codePath } })`. */
  workflowBundle(): Promise<string>
  dispose(): Promise<void>
}

export interface WorldOptions {
  readonly temporal?: boolean
  readonly nats?: boolean
}

/** Makes a world; call `dispose` in `afterAll`. The first one starts the servers. */
export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const servers = await testServers()
  const id = `w${randomBytes(6).toString('hex')}`
  const secrets = { kek: randomBytes(32), hmac: randomBytes(32), codec: randomBytes(32) }
  const secretsFile = join(testPaths.worlds, id, 'secrets.json')
  writeWhole(secretsFile, secretsText(secrets), 0o600)
  const [database, account] = await Promise.all([
    createDatabase(servers.adminUrl),
    options.nats === true ? openAccount(servers, id) : undefined,
    options.temporal === true ? createNamespace(servers.temporalAddress, id) : undefined,
  ])
  const adminUrl = databaseAt(servers.adminUrl, database)
  const temporal = { address: servers.temporalAddress, namespace: id, codecKey: secrets.codec }
  return {
    adminUrl,
    url: (role) => roleUrl(adminUrl, role),
    secrets,
    secretsFile,
    get nats() {
      if (account === undefined) throw new Error('This world was made without nats: createWorld({ nats: true })')
      return account.nats
    },
    get temporal() {
      if (options.temporal !== true)
        throw new Error('This world was made without temporal: createWorld({ temporal: true })')
      return temporal
    },
    workflowBundle: workflowBundlePath,
    dispose: async () => {
      await account?.dispose()
      await dropDatabase(servers.adminUrl, database)
      rmSync(join(testPaths.worlds, id), { recursive: true, force: true })
    },
  }
}

function secretsText(secrets: Secrets): string {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')
  return JSON.stringify({ kek: text(secrets.kek), hmac: text(secrets.hmac), codec: text(secrets.codec) })
}
