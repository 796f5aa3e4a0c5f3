import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectNats, jetStream, type NatsConnection, publishWithId } from '#connectors/platform/nats.ts'
import { openStreams } from '#connectors/platform/nats-streams.ts'
import { emitterUser, type NatsProcess, processUser } from '#connectors/platform/nats-users.ts'
import { createUserKey } from '#connectors/platform/nkeys.ts'
import { ensureBinaries } from '#dev/servers/binaries.ts'
import { type NatsServer, startNats } from '#dev/servers/nats.ts'
import { choosePorts } from '#dev/servers/ports.ts'
import { writeWhole } from '#dev/servers/processes.ts'
import { type Running, startBevis } from '../cli/run-bevis.ts'
import { ownFolder } from '../dev/support.ts'
import { createWorld, type World } from '../support/world.ts'

const folder = ownFolder()
const running: Running[] = []
const names = ['admin', 'intake', 'relay'] as const
const keys = { admin: createUserKey(), intake: createUserKey(), relay: createUserKey(), lms: createUserKey() }
let world: World
let server: NatsServer
let admin: NatsConnection

beforeAll(async () => {
  world = await createWorld({ temporal: true })
  const ports = await choosePorts(['nats', 'monitor'], folder.dir)
  const binary = (await ensureBinaries())['nats-server']
  server = await startNats({
    binary,
    dir: folder.dir,
    port: ports.nats,
    monitorPort: ports.monitor,
    accounts: knowing(names),
  })
  admin = await connectNats({ url: server.url, seed: keys.admin.seed, name: 'admin' })
  await openStreams(admin)
})
afterAll(async () => {
  for (const one of running) one.kill('SIGKILL')
  await Promise.all(running.map((one) => one.ended))
  await admin.close()
  await server.stop()
  folder.remove()
  await world.dispose()
})

/** The account with these of our processes, and always with the emitter. */
function knowing(processes: readonly NatsProcess[]) {
  const ours = processes.map((name) => processUser(name, keys[name as (typeof names)[number]].publicKey))
  return [{ name: 'BEVIS', users: [...ours, emitterUser('norrsken', 'lms', keys.lms.publicKey)] }]
}

function start(name: 'intake' | 'relay'): Running {
  const seedFile = join(folder.dir, `${name}.seed`)
  writeWhole(seedFile, `${keys[name].seed}\n`, 0o600)
  const env = {
    BEVIS_DATABASE_URL: world.url(`bevis_${name}`),
    BEVIS_TEMPORAL_ADDRESS: world.temporal.address,
    BEVIS_TEMPORAL_NAMESPACE: world.temporal.namespace,
    BEVIS_SECRETS_FILE: world.secretsFile,
    BEVIS_PUBLIC_URL: 'https://bevis.example',
    BEVIS_NATS_URL: server.url,
    BEVIS_NATS_SEED_FILE: seedFile,
  }
  const process = startBevis(['work', name], { env })
  running.push(process)
  return process
}

async function readyz(process: Running): Promise<{ status: number; nats: string | undefined }> {
  const [, address] = /operators ask (\S+?)"/.exec(process.stderr()) ?? []
  const answer = await fetch(`${address}/readyz?verbose`)
  const nats = (await answer.text()).split('\n').find((line) => line.includes(']nats'))
  return { status: answer.status, nats }
}

async function waiting(): Promise<number> {
  const { num_pending, num_ack_pending } = await (await jetstreamManager(admin)).consumers.info('COMPLETIONS', 'intake')
  return num_pending + num_ack_pending
}

const refusalsOf = () =>
  readFileSync(join(folder.dir, 'logs', 'nats.log'), 'utf8')
    .split('\n')
    .filter((line) => /authentication error|Authorization/i.test(line)).length

test('while NATS does not know them, intake and relay say so and wait; known again they go on by themselves, with what came meanwhile', async () => {
  const soon = { interval: 200 }
  const processes = [start('relay'), start('intake')]
  for (const one of processes) await one.says('"working"')
  for (const one of processes) await expect.poll(() => readyz(one), soon).toEqual({ status: 200, nats: '[+]nats ok' })

  await server.reload(knowing(['admin']))
  const unready = { status: 503, nats: '[-]nats failed: nats/identity-refused' }
  for (const one of processes) await expect.poll(() => readyz(one), soon).toEqual(unready)
  const before = refusalsOf()
  // Two in a row end a line that is left to the client's own ways.
  await expect.poll(refusalsOf, soon).toBeGreaterThan(before + 2 * 2 * processes.length)
  for (const one of processes) expect(one.stderr()).toContain('NATS does not know this identity')
  const lms = await connectNats({ url: server.url, seed: keys.lms.seed, name: 'norrsken_lms' })
  const event = { subject: 'completions.norrsken.lms', id: 'meanwhile', payload: new TextEncoder().encode('{}') }
  await publishWithId(jetStream(lms), event)
  await lms.close()
  expect(await waiting()).toBe(1)

  await server.reload(knowing(names))
  for (const one of processes) await expect.poll(() => readyz(one), soon).toEqual({ status: 200, nats: '[+]nats ok' })
  await expect.poll(waiting, { timeout: 90_000, interval: 200 }).toBe(0)
  for (const one of processes) expect(one.stderr()).toContain('NATS knows this identity again')
}, 180_000)
