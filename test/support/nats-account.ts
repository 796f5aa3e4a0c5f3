/** A NATS account per test file: same subjects, same streams, nobody else's messages. */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { errors } from '@nats-io/transport-node'
import { connectNats, type NatsConnection } from '#connectors/platform/nats.ts'
import { openStreams } from '#connectors/platform/nats-streams.ts'
import { emitterUser, type NatsAccount, type NatsProcess, processUser } from '#connectors/platform/nats-users.ts'
import { createUserKey, type NKey } from '#connectors/platform/nkeys.ts'
import { withLock } from '#dev/servers/lock.ts'
import { reloadNats } from '#dev/servers/nats.ts'
import { isAlive, recordOf, waitUntil, writeWhole } from '#dev/servers/processes.ts'
import { testPaths } from './paths.ts'
import type { TestServers } from './test-servers.ts'

/** An identity on NATS; `name` is also its inbox. Fits `connectNats({ url, ...identity })`. */
export interface NatsIdentity extends NKey {
  readonly name: string
  readonly seedFile: string
}

export interface EmitterIdentity extends NatsIdentity {
  /** The one subject it may publish on. */
  readonly subject: string
}

export interface NatsWorld {
  readonly url: string
  identity(name: NatsProcess): NatsIdentity
  /** The identity of an emitter, made (with its right to publish) when first asked for. */
  emitter(institution: string, source: string): Promise<EmitterIdentity>
  /** Connects under an identity; closed with the world. */
  connect(identity: NatsIdentity): Promise<NatsConnection>
}

const processes = ['intake', 'relay', 'log', 'api', 'admin'] as const

/** Opens an account with both streams; `dispose` closes its connections and removes it. */
export async function openAccount(servers: TestServers, id: string) {
  const folder = join(testPaths.worlds, id)
  const identities = Object.fromEntries(processes.map((name) => [name, identity(folder, name)])) as Record<
    NatsProcess,
    NatsIdentity
  >
  const emitters = new Map<string, EmitterIdentity & { institution: string; source: string }>()
  const connections: NatsConnection[] = []
  const publish = () =>
    register(servers, {
      name: id,
      users: [
        ...processes.map((name) => processUser(name, identities[name].publicKey)),
        ...[...emitters.values()].map((e) => emitterUser(e.institution, e.source, e.publicKey)),
      ],
    })
  await publish()
  const nats: NatsWorld = {
    url: servers.natsUrl,
    identity: (name) => identities[name],
    emitter: async (institution, source) => {
      const subject = `completions.${institution}.${source}`
      const known = emitters.get(subject)
      if (known !== undefined) return known
      const made = { ...identity(folder, `${institution}_${source}`), subject, institution, source }
      emitters.set(subject, made)
      await publish()
      return made
    },
    connect: async ({ seed, name }) => {
      const connection = await connectNats({ url: servers.natsUrl, seed, name })
      connections.push(connection)
      return connection
    },
  }
  const admin = await nats.connect(identities.admin)
  // A reload for somebody else's account may leave this one without JetStream for a moment.
  const served = async () => {
    try {
      await openStreams(admin)
      return true
    } catch (error) {
      if (error instanceof errors.RequestError && error.isNoResponders()) return false
      throw error
    }
  }
  if (!(await waitUntil(served, 20_000))) throw new Error('JetStream does not serve the new account')
  const dispose = async () => {
    await Promise.all(connections.map((connection) => connection.close()))
    await change(servers, () => rmSync(join(testPaths.accounts, id), { force: true }))
  }
  return { nats, dispose }
}

function identity(folder: string, name: string): NatsIdentity {
  const key = createUserKey()
  const seedFile = join(folder, `${name}.seed`)
  writeWhole(seedFile, `${key.seed}\n`, 0o600)
  return { ...key, name, seedFile }
}

async function register(servers: TestServers, account: NatsAccount): Promise<void> {
  const entry = { owner: recordOf(process.pid), account }
  await change(servers, () => writeWhole(join(testPaths.accounts, account.name), JSON.stringify(entry), 0o600))
}

/** Changes the set of accounts and waits until the server has taken it; those of dead test files go too. */
async function change(servers: TestServers, edit: () => void): Promise<void> {
  await withLock(testPaths.accountsLock, async () => {
    mkdirSync(testPaths.accounts, { recursive: true })
    edit()
    const accounts: NatsAccount[] = []
    for (const name of readdirSync(testPaths.accounts)) {
      const file = join(testPaths.accounts, name)
      const entry = JSON.parse(readFileSync(file, 'utf8')) as {
        owner: ReturnType<typeof recordOf>
        account: NatsAccount
      }
      if (isAlive(entry.owner)) accounts.push(entry.account)
      else rmSync(file)
    }
    const options = {
      binary: servers.natsBinary,
      dir: testPaths.base,
      port: servers.natsPort,
      monitorPort: servers.natsMonitorPort,
      accounts,
    }
    await reloadNats(options, servers.natsPid, accounts)
  })
}
