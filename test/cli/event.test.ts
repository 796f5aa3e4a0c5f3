import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { consumeBatches, type InboundMessage } from '#connectors/platform/nats-batches.ts'
import { signDetached, verifyDetached } from '#credentials/signing/jws.ts'
import { root } from '../support/paths.ts'
import { createWorld, type World } from '../support/world.ts'
import { bevis } from './run-bevis.ts'

const example = join(root, 'docs', 'events', 'examples', 'completion.recorded.v1.json')
const bytes = readFileSync(example)
const keys = mkdtempSync(join(tmpdir(), 'bevis-event-'))
const name = 'norrsken.canvas-norrsken'
let world: World
let publicKey: JWK

beforeAll(async () => {
  world = await createWorld({ nats: true })
  const pair = await generateKeyPair('ES256', { extractable: true })
  publicKey = { ...(await exportJWK(pair.publicKey)), kid: 'canvas-1' }
  const { seed } = await world.nats.emitter('norrsken', 'canvas-norrsken')
  writeFileSync(join(keys, `${name}.seed`), `${seed}\n`)
  writeFileSync(
    join(keys, `${name}.jwk.json`),
    JSON.stringify({ ...(await exportJWK(pair.privateKey)), kid: 'canvas-1' }),
  )
})
afterAll(async () => {
  rmSync(keys, { recursive: true })
  await world.dispose()
})

const send = (args: string[], options: { input?: string; env?: Record<string, string> } = {}) =>
  bevis(['event', 'send', ...args], { env: { BEVIS_NATS_URL: world.nats.url }, ...options })

/** The oldest messages of the stream, as intake gets them. */
async function received(count: number): Promise<InboundMessage[]> {
  const messages: InboundMessage[] = []
  const stop = new AbortController()
  const source = { stream: 'COMPLETIONS', consumer: 'intake', max: 10, expiresMs: 1_000 }
  const handler = async (batch: InboundMessage[]) => {
    messages.push(...batch)
    if (messages.length >= count) stop.abort()
    return batch.map(() => ({ kind: 'ack' as const }))
  }
  const limit = sleep(20_000, undefined, { signal: stop.signal }).then(
    () => stop.abort(),
    () => undefined,
  )
  await consumeBatches(await world.nats.connect(world.nats.identity('intake')), source, handler, stop.signal)
  await limit
  return messages
}

describe('bevis event send', () => {
  test('publishes the very bytes, signed, under the emitter’s own name; twice is once', async () => {
    const args = [example, '--emitter-dir', keys, '--json']
    expect((await send(args)).json()).toMatchObject({ sent: [{ signed: true, seq: 1, duplicate: false }] })
    expect((await send(args)).json()).toMatchObject({ sent: [{ seq: 1, duplicate: true }] })
    const [message] = await received(1)
    expect(message?.subject).toBe('completions.norrsken.canvas-norrsken')
    expect(Buffer.from(message?.payload ?? []).equals(bytes)).toBe(true)
    const signature = message?.headers['Bevis-Signature'] ?? ''
    expect(await verifyDetached(signature, bytes, publicKey)).toEqual({
      kind: 'verified',
      kid: 'canvas-1',
      alg: 'ES256',
    })
  })

  test('sends nothing that has faults, and tells them all, unless it must', async () => {
    const faulty = JSON.stringify({
      ...(JSON.parse(bytes.toString()) as object),
      id: 'faulty-1',
      sequence: 'x',
      extra: 1,
    })
    const refused = await send(['-', '--emitter-dir', keys], { input: faulty })
    expect([refused.code, refused.stdout]).toEqual([1, ''])
    for (const pointer of ['/sequence', '/extra']) expect(refused.stderr).toContain(pointer)
    const forced = await send(['-', '--emitter-dir', keys, '--unchecked', '--unsigned', '--json'], { input: faulty })
    expect(forced.json()).toMatchObject({ sent: [{ id: 'faulty-1', signed: false, duplicate: false }] })
  })

  test('cannot speak in another emitter’s name', async () => {
    writeFileSync(join(keys, 'norrsken.certus.seed'), readFileSync(join(keys, `${name}.seed`)))
    const args = [example, '--emitter', 'norrsken/certus', '--emitter-dir', keys, '--unsigned']
    const { code, stderr } = await send(args)
    expect([code, stderr]).toEqual([5, expect.stringContaining('completions.norrsken.certus')])
  })

  test.each([
    ['a folder without its keys', ['--emitter-dir', tmpdir()], 4, 'NATS seed'],
    ['no folder', [], 4, '--emitter-dir'],
    ['an emitter that is none', ['--emitter', 'norrsken', '--emitter-dir', keys], 2, 'institution'],
  ])('tells %s', async (_what, args, exit, told) => {
    const { code, stderr } = await send([example, ...args])
    expect([code, stderr]).toEqual([exit, expect.stringContaining(told)])
  })

  test('gives up on a server that is away', async () => {
    const { code, stderr } = await send([example, '--emitter-dir', keys], {
      env: { BEVIS_NATS_URL: 'nats://127.0.0.1:9' },
    })
    expect([code, stderr]).toEqual([7, expect.stringContaining('127.0.0.1:9')])
  })
})

describe('bevis event check', () => {
  test('finds the documented examples in order, and needs no server', async () => {
    expect(await bevis(['event', 'check', example])).toMatchObject({ code: 0, stdout: `${example} in order\n` })
  })

  test('reads one event per line, and answers one per line', async () => {
    const line = JSON.stringify(JSON.parse(bytes.toString()))
    const input = `${line}\n\n{"specversion": "1.0"}\n`
    const { code, stdout } = await bevis(['event', 'check', '-', '--lines', '--ndjson'], { input })
    const answers = stdout
      .trimEnd()
      .split('\n')
      .map((one) => JSON.parse(one) as { problems: unknown[] })
    expect(code).toBe(1)
    expect(answers).toMatchObject([{ file: '-:1', problems: [] }, { file: '-:3' }])
    expect(answers[1]?.problems.length).toBeGreaterThan(1)
  })

  test('says whether a signature holds over exactly these bytes', async () => {
    const key = join(keys, 'public.jwk.json')
    writeFileSync(key, JSON.stringify(publicKey))
    const pair = await generateKeyPair('ES256')
    const privateJwk = JSON.parse(readFileSync(join(keys, `${name}.jwk.json`), 'utf8')) as JWK
    const sign = (by: Parameters<typeof signDetached>[0]['key']) =>
      signDetached({ alg: 'ES256', key: by }, bytes, 'canvas-1')
    const own = await sign(await importJWK({ ...privateJwk, kty: 'EC' }, 'ES256'))
    const check = (jws: string, file = key) => bevis(['event', 'check', example, '--key', file, '--signature', jws])
    expect(await check(own)).toMatchObject({ code: 0, stdout: expect.stringContaining('signature holds') as string })
    const foreign = await check(await sign(pair.privateKey))
    expect([foreign.code, foreign.stdout]).toEqual([3, expect.stringContaining('refused: signature-wrong')])
    const noKey = await check(own, example)
    expect([noKey.code, noKey.stderr]).toEqual([2, expect.stringContaining('no public key')])
    expect(await bevis(['event', 'check', example, '--key', key])).toMatchObject({ code: 2 })
  })

  test('gives every fault with its place as JSON', async () => {
    const ended = await bevis(['event', 'check', '-', '--json'], { input: '{"specversion": "1.0"}' })
    expect(ended.code).toBe(1)
    expect(ended.json()).toMatchObject({ events: [{ file: '-', problems: expect.any(Array) as unknown[] }] })
  })
})
