/** The newest checkpoint each log has signed, kept where a restored database cannot reach (audit-log §6.4): a NATS KV bucket, compared and swapped. */
import { JetStreamApiError, jetstream } from '@nats-io/jetstream'
import { type KV, Kvm } from '@nats-io/kv'
import type { NatsConnection } from '@nats-io/transport-node'

/** Never restored from a backup and never edited: whoever can do so can show two histories, until a witness objects. */
export const lockBucket = 'LOG_LOCK'
const kept = 64

export interface HeldLock {
  /** The signed note, without cosignatures. */
  readonly note: string
  /** For compare-and-swap. */
  readonly revision: number
}

export interface LogLock {
  /** What was signed last, or undefined where nothing ever was. @throws while NATS is away */
  read(institution: string): Promise<HeldLock | undefined>
  /** Puts a note in place of the one held. Undefined when somebody else was faster: read again. */
  replace(institution: string, held: HeldLock | undefined, note: string): Promise<HeldLock | undefined>
}

export async function logLock(nc: NatsConnection): Promise<LogLock> {
  const bucket = await new Kvm(jetstream(nc, { checkAPI: false })).open(lockBucket)
  return {
    read: async (institution) => {
      const entry = await bucket.get(institution)
      return entry?.operation === 'PUT' ? { note: entry.string(), revision: entry.revision } : undefined
    },
    replace: (institution, held, note) => replace(bucket, { institution, held, note }),
  }
}

/** JetStream's answer when the expected revision is not the last one. */
const wrongLastSequence = 10_071

interface Swap {
  readonly institution: string
  readonly held: HeldLock | undefined
  readonly note: string
}

async function replace(bucket: KV, { institution, held, note }: Swap): Promise<HeldLock | undefined> {
  const swapped = await swap(bucket, institution, held?.revision ?? 0, note)
  if (swapped !== undefined || held !== undefined) return swapped
  // Where somebody deleted the key its deletion is what is held; nothing ever swaps with that from revision 0.
  const deleted = await bucket.get(institution)
  return deleted === null || deleted.operation === 'PUT' ? undefined : swap(bucket, institution, deleted.revision, note)
}

async function swap(bucket: KV, institution: string, from: number, note: string): Promise<HeldLock | undefined> {
  try {
    const revision = await bucket.put(institution, note, { previousSeq: from })
    return { note, revision }
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === wrongLastSequence) return undefined
    throw error
  }
}

/** Creates the bucket, or brings it up to date. Needs an identity that may use the JetStream API. */
export async function openLockBucket(nc: NatsConnection, replicas: number): Promise<void> {
  await new Kvm(nc).create(lockBucket, { history: kept, replicas })
}
