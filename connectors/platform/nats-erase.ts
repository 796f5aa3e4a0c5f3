/** Single messages taken out of a stream, and their bytes with them: without it what is erased from the record would lie in the stream for weeks. */
import { jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'

export interface KeptMessage {
  readonly subject: string
  readonly seq: number
  readonly payload: Uint8Array
}

export interface Sieve {
  readonly stream: string
  /** Filter; only these are looked at. */
  readonly subject: string
  readonly matches: (message: KeptMessage) => boolean
}

/**
 * Looks at every message the stream keeps of the subject until now, and deletes those that match; the server overwrites their bytes.
 * Asks for one message at a time, for the identity may read and delete single messages and nothing else. Safe to run again.
 * @returns how many were deleted
 */
export async function deleteMatching(nc: NatsConnection, { stream, subject, matches }: Sieve): Promise<number> {
  const jsm = await jetstreamManager(nc, { checkAPI: false })
  const until = Date.now()
  let deleted = 0
  for (let seq = 1; ; ) {
    // The client's types know this question of the direct API only; the server answers it here too.
    const next = { seq, next_by_subj: subject }
    const message = await jsm.streams.getMessage(stream, next)
    if (message === null || message.time.getTime() > until) return deleted
    if (matches({ subject: message.subject, seq: message.seq, payload: message.data })) {
      await jsm.streams.deleteMessage(stream, message.seq, true)
      deleted += 1
    }
    seq = message.seq + 1
  }
}
