import { randomBytes } from 'node:crypto'
import { defaultPayloadConverter, type Payload, type SerializationContext } from '@temporalio/common'
import { describe, expect, test } from 'vitest'
import { type CodecSettings, payloadCodec, payloadEncoding } from '#connectors/platform/payload-codec.ts'

const settings: CodecSettings = { codecKey: randomBytes(32), namespace: 'umu' }
const codec = payloadCodec(settings)
const workflow = (workflowId: string): SerializationContext => ({ type: 'workflow', namespace: 'umu', workflowId })
const activity = (workflowId: string): SerializationContext => ({
  type: 'activity',
  namespace: 'umu',
  workflowId,
  activityId: '7',
  isLocal: true,
})
const here = workflow('case/umu/case_1')

async function encoded(value: unknown, context = here): Promise<Payload> {
  const [payload] = await codec.encode([plain(value)], context)
  if (payload === undefined) throw new Error('nothing encoded')
  return payload
}

function plain(value: unknown): Payload {
  const payload = defaultPayloadConverter.toPayload(value, here)
  if (payload === undefined) throw new Error('not convertible')
  return payload
}

async function decoded(payload: Payload, context = here, by = codec): Promise<unknown> {
  const [clear] = await by.decode([payload], context)
  return clear === undefined ? clear : defaultPayloadConverter.fromPayload(clear, context)
}

const refused = { type: 'PayloadRefused', nonRetryable: true }

describe('a payload', () => {
  test.each([[{ name: 'Åsa' }], ['text'], [undefined], [null], [new Uint8Array([0, 255])], [[]]])(
    'comes back as it was: %j',
    async (value) => {
      expect(await decoded(await encoded(value))).toEqual(value)
    },
  )

  test('tells nothing: not its text, not its kind, and never the same bytes twice', async () => {
    const [first, second] = [await encoded('Åsa Berg'), await encoded('Åsa Berg')]
    expect(Buffer.from(first.data ?? []).toString()).not.toContain('Berg')
    expect(Object.keys(first.metadata ?? {})).toEqual(['encoding'])
    expect(Buffer.from(first.metadata?.['encoding'] ?? []).toString()).toBe(payloadEncoding)
    expect(first.data).not.toEqual(second.data)
  })

  test('crosses between a workflow and its own activities', async () => {
    expect(await decoded(await encoded('x', activity('case/umu/case_1')), here)).toBe('x')
  })

  test('for a Schedule opens in the workflow it starts, whose id has the instant added', async () => {
    const payload = await encoded('x', workflow('status-lists'))
    expect(await decoded(payload, workflow('status-lists-2026-11-24T02:34:33Z'))).toBe('x')
  })
})

describe('what does not open', () => {
  test('is a payload of another workflow', async () => {
    await expect(decoded(await encoded('x'), workflow('case/umu/case_2'))).rejects.toMatchObject(refused)
  })

  test('is a payload of another namespace', async () => {
    const other = payloadCodec({ ...settings, namespace: 'kth' })
    await expect(decoded(await encoded('x'), here, other)).rejects.toMatchObject(refused)
  })

  test('is a payload under another key', async () => {
    const other = payloadCodec({ ...settings, codecKey: randomBytes(32) })
    await expect(decoded(await encoded('x'), here, other)).rejects.toMatchObject(refused)
  })

  test('is a payload with any bit turned', async () => {
    const payload = await encoded('x')
    for (const at of [0, 12, (payload.data?.length ?? 0) - 1]) {
      const changed = Buffer.from(payload.data ?? [])
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
      await expect(decoded({ ...payload, data: changed })).rejects.toMatchObject(refused)
    }
  })

  test.each([0, 5, 28])('is a payload of %i bytes in our encoding', async (length) => {
    const payload = await encoded('x')
    await expect(decoded({ ...payload, data: new Uint8Array(length) })).rejects.toMatchObject(refused)
  })
})

describe('a payload in a foreign encoding', () => {
  test.each([
    ['plain JSON', plain('x')],
    ['no encoding at all', { data: new Uint8Array([1]) }],
    ['nothing', {}],
  ])('is refused: %s', async (_what, payload) => {
    await expect(decoded(payload)).rejects.toMatchObject(refused)
  })

  test('is undefined to a workflow where the worker asks for that, and still refused to an activity', async () => {
    const worker = payloadCodec({ ...settings, foreign: 'blank' })
    expect(await decoded(plain('x'), here, worker)).toBeUndefined()
    await expect(decoded(plain('x'), activity('case/umu/case_1'), worker)).rejects.toMatchObject(refused)
  })

  test('is never taken for one of ours that was changed', async () => {
    const worker = payloadCodec({ ...settings, foreign: 'blank' })
    const payload = await encoded('x')
    await expect(decoded({ ...payload, data: randomBytes(60) }, here, worker)).rejects.toMatchObject(refused)
  })
})
