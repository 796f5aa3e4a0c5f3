/** Batches out of a stream: without it every message would cost a transaction, and a failing one could be lost or loop hot. */
import { setTimeout } from 'node:timers/promises'
import { type Consumer, JetStreamApiError, type JsMsg, jetstream } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { ConnectorError } from '../connector-error.ts'

/** A message as the handler sees it. `deliveryCount` is 1 the first time. */
export interface InboundMessage {
  readonly subject: string
  readonly seq: number
  readonly deliveryCount: number
  readonly payload: Uint8Array
  readonly headers: Readonly<Record<string, string>>
}

/** What becomes of a message: done, again after a while, or never again (a dead letter was stored). */
export type Settlement =
  | { readonly kind: 'ack' }
  | { readonly kind: 'retry'; readonly delayMs: number }
  | { readonly kind: 'term' }

/**
 * `max` messages per batch; `expiresMs` is how long one request waits at the server: at least 1000, better 5000, since half of
 * it without a sign of life counts as an outage.
 */
export interface BatchSource {
  readonly stream: string
  readonly consumer: string
  readonly max: number
  readonly expiresMs: number
  /** Told of every failure that delays messages, so that an outage shows in the log. */
  readonly onTrouble?: (error: unknown) => void
}

/** Answers with one settlement per message, in the order of the batch. A throw means "nothing done". */
export type BatchHandler = (batch: InboundMessage[]) => Promise<Settlement[]>

/** How long a batch waits for company after its first message: below a human's notice, enough to fill under load. */
const lingerMs = 10
/** Below a third of the consumer's `ack_wait` (nats-streams). */
const keepAliveMs = 3_000
const longestDelayMs = 60_000

/**
 * Hands batches to `handler` until `signal` aborts; resolves then, when the batch in hand is settled. If the handler
 * throws, the whole batch comes back after a delay that grows with each delivery, at most 60 s; if NATS is away, it waits
 * and goes on: an outage delays and never drops. Nothing is terminated unless the handler says so.
 *
 * Each request asks for `max` messages and no more are asked for until all of them are settled, so a slow handler holds
 * back the stream instead of filling memory.
 * @throws ConnectorError `nats/consumer-missing` when there is no such stream or consumer at the start
 */
export async function consumeBatches(
  nc: NatsConnection,
  source: BatchSource,
  handler: BatchHandler,
  signal: AbortSignal,
): Promise<void> {
  const consumer = await findConsumer(nc, source)
  for (let failures = 0; !signal.aborted && !nc.isClosed(); ) {
    try {
      await consumeOnce(consumer, source, handler, signal)
      failures = 0
    } catch (error) {
      source.onTrouble?.(error)
      failures += 1
      await setTimeout(growingDelay(failures), undefined, { signal }).catch(() => undefined)
    }
  }
  if (!nc.isClosed()) await nc.flush()
}

async function consumeOnce(consumer: Consumer, source: BatchSource, handler: BatchHandler, signal: AbortSignal) {
  const messages = await consumer.fetch({ max_messages: source.max, expires: source.expiresMs })
  const stop = () => messages.stop()
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    for await (const batch of gather(messages)) await settle(batch, handler, source.onTrouble)
  } finally {
    signal.removeEventListener('abort', stop)
    await messages.close()
  }
}

async function* gather(messages: AsyncIterable<JsMsg>): AsyncGenerator<JsMsg[]> {
  const source = messages[Symbol.asyncIterator]()
  let next = pull(source)
  for (;;) {
    const first = await next
    if (first.done) return
    const batch = [first.value]
    next = pull(source)
    const lingered = setTimeout(lingerMs, undefined)
    for (let more = await Promise.race([next, lingered]); more; more = await Promise.race([next, lingered])) {
      if (more.done) break
      batch.push(more.value)
      next = pull(source)
    }
    yield batch
  }
}

/** The next message, asked for ahead; its failure is met when it is awaited, not while the handler runs. */
function pull(source: AsyncIterator<JsMsg>): Promise<IteratorResult<JsMsg>> {
  const next = source.next()
  next.catch(() => undefined)
  return next
}

async function settle(batch: JsMsg[], handler: BatchHandler, onTrouble: BatchSource['onTrouble']): Promise<void> {
  const alive = setInterval(() => batch.forEach((message) => message.working()), keepAliveMs)
  try {
    const settlements = await handler(batch.map(asInbound))
    if (settlements.length !== batch.length)
      throw new ConnectorError('nats/settlements', `${settlements.length} settlements for ${batch.length} messages`)
    batch.forEach((message, i) => apply(message, settlements[i]))
  } catch (error) {
    onTrouble?.(error)
    for (const message of batch) message.nak(growingDelay(message.info.deliveryCount))
  } finally {
    clearInterval(alive)
  }
}

function apply(message: JsMsg, settlement: Settlement | undefined): void {
  switch (settlement?.kind) {
    case 'ack':
      return message.ack()
    case 'term':
      return message.term()
    case 'retry':
      return message.nak(settlement.delayMs)
    case undefined:
      return message.nak(longestDelayMs)
  }
}

function asInbound(message: JsMsg): InboundMessage {
  const headers: Record<string, string> = {}
  for (const [name] of message.headers ?? []) headers[name] = message.headers?.get(name) ?? ''
  return {
    subject: message.subject,
    seq: message.seq,
    deliveryCount: message.info.deliveryCount,
    payload: message.data,
    headers,
  }
}

/** 1 s, 2 s, 4 s … 60 s. A message sent back without a delay returns at once and would burn the machine. */
function growingDelay(times: number): number {
  return Math.min(1_000 * 2 ** Math.min(times - 1, 6), longestDelayMs)
}

async function findConsumer(nc: NatsConnection, { stream, consumer }: BatchSource): Promise<Consumer> {
  try {
    return await jetstream(nc).consumers.get(stream, consumer)
  } catch (cause) {
    if (!(cause instanceof JetStreamApiError)) throw cause
    const advice = 'create streams and consumer first (an admin identity does that once)'
    throw new ConnectorError('nats/consumer-missing', `no consumer ${consumer} on ${stream}: ${advice}`, { cause })
  }
}
