/** Emitters of the demo institution, quick enough to be no part of what is measured: events are built and signed ahead, then sent. */
import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connectNats, jetStream, type NatsConnection, publishWithId } from '#connectors/platform/nats.ts'
import { caseId, eventKey } from '#db/ids.ts'
import type { EventDraft, Sent } from '#dev/demo/emitters.ts'
import { type EmitterSigningKey, openSigningKey } from '#dev/secrets.ts'
import type { Stack } from '#dev/stack.ts'
import { as, type CaseId, type InstitutionId } from '#domain/words.ts'
import { completionsSubject } from '#events/subjects.ts'

export const institution = as<InstitutionId>('norrsken')

/** How many receipts are awaited at a time. */
const width = 256

export class Sender {
  readonly #stack: Stack
  readonly #keys = new Map<string, { readonly kid: string; readonly key: KeyObject }>()
  readonly #lines = new Map<string, Promise<NatsConnection>>()
  readonly #sequences = new Map<string, number>()

  constructor(stack: Stack) {
    this.#stack = stack
  }

  /** Builds and signs one event. */
  prepare({ emitter: source, type, data }: EventDraft): Sent {
    const sequence = (this.#sequences.get(source) ?? 0) + 1
    this.#sequences.set(source, sequence)
    const id = `bench-${source}-${sequence}`
    const event = { specversion: '1.0', id, source, type, institution, sequence, data }
    const payload = new TextEncoder().encode(JSON.stringify(event))
    const headers = { 'Bevis-Signature': this.#detached(source, payload) }
    return { id, source, subject: completionsSubject({ institution, source }), payload, headers }
  }

  /** Sends all, as fast as the stream takes them; resolves when the last is stored. */
  async send(messages: readonly Sent[]): Promise<void> {
    const left = messages.values()
    const one = async () => {
      for (const message of left) {
        const js = jetStream(await this.#line(message.source))
        await publishWithId(js, message)
      }
    }
    await Promise.all(Array.from({ length: Math.min(width, messages.length) }, one))
  }

  async close(): Promise<void> {
    for (const line of this.#lines.values()) await (await line).close()
  }

  /** One line per emitter: promised to the first who asks, so that all who ask at once share it. */
  #line(source: string): Promise<NatsConnection> {
    const known = this.#lines.get(source)
    if (known !== undefined) return known
    const seed = readFileSync(this.#stack.emitterKey(institution, source).seedFile, 'utf8').trim()
    const line = connectNats({ url: this.#stack.urls.nats, seed, name: `${institution}_${source}` })
    this.#lines.set(source, line)
    return line
  }

  /** RFC 7515 appendix F. */
  #detached(source: string, payload: Uint8Array): string {
    const { kid, key } = this.#key(source)
    const encode = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64url')
    const header = encode(JSON.stringify({ alg: 'EdDSA', kid, typ: 'bevis-event+jws' }))
    return `${header}..${encode(sign(null, Buffer.from(`${header}.${encode(payload)}`), key))}`
  }

  #key(source: string) {
    const known = this.#keys.get(source)
    if (known !== undefined) return known
    const { jwk }: EmitterSigningKey = openSigningKey(this.#stack.dir, institution, source)
    const opened = { kid: String(jwk['kid']), key: createPrivateKey({ key: jwk, format: 'jwk' }) }
    this.#keys.set(source, opened)
    return opened
  }
}

/** The case that a completion opens. */
export function caseOpenedBy({ source, id }: Pick<Sent, 'source' | 'id'>): CaseId {
  return caseId(eventKey(institution, source, id))
}
