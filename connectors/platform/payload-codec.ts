/** Encrypts all that Temporal stores: without it evidence and error texts would lie readable in its database (design 8). */
import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import {
  ApplicationFailure,
  type DataConverter,
  type Payload,
  type PayloadCodec,
  type SerializationContext,
} from '@temporalio/common'

/** The only payload encoding that our workers and clients accept. */
export const payloadEncoding = 'binary/bevis-aes256gcm'

/** Module path of the failure converter, for worker, client and workflow bundle alike. */
export const failureConverterPath = fileURLToPath(new URL('./failure-converter.ts', import.meta.url))

export interface CodecSettings {
  /** 32 bytes. */
  readonly codecKey: Uint8Array
  /** The Temporal namespace; a payload from another one is not ours. */
  readonly namespace: string
  /**
   * What a payload in a foreign encoding becomes. `refuse` (default): an error. `blank`: `undefined`, in payloads that a
   * workflow receives; for workers. A hand-made Signal stays in a workflow's history, so an error there would stop the
   * case for good, while `undefined` is a wake-up that tells nothing.
   */
  readonly foreign?: 'refuse' | 'blank'
}

/** Data converter for client and worker: our codec, and error texts as payloads. */
export function dataConverter(settings: CodecSettings): DataConverter {
  return { payloadCodecs: [payloadCodec(settings)], failureConverterPath }
}

/**
 * AES-256-GCM over the whole payload, metadata included. Each workflow has a key of its own, derived from namespace and
 * workflow id, so a payload moved to another case does not open and random nonces never run out.
 * Decoding fails with the non-retryable failure `PayloadRefused` on any other encoding, on a changed payload and on a wrong
 * key: what a stranger schedules never reaches our code (contracts §4). (For an activity's arguments the SDK marks it
 * retryable again: a stranger's activity is tried by the stranger's own retry policy, in vain.)
 */
export function payloadCodec({ codecKey, namespace, foreign }: CodecSettings): PayloadCodec {
  const place: Place = { key: createSecretKey(codecKey), namespace, foreign }
  return {
    encode: async (payloads, context) => payloads.map((payload) => seal(payload, binding(place, context))),
    decode: async (payloads, context) => payloads.map((payload) => open(payload, place, context)),
  }
}

/** Keys as key objects: made of bytes at every use, they cost more than what is done with them. */
interface Place {
  readonly key: KeyObject
  readonly namespace: string
  readonly foreign: CodecSettings['foreign'] | undefined
}

const nonceBytes = 12
const tagBytes = 16

interface Binding {
  readonly label: Buffer
  readonly key: KeyObject
}

/**
 * Only namespace and workflow id are the same on both sides of every exchange; activity ids are not. The namespace comes
 * from our own settings, since a replay always runs in `default`. A workflow started by a Schedule has the instant added to
 * the id that its arguments were encoded for.
 */
function binding({ key, namespace }: Place, context: SerializationContext | undefined): Binding {
  const workflowId = (context?.workflowId ?? '').replace(/-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, '')
  const label = Buffer.from(`bevis-payload/1\0${namespace}\0${workflowId}`)
  return { label, key: createSecretKey(createHmac('sha256', key).update(label).digest()) }
}

function seal(payload: Payload, { label, key }: Binding): Payload {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(label)
  const sealed = Buffer.concat([nonce, cipher.update(pack(payload)), cipher.final(), cipher.getAuthTag()])
  return { metadata: { encoding: Buffer.from(payloadEncoding) }, data: sealed }
}

function open(payload: Payload, place: Place, context: SerializationContext | undefined): Payload {
  if (encodingOf(payload) !== payloadEncoding) {
    if (place.foreign === 'blank' && context?.type === 'workflow') return undefinedPayload()
    throw refused('a payload is not in our encoding')
  }
  const { label, key } = binding(place, context)
  const sealed = Buffer.from(payload.data ?? [])
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes })
    decipher.setAAD(label).setAuthTag(sealed.subarray(-tagBytes))
    const clear = Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()])
    return unpack(clear)
  } catch {
    throw refused('a payload does not open: another key, another workflow, or it was changed')
  }
}

/** Deliberately without detail: what a stranger sent belongs neither in logs nor in histories. */
function refused(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'PayloadRefused')
}

function encodingOf({ metadata }: Payload): string {
  return Buffer.from(metadata?.['encoding'] ?? []).toString()
}

function undefinedPayload(): Payload {
  return { metadata: { encoding: Buffer.from('binary/null') } }
}

/** Metadata as JSON with its length in front, then the data. */
function pack({ metadata, data }: Payload): Buffer {
  const entries = Object.entries(metadata ?? {}).map(([name, value]) => [
    name,
    Buffer.from(value).toString('base64url'),
  ])
  const head = Buffer.from(JSON.stringify(entries))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(head.length)
  // Protobuf hands an absent value over as an empty plain array.
  return Buffer.concat([length, head, Buffer.from(data ?? [])])
}

/** Only ever sees what `pack` wrote: the tag was checked before. */
function unpack(clear: Buffer): Payload {
  const end = 4 + clear.readUInt32BE()
  const entries: [string, string][] = JSON.parse(clear.subarray(4, end).toString())
  const metadata = Object.fromEntries(entries.map(([name, value]) => [name, Buffer.from(value, 'base64url')]))
  return { metadata, data: clear.subarray(end) }
}
