/** Batches out of a stream: without it every message would cost a transaction, and a failing one could be lost or loop hot. */
import { setImmediate, setTimeout } from 'node:timers/promises'
import { type Consumer, JetStreamApiError, type JsMsg, jetstream } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { ConnectorError } from '../connector-error.ts'

/** A message as the handler sees it. `deliveryCount` is 1 the first time. */
export interface InboundMessage {
  readonly subject: string
  readonly seq: number
  readonly deliveryCount: number
  /** When the stream stored it, in milliseconds since 1970. */
  readonly storedAt?: number
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
  /** How many batches the handler may have in hand at a time; it keeps their order itself where order matters. Default 1. */
  readonly atOnce?: number
  /** Told of every failure that delays messages, so that an outage shows in the log. */
  readonly onTrouble?: (error: unknown) => void
}

/** Answers with one settlement per message, in the order of the batch. A throw means "nothing done". */
export type BatchHandler = (batch: InboundMessage[]) => Promise<Settlement[]>

/**
 * A batch is closed when nothing has come for so long: below a human's notice, and above the gaps between messages that were sent
 * together, so that they are taken in together.
 */
const quietMs = 10
/** … or when its first message has waited this long. */
const longestLingerMs = 100
/** Below a third of the consumer's `ack_wait` (nats-streams). */
const keepAliveMs = 3_000
const longestDelayMs = 60_000

/**
 * Hands batches to `handler` until `signal` aborts; resolves then, when those in hand are settled. If the handler
 * throws, the whole batch comes back after a delay that grows with each delivery, at most 60 s; if NATS is away, it waits
 * and goes on: an outage delays and never drops. Nothing is terminated unless the handler says so.
 *
 * Beside the batches in hand at most one request for `max` messages is open, so a slow handler holds back the stream instead of
 * filling memory.
 * @throws ConnectorError `nats/consumer-missing` when there is no such stream or consumer at the start
 */
export async function consumeBatches(
  nc: NatsConnection,
  source: BatchSource,
  handler: BatchHandler,
  signal: AbortSignal,
): Promise<void> {
  const consumer = await findConsumer(nc, source, signal)
  if (consumer === undefined) return
  const inHand = new Set<Promise<void>>()
  const take = (batch: JsMsg[]) => {
    const settling = settle(batch, handler, source.onTrouble)
      .catch((error: unknown) => source.onTrouble?.(error))
      .finally(() => inHand.delete(settling))
    inHand.add(settling)
  }
  for (let failures = 0; !signal.aborted && !nc.isClosed(); ) {
    try {
      const answered = () => {
        failures = 0
      }
      const messages = requested(consumer, source, signal, answered)
      for await (const batch of gather(messages, source.max)) {
        take(batch)
        if (inHand.size >= (source.atOnce ?? 1)) await Promise.race(inHand)
      }
    } catch (error) {
      source.onTrouble?.(error)
      failures += 1
      await setTimeout(growingDelay(failures), undefined, { signal }).catch(() => undefined)
    }
  }
  await Promise.all(inHand)
  if (!nc.isClosed()) await nc.flush()
}

/** One request after the other: a group of messages does not end where a request happens to. */
async function* requested(
  consumer: Consumer,
  { max, expiresMs }: BatchSource,
  signal: AbortSignal,
  answered: () => void,
): AsyncGenerator<JsMsg> {
  while (!signal.aborted) {
    const messages = await consumer.fetch({ max_messages: max, expires: expiresMs })
    const stop = () => messages.stop()
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    try {
      yield* messages
      answered()
    } finally {
      signal.removeEventListener('abort', stop)
      await messages.close()
    }
  }
}

async function* gather(messages: AsyncIterator<JsMsg>, max: number): AsyncGenerator<JsMsg[]> {
  let next: ReturnType<typeof pull> | undefined
  for (;;) {
    const first = await (next ?? pull(messages))
    next = undefined
    if (first.done) return
    const batch = [first.value]
    for (const closes = Date.now() + longestLingerMs; batch.length < max; ) {
      next ??= pull(messages)
      const more = await Promise.race([next, quiet(Math.max(0, Math.min(quietMs, closes - Date.now())))])
      if (more === undefined || more.done) break
      batch.push(more.value)
      next = undefined
    }
    yield batch
  }
}

/** So long without news: what came while this process was busy is read first. */
async function quiet(milliseconds: number): Promise<undefined> {
  await setTimeout(milliseconds)
  await setImmediate()
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
    storedAt: Number(message.timestampNanos / 1_000_000n),
    payload: message.data,
    headers,
  }
}

/** 1 s, 2 s, 4 s … 60 s. A message sent back without a delay returns at once and would burn the machine. */
function growingDelay(times: number): number {
  return Math.min(1_000 * 2 ** Math.min(times - 1, 6), longestDelayMs)
}

/** Undefined where the signal, or the line's end, came before NATS answered. */
async function findConsumer(
  nc: NatsConnection,
  { stream, consumer, onTrouble }: BatchSource,
  signal: AbortSignal,
): Promise<Consumer | undefined> {
  for (let failures = 1; !signal.aborted && !nc.isClosed(); failures += 1) {
    try {
      return await jetstream(nc).consumers.get(stream, consumer)
    } catch (cause) {
      if (cause instanceof JetStreamApiError) {
        const advice = 'create streams and consumer first (an admin identity does that once)'
        throw new ConnectorError('nats/consumer-missing', `no consumer ${consumer} on ${stream}: ${advice}`, { cause })
      }
      onTrouble?.(cause)
      await setTimeout(growingDelay(failures), undefined, { signal }).catch(() => undefined)
    }
  }
  return undefined
}
