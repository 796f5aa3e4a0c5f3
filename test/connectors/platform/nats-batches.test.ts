import { randomUUID } from 'node:crypto'
import { jetstreamManager } from '@nats-io/jetstream'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { jetStream, publishWithId } from '#connectors/platform/nats.ts'
import {
  type BatchHandler,
  consumeBatches,
  type InboundMessage,
  type Settlement,
} from '#connectors/platform/nats-batches.ts'
import { createWorld, type World } from '../../support/world.ts'

const source = { stream: 'COMPLETIONS', consumer: 'intake', max: 50, expiresMs: 1_000 }
const ack: Settlement = { kind: 'ack' }

describe('batches from a stream', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld({ nats: true })
  })
  afterAll(() => world.dispose())

  async function send(...texts: string[]): Promise<void> {
    const emitter = await world.nats.emitter('norrsken', 'lms')
    const nc = await world.nats.connect(emitter)
    const js = jetStream(nc)
    const one = (text: string) =>
      publishWithId(js, {
        subject: emitter.subject,
        id: `${expect.getState().currentTestName}/${text}`,
        payload: new TextEncoder().encode(text),
        headers: { 'Bevis-Test': text },
      })
    for (const text of texts) await one(text)
  }

  async function sendTogether(count: number): Promise<void> {
    const emitter = await world.nats.emitter('norrsken', 'lms')
    const js = jetStream(await world.nats.connect(emitter))
    const one = () => publishWithId(js, { subject: emitter.subject, id: randomUUID(), payload: new Uint8Array() })
    await Promise.all(Array.from({ length: count }, one))
  }

  /** Consumes until `handler` calls `done`. */
  async function consume(handler: (batch: InboundMessage[], done: () => void) => Promise<Settlement[]>, more = {}) {
    const stop = new AbortController()
    const nc = await world.nats.connect(world.nats.identity('intake'))
    const wrapped: BatchHandler = (batch) => handler(batch, () => stop.abort())
    await consumeBatches(nc, { ...source, ...more }, wrapped, stop.signal)
  }

  const unsettled = async () => {
    const jsm = await jetstreamManager(await world.nats.connect(world.nats.identity('admin')))
    const { num_ack_pending, num_pending } = await jsm.consumers.info('COMPLETIONS', 'intake')
    return num_ack_pending + num_pending
  }

  /** An acknowledgement may be lost while other test files make the server reload: then the message comes once more. */
  async function expectAllSettled() {
    const stop = new AbortController()
    const nc = await world.nats.connect(world.nats.identity('intake'))
    const running = consumeBatches(nc, source, async (batch) => batch.map(() => ack), stop.signal)
    await expect.poll(unsettled).toBe(0)
    stop.abort()
    await running
  }

  // What a test that failed has left must not fail the next.
  beforeEach(() => expectAllSettled())

  test('arrive together, in order, with subject, headers and payload', async () => {
    await send('a', 'b', 'c')
    const seen: InboundMessage[] = []
    await consume(async (batch, done) => {
      seen.push(...batch)
      if (seen.length === 3) done()
      return batch.map(() => ack)
    })
    expect(seen.map((message) => new TextDecoder().decode(message.payload))).toEqual(['a', 'b', 'c'])
    expect(seen.map((message) => message.deliveryCount)).toEqual([1, 1, 1])
    expect(seen[0]).toMatchObject({ subject: 'completions.norrsken.lms', headers: { 'Bevis-Test': 'a' } })
    expect((seen[2]?.seq ?? 0) - (seen[0]?.seq ?? 0)).toBe(2)
    await expectAllSettled()
  })

  test('never hold more than asked for', async () => {
    await send(...Array.from({ length: 25 }, (_, i) => `${i}`))
    const sizes: number[] = []
    await consume(
      async (batch, done) => {
        sizes.push(batch.length)
        if (sum(sizes) >= 25) done()
        return batch.map(() => ack)
      },
      { max: 10 },
    )
    expect(Math.max(...sizes)).toBeLessThanOrEqual(10)
    expect(sum(sizes)).toBeGreaterThanOrEqual(25)
    await expectAllSettled()
  })

  test('are handed over beside each other where the handler may have two in hand, never three, and are settled at the end', async () => {
    await send(...Array.from({ length: 12 }, (_, i) => `${i}`))
    const both = Promise.withResolvers<void>()
    let [inHand, most, handled] = [0, 0, 0]
    await consume(
      async (batch, done) => {
        inHand += 1
        most = Math.max(most, inHand)
        if (inHand === 2) both.resolve()
        await both.promise
        handled += batch.length
        if (handled >= 12) done()
        inHand -= 1
        return batch.map(() => ack)
      },
      { max: 3, atOnce: 2 },
    )
    expect({ inHand, most }).toEqual({ inHand: 0, most: 2 })
    await expectAllSettled()
  })

  test('hold what was sent together, wherever a request ends', async () => {
    const sizes: number[] = []
    await send('before')
    await consume(
      async (batch, done) => {
        sizes.push(batch.length)
        if (batch.length === 1) await sendTogether(40)
        if (sum(sizes) >= 41) done()
        return batch.map(() => ack)
      },
      { max: 40 },
    )
    // A loaded machine may pause in the midst of a group; one by one is what must not be.
    expect(sizes[0]).toBe(1)
    expect(sizes.length).toBeLessThanOrEqual(6)
    await expectAllSettled()
  })

  test('that a handler could not handle come back, and nothing is lost', async () => {
    await send('again')
    const deliveries: number[] = []
    const troubles: unknown[] = []
    await consume(
      async (batch, done) => {
        deliveries.push(...batch.map((message) => message.deliveryCount))
        if (deliveries.length < 2) throw new Error('database away')
        done()
        return batch.map(() => ack)
      },
      { onTrouble: (error: unknown) => troubles.push(error) },
    )
    expect(deliveries).toEqual([1, 2])
    expect(troubles).toMatchObject([{ message: 'database away' }])
    await expectAllSettled()
  })

  test('are settled one by one: done, again later, never again', async () => {
    await send('done', 'later', 'never')
    const seen: string[] = []
    await consume(async (batch, done) => {
      const texts = batch.map((message) => message.headers['Bevis-Test'] ?? '')
      seen.push(...texts)
      if (seen.length === 4) done()
      return batch.map((message, i): Settlement => {
        if (texts[i] === 'never') return { kind: 'term' }
        return texts[i] === 'later' && message.deliveryCount === 1 ? { kind: 'retry', delayMs: 200 } : ack
      })
    })
    expect(seen.toSorted()).toEqual(['done', 'later', 'later', 'never'])
    await expectAllSettled()
  })

  test('with a wrong number of settlements count as not handled at all', async () => {
    await send('x')
    const troubles: unknown[] = []
    let calls = 0
    await consume(
      async (batch, done) => {
        calls += 1
        if (calls === 1) return []
        done()
        return batch.map(() => ack)
      },
      { onTrouble: (error: unknown) => troubles.push(error) },
    )
    expect(troubles).toMatchObject([{ code: 'nats/settlements' }])
    await expectAllSettled()
  })

  test('are not waited for once the signal has aborted', async () => {
    const nc = await world.nats.connect(world.nats.identity('intake'))
    let calls = 0
    const handler: BatchHandler = async (batch) => {
      calls += 1
      return batch.map(() => ack)
    }
    await consumeBatches(nc, source, handler, AbortSignal.abort())
    expect(calls).toBe(0)
  })

  test('of a consumer that nobody created are refused with advice', async () => {
    const nc = await world.nats.connect(world.nats.identity('admin'))
    const attempt = consumeBatches(nc, { ...source, consumer: 'nobody' }, async () => [], new AbortController().signal)
    await expect(attempt).rejects.toMatchObject({ code: 'nats/consumer-missing' })
  })
})

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0)
}
