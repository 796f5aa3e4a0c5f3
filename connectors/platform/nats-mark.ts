/** How far the record had come, kept where a restored database cannot reach: one small message in a stream of its own. */
import { JetStreamApiError, type JetStreamClient, jetstream, jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import type { Mark } from '#domain/record-age.ts'

const stream = 'RECORD'
export const markSubject = 'record.mark'

export interface KeptMark extends Mark {
  /** RFC 3339; when it was put there. */
  readonly at: string
  /** Sequence in the stream, for compare-and-swap. */
  readonly seq: number
}

export interface MarkStore {
  /** The newest mark, or undefined where there is none. @throws while NATS is away or the stream is not open */
  read(): Promise<KeptMark | undefined>
  /** Puts a mark in place of the one given. False when somebody else was faster: read again. */
  replace(before: KeptMark | undefined, mark: Mark): Promise<KeptMark | undefined>
}

export function markStore(nc: NatsConnection): MarkStore {
  const js = jetstream(nc)
  return { read: () => read(nc), replace: (before, mark) => replace(js, before, mark) }
}

async function read(nc: NatsConnection): Promise<KeptMark | undefined> {
  // Asks nothing else of the server: the identity may read this one message.
  const jsm = await jetstreamManager(nc, { checkAPI: false })
  const message = await jsm.streams.getMessage(stream, { last_by_subj: markSubject })
  if (message === null) return undefined
  const { identity, reached, at } = message.json<Omit<KeptMark, 'seq'>>()
  return { identity, reached, at, seq: message.seq }
}

/** JetStream's answer when the expected sequence is not the last one. */
const wrongLastSequence = 10_071

async function replace(
  js: JetStreamClient,
  before: KeptMark | undefined,
  { identity, reached }: Mark,
): Promise<KeptMark | undefined> {
  const kept = { identity, reached, at: new Date().toISOString() }
  try {
    const expect = { lastSubjectSequence: before?.seq ?? 0 }
    const { seq } = await js.publish(markSubject, JSON.stringify(kept), { expect })
    return { ...kept, seq }
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === wrongLastSequence) return undefined
    throw error
  }
}
