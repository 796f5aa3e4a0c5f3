/** The streams as data: without one table, server, compose file and documents would promise different keeping times. */
import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  DiscardPolicy,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream'
import { type NatsConnection, nanos } from '@nats-io/transport-node'
import { openLockBucket } from './nats-lock.ts'

const days = 24 * 3_600_000

/**
 * What the streams of events keep (contracts §10): 30 days, no purge, but single messages may be deleted by sequence, so that
 * erasure works. `limits` retention: a stream can be replayed after a fault of ours, since acknowledging removes nothing.
 */
const kept = {
  retention: RetentionPolicy.Limits,
  storage: StorageType.File,
  discard: DiscardPolicy.New,
  max_age: nanos(30 * days),
  max_msg_size: 262_144,
  duplicate_window: nanos(10 * 60_000),
  deny_purge: true,
  deny_delete: false,
} as const satisfies Partial<StreamConfig>

/** COMPLETIONS is what emitters tell us, ISSUANCE what we tell the world, RECORD how far the database had come (nats-mark). */
export const streamConfigs = [
  { name: 'COMPLETIONS', subjects: ['completions.>'], ...kept },
  { name: 'ISSUANCE', subjects: ['issuance.>'], ...kept },
  { name: 'RECORD', subjects: ['record.>'], ...kept, max_age: 0, max_msgs_per_subject: 16, deny_delete: true },
] as const satisfies readonly Partial<StreamConfig>[]

/**
 * The intake's place in COMPLETIONS. `max_deliver` is unlimited: an outage must never dead-letter a valid event. The short
 * `ack_wait` lets a killed intake's messages come back soon; a slow batch extends it (nats-batches).
 */
export const intakeConsumer = {
  durable_name: 'intake',
  ack_policy: AckPolicy.Explicit,
  deliver_policy: DeliverPolicy.All,
  ack_wait: nanos(10_000),
  max_deliver: -1,
  max_ack_pending: 1_024,
} as const satisfies Partial<ConsumerConfig>

/** What differs between a single server and a cluster. */
export interface StreamHosting {
  /** Copies kept; 3 in a cluster. Default 1. */
  readonly replicas?: number
  /** Ceiling per stream; a full stream refuses new messages and keeps the old. Default: none. */
  readonly maxBytes?: number
}

/**
 * Creates the streams, the consumer `intake` and the bucket of the logs' locks, or brings them up to date. Safe to run again. Needs an identity that may
 * use the JetStream API; workers never do this.
 */
export async function openStreams(
  nc: NatsConnection,
  { replicas = 1, maxBytes = -1 }: StreamHosting = {},
): Promise<void> {
  const jsm = await jetstreamManager(nc)
  for (const { subjects, ...config } of streamConfigs)
    await openStream(jsm, { ...config, subjects: [...subjects], num_replicas: replicas, max_bytes: maxBytes })
  await jsm.consumers.add('COMPLETIONS', intakeConsumer)
  await openLockBucket(nc, replicas)
}

/** Takes the intake's place in the stream back to the beginning: everything still kept is delivered once more. */
export async function deliverAnew(nc: NatsConnection): Promise<void> {
  const jsm = await jetstreamManager(nc)
  await jsm.consumers.delete('COMPLETIONS', intakeConsumer.durable_name)
  await jsm.consumers.add('COMPLETIONS', intakeConsumer)
}

/** Payloads the stream keeps of one subject since a moment, oldest first; at most `limit`. */
export async function keptSince(
  nc: NatsConnection,
  { subject, since, limit }: { readonly subject: string; readonly since: string; readonly limit: number },
): Promise<Uint8Array[]> {
  const consumer = await jetstream(nc).consumers.get('ISSUANCE', {
    filter_subjects: subject,
    deliver_policy: DeliverPolicy.StartTime,
    opt_start_time: since,
  })
  const found: Uint8Array[] = []
  while (found.length < limit) {
    const messages = await consumer.fetch({ max_messages: 500, expires: 1_000 })
    const before = found.length
    for await (const message of messages) {
      found.push(message.data)
      if (message.info.pending === 0) messages.stop()
    }
    if (found.length === before) break
  }
  return found
}

async function openStream(jsm: JetStreamManager, config: Partial<StreamConfig> & { name: string }): Promise<void> {
  const existing = await jsm.streams.info(config.name).catch(absent)
  if (existing === undefined) await jsm.streams.add(config)
  else await jsm.streams.update(config.name, config)
}

function absent(error: unknown): undefined {
  if (error instanceof Error && error.name === 'StreamNotFoundError') return undefined
  throw error
}
