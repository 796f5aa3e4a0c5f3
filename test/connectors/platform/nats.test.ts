import { createServer } from 'node:net'
import { jetstreamManager } from '@nats-io/jetstream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConnectorError } from '#connectors/connector-error.ts'
import { connectNats, jetStream, publishWithId } from '#connectors/platform/nats.ts'
import { openStreams } from '#connectors/platform/nats-streams.ts'
import { createWorld, type World } from '../../support/world.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

describe('a line to NATS', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld({ nats: true })
  })
  afterAll(() => world.dispose())

  test('reads answers under an inbox of its own, the only one its identity may read', async () => {
    const nc = await world.nats.connect(world.nats.identity('admin'))
    await expect(jetstreamManager(nc)).resolves.toBeDefined()

    const { seed } = world.nats.identity('admin')
    const nosy = await connectNats({ url: world.nats.url, seed, name: 'intake' })
    await expect(jetstreamManager(nosy)).rejects.toThrow(/permission/i)
    await nosy.close()
  })

  test('is refused with another identity than the server knows', async () => {
    const other = await createWorld({ nats: true })
    const { seed } = other.nats.identity('intake')
    await other.dispose()
    await expect(connectNats({ url: world.nats.url, seed, name: 'intake' })).rejects.toThrow(/Authorization/i)
  })

  test('publishes an id once, whatever is sent again', async () => {
    const emitter = await world.nats.emitter('norrsken', 'lms')
    const js = jetStream(await world.nats.connect(emitter))
    const message = { subject: emitter.subject, id: 'e-1', payload: bytes('{}'), headers: { 'Bevis-JWS': 'a..b' } }
    const first = await publishWithId(js, message)
    expect(first.duplicate).toBe(false)
    expect(await publishWithId(js, message)).toEqual({ seq: first.seq, duplicate: true })

    const jsm = await jetstreamManager(await world.nats.connect(world.nats.identity('admin')))
    const stored = await jsm.streams.getMessage('COMPLETIONS', { seq: first.seq })
    expect(stored?.header.get('Bevis-JWS')).toBe('a..b')
  })

  test('refuses a message larger than the stream allows', async () => {
    const emitter = await world.nats.emitter('norrsken', 'lms')
    const js = jetStream(await world.nats.connect(emitter))
    const payload = new Uint8Array(300_000)
    await expect(publishWithId(js, { subject: emitter.subject, id: 'big', payload })).rejects.toThrow(/size/)
  })
})

describe('the streams', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld({ nats: true })
  })
  afterAll(() => world.dispose())

  test('keep 30 days, cannot be purged, but give up single messages for erasure', async () => {
    const nc = await world.nats.connect(world.nats.identity('admin'))
    await openStreams(nc)
    const jsm = await jetstreamManager(nc)
    for (const name of ['COMPLETIONS', 'ISSUANCE']) {
      const { config } = await jsm.streams.info(name)
      expect(config).toMatchObject({ max_age: 30 * 86_400e9, deny_purge: true, max_msg_size: 262_144 })
      expect(config.deny_delete).toBe(false)
      await expect(jsm.streams.purge(name)).rejects.toThrow(/purge/)
    }
    const emitter = await world.nats.emitter('norrsken', 'lms')
    const js = jetStream(await world.nats.connect(emitter))
    const { seq } = await publishWithId(js, { subject: emitter.subject, id: '1', payload: bytes('{}') })
    expect(await jsm.streams.deleteMessage('COMPLETIONS', seq)).toBe(true)
  })

  test('are opened again without harm, and take changed hosting', async () => {
    const nc = await world.nats.connect(world.nats.identity('admin'))
    await openStreams(nc, { maxBytes: 50_000_000 })
    const jsm = await jetstreamManager(nc)
    expect((await jsm.streams.info('COMPLETIONS')).config.max_bytes).toBe(50_000_000)
    await openStreams(nc)
    expect((await jsm.streams.info('COMPLETIONS')).config.max_bytes).toBe(-1)
  })

  test('give the intake unlimited deliveries', async () => {
    const jsm = await jetstreamManager(await world.nats.connect(world.nats.identity('admin')))
    const { config } = await jsm.consumers.info('COMPLETIONS', 'intake')
    expect(config).toMatchObject({ max_deliver: -1, max_ack_pending: 1_024, ack_policy: 'explicit' })
  })
})

describe('an old server', () => {
  test.each(['2.9.10', '2.11.4', '1.99.0'])('of version %s is refused with what to install', async (version) => {
    const server = await serverOfVersion(version)
    const attempt = connectNats({ url: `nats://127.0.0.1:${server.port}`, name: 'intake' })
    await expect(attempt).rejects.toMatchObject({ name: 'ConnectorError', code: 'nats/version' })
    await expect(attempt).rejects.toBeInstanceOf(ConnectorError)
    await expect(attempt).rejects.toThrow('2.12')
    await server.close()
  })
})

/** Only the greeting and the first ping of the protocol: no real server of those versions is needed to refuse one. */
async function serverOfVersion(version: string) {
  const info = { server_id: 'old', version, proto: 1, max_payload: 1_048_576, headers: true }
  const server = createServer((socket) => {
    socket.write(`INFO ${JSON.stringify(info)}\r\n`)
    socket.on('data', (data) => {
      if (data.toString().includes('PING')) socket.write('PONG\r\n')
    })
    socket.on('error', () => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()))
  return { port: address.port, close }
}
