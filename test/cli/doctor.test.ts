import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, createServer as createLine } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { queues } from '#cli/doctor/servers.ts'
import { caseQueues } from '#db/wake-ups.ts'
import { signingQueue } from '#workers/signing.ts'
import { createWorld, type World } from '../support/world.ts'
import { bevis } from './run-bevis.ts'

interface Told {
  readonly healthy: boolean
  readonly checks: readonly {
    readonly id: string
    readonly health: string
    readonly what: string
    readonly mend?: string
  }[]
}

let world: World
const folder = mkdtempSync(join(tmpdir(), 'bevis-doctor-'))
beforeAll(async () => {
  world = await createWorld({ temporal: true })
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await world.dispose()
})

async function doctor(name: string, env: Record<string, string>) {
  const ended = await bevis(['doctor', name, '--json'], { env })
  const told = ended.json() as Told
  return {
    code: ended.code,
    stderr: ended.stderr,
    of: Object.fromEntries(told.checks.map((one) => [one.id, one])),
    told,
  }
}

const database = (role: Parameters<World['url']>[0]) => ({
  BEVIS_DATABASE_URL: world.url(role),
  BEVIS_SECRETS_FILE: world.secretsFile,
})

describe('bevis doctor', () => {
  test('finds what is well and what nobody works at', async () => {
    const { code, of, stderr } = await doctor('cli', {
      ...database('bevis_api'),
      BEVIS_TEMPORAL_ADDRESS: world.temporal.address,
      BEVIS_TEMPORAL_NAMESPACE: world.temporal.namespace,
    })
    expect([code, stderr]).toEqual([0, ''])
    expect(of).toMatchObject({
      node: { health: 'ok' },
      config: { health: 'ok' },
      postgres: { health: 'ok', what: expect.stringContaining('bevis_api') },
      institutions: { health: 'ok' },
      clock: { health: 'ok' },
      outbox: { health: 'ok' },
      'dead letters': { health: 'ok' },
      temporal: { health: 'attention', mend: expect.stringContaining('bevis work pipeline') },
      nats: { health: 'skipped' },
    })
  })

  test('tells every dead server apart, and none hides another', async () => {
    const silent = createLine()
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as AddressInfo
    const { code, of } = await doctor('cli', {
      ...database('bevis_api'),
      BEVIS_NATS_URL: 'nats://127.0.0.1:9',
      BEVIS_TEMPORAL_ADDRESS: `127.0.0.1:${port}`,
      BEVIS_PUBLIC_URL: 'http://127.0.0.1:9',
      BEVIS_OIDC_ISSUER: 'http://127.0.0.1:9',
    })
    silent.close()
    expect(code).toBe(7)
    for (const id of ['nats', 'temporal', 'public address', 'login'])
      expect(of[id], id).toMatchObject({ health: 'unreachable', mend: expect.stringMatching(/\w/) })
    for (const id of ['postgres', 'clock', 'disk']) expect(of[id]).toMatchObject({ health: 'ok' })
  })

  test('tells a role that is too powerful, one that is another process’s, and a login that is refused', async () => {
    const asked = (url: string) => doctor('pipeline', { ...database('bevis_pipeline'), BEVIS_DATABASE_URL: url })
    const owner = await asked(world.adminUrl)
    expect(owner.of['postgres']).toMatchObject({
      health: 'failed',
      what: expect.stringContaining('row-level security'),
    })
    expect(owner.of['migrations']).toMatchObject({ health: 'ok' })
    const other = await asked(world.url('bevis_relay'))
    expect(other.of['postgres']).toMatchObject({
      health: 'failed',
      what: expect.stringContaining('not bevis_pipeline'),
    })
    const wrong = new URL(world.url('bevis_pipeline'))
    wrong.password = 'wrong-password'
    const refused = await asked(wrong.href)
    expect(refused.of['postgres']).toMatchObject({
      health: 'failed',
      what: expect.stringContaining('refuses the login'),
    })
    expect(JSON.stringify([owner, other, refused])).not.toContain('wrong-password')
  })

  test('goes on where settings are faulty, and ends with 2', async () => {
    const { code, of } = await doctor('api', { ...database('bevis_api'), BEVIS_PORT: 'none' })
    expect(code).toBe(2)
    expect(of['config']?.mend).toContain('BEVIS_PORT is not a port number')
    expect(of['postgres']).toMatchObject({ health: 'ok' })
  })

  test('sees signing keys that others can read', async () => {
    const dir = join(folder, 'keys')
    mkdirSync(dir, { mode: 0o700 })
    const secret = join(folder, 'secret')
    writeFileSync(secret, Buffer.from(Array.from({ length: 32 }, (_, at) => at)).toString('base64url'), { mode: 0o600 })
    const env = { ...database('bevis_signing'), BEVIS_SIGNING_KEYS_DIR: dir, BEVIS_SIGNING_SECRET_FILE: secret }
    writeFileSync(join(dir, 'one.jwe'), 'sealed', { mode: 0o600 })
    expect((await doctor('signing', env)).of['signing keys']).toMatchObject({ health: 'ok' })
    chmodSync(join(dir, 'one.jwe'), 0o644)
    const open = await doctor('signing', env)
    expect(open.of['signing keys']).toMatchObject({ health: 'failed', mend: expect.stringContaining('chmod go=') })
  })

  test('finds a login under another name and an address where something else answers', async () => {
    const server: Server = createServer((_, response) =>
      response.end(JSON.stringify({ issuer: 'https://other.example' })),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { code, of } = await doctor('cli', { BEVIS_PUBLIC_URL: url, BEVIS_OIDC_ISSUER: url })
    server.close()
    expect(code).toBe(1)
    expect(of['login']?.what).toContain('calls itself https://other.example')
    expect(of['public address']?.what).toContain('something else answers')
  })

  test('asks for the queues that the workers poll', () => {
    expect(queues.map(({ name }) => name)).toEqual([...caseQueues, signingQueue])
  })
})
