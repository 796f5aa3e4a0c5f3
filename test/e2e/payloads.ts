/** Payloads of a history, opened: what Temporal keeps sealed is searched as whoever holds the codec's key would read it. */
import { payloadCodec, payloadEncoding } from '#connectors/platform/payload-codec.ts'

interface Bound {
  readonly namespace: string
  readonly codecKey: Uint8Array
}

/** The bytes of every payload in it, each under the key of its workflow. */
export async function decodePayload(settings: Bound, workflowId: string, history: unknown): Promise<Buffer[]> {
  const codec = payloadCodec(settings)
  const opened: Buffer[] = []
  for (const payload of payloadsIn(history)) {
    // Search attributes and what the SDK notes for itself pass no codec.
    if (Buffer.from(payload.metadata['encoding'] ?? []).toString() !== payloadEncoding) {
      opened.push(Buffer.from(payload.data))
      continue
    }
    const [clear] = await codec.decode([payload], { type: 'workflow', workflowId, namespace: settings.namespace })
    if (clear?.data) opened.push(Buffer.from(clear.data))
  }
  return opened
}

interface Payload {
  readonly metadata: Record<string, Uint8Array>
  readonly data: Uint8Array
}

/** Markers of local activities carry payloads of their own, so everything is walked. */
function payloadsIn(value: unknown): Payload[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return []
  const { metadata, data } = value as { readonly metadata?: unknown; readonly data?: unknown }
  if (isMetadata(metadata) && data instanceof Uint8Array) return [{ metadata, data }]
  return Object.values(value).flatMap(payloadsIn)
}

function isMetadata(value: unknown): value is Record<string, Uint8Array> {
  return typeof value === 'object' && value !== null && Reflect.get(value, 'encoding') instanceof Uint8Array
}
