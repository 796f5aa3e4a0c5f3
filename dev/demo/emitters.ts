/** The emitting systems of the demo: each with its own NATS identity and signing key, speaking as a real one would. */
import { createPrivateKey, generateKeyPairSync, type JsonWebKey, sign } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectNats, jetStream, type NatsConnection, publishWithId } from '#connectors/platform/nats.ts'
import { as, type InstitutionId } from '#domain/words.ts'
import { completionsSubject } from '#events/subjects.ts'
import { type EmitterSigningKey, openSigningKey } from '../secrets.ts'
import { writeWhole } from '../servers/processes.ts'
import type { Stack } from '../stack.ts'

export interface Sent {
  readonly id: string
  readonly source: string
  readonly subject: string
  readonly payload: Uint8Array
  readonly headers: Readonly<Record<string, string>>
}

export interface EventDraft {
  readonly emitter: string
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
  /** Default: made from emitter and number. */
  readonly id?: string
}

/** What is wrong with an event, for the stories about bad ones. */
export interface Tampering {
  readonly signature?: 'other-key' | 'none'
  readonly subject?: string
}

const institution = as<InstitutionId>('norrsken')

/** Keys of the demo's emitters, made once and kept with the stack. */
export class Emitters {
  readonly #stack: Stack
  readonly #folder: string
  readonly #lines = new Map<string, Promise<NatsConnection>>()
  readonly #sequences: Record<string, number>
  readonly #run: string
  readonly sent: Sent[] = []

  constructor(stack: Stack, run: string) {
    this.#stack = stack
    this.#run = run
    // Beside the NATS seeds, in the shape `bevis event send` looks for, so that it can speak as any of them.
    this.#folder = join(stack.dir, 'secrets', 'nkeys', 'emitters')
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    this.#sequences = existsSync(this.#counters)
      ? (JSON.parse(readFileSync(this.#counters, 'utf8')) as Record<string, number>)
      : {}
  }

  get #counters(): string {
    return join(this.#folder, 'sequences.json')
  }

  /** The overlay `bevis registry apply --keys` takes: public keys only. */
  overlay(ids: readonly string[]): Record<string, { nkey: string; jwk: JsonWebKey }> {
    return Object.fromEntries(
      ids.map((id) => [id, { nkey: this.#stack.emitterKey(institution, id).publicKey, jwk: this.#key(id).publicJwk }]),
    )
  }

  /** Builds, signs and publishes one event. */
  async send(draft: EventDraft, tampering: Tampering = {}): Promise<Sent> {
    return this.publish(this.prepare(draft, tampering))
  }

  /** Builds and signs one event; sequence numbers have no gaps per source, also over several runs. */
  prepare(draft: EventDraft, tampering: Tampering = {}): Sent {
    const { emitter, type, data } = draft
    const sequence = (this.#sequences[emitter] ?? 0) + 1
    const id = draft.id ?? `${this.#run}-${emitter}-${sequence}`
    this.#sequences[emitter] = sequence
    writeWhole(this.#counters, JSON.stringify(this.#sequences))
    const event = { specversion: '1.0', id, source: emitter, type, institution, sequence, data }
    const payload = new TextEncoder().encode(JSON.stringify(event))
    return { id, source: emitter, ...this.#envelope(emitter, payload, tampering) }
  }

  /**
   * Publishes exactly these bytes; the same ones again for a duplicate. A new message id each time: what the stream would drop
   * as a duplicate must reach intake. Who tries again after an error names the same id.
   */
  async publish(message: Sent, id = `${message.id}:${this.sent.length}`): Promise<Sent> {
    const js = jetStream(await this.#line(message.source))
    await publishWithId(js, { subject: message.subject, id, payload: message.payload, headers: message.headers })
    this.sent.push(message)
    return message
  }

  async close(): Promise<void> {
    for (const line of this.#lines.values()) await (await line).close()
  }

  #envelope(
    emitter: string,
    payload: Uint8Array,
    { signature, subject }: Tampering,
  ): Pick<Sent, 'subject' | 'payload' | 'headers'> {
    const key =
      signature === 'other-key'
        ? generateKeyPairSync('ed25519').privateKey
        : createPrivateKey({ key: this.#key(emitter).jwk, format: 'jwk' })
    const kid = String(this.#key(emitter).jwk['kid'])
    const headers = signature === 'none' ? {} : { 'Bevis-Signature': detached(key, payload, kid) }
    return { subject: subject ?? completionsSubject({ institution, source: emitter }), payload, headers }
  }

  /** The emitter's connection, opened when first asked for. */
  #line(emitter: string): Promise<NatsConnection> {
    const known = this.#lines.get(emitter)
    if (known !== undefined) return known
    const seed = readFileSync(this.#stack.emitterKey(institution, emitter).seedFile, 'utf8').trim()
    const line = connectNats({ url: this.#stack.urls.nats, seed, name: `${institution}_${emitter}` })
    this.#lines.set(emitter, line)
    line.catch(() => this.#lines.delete(emitter))
    return line
  }

  #key(emitter: string): EmitterSigningKey {
    return openSigningKey(this.#stack.dir, institution, emitter)
  }
}

/** RFC 7515 appendix F by hand: an emitter needs no code of ours to sign (docs/events). */
function detached(key: Parameters<typeof sign>[2], payload: Uint8Array, kid: string): string {
  const encode = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64url')
  const header = encode(JSON.stringify({ alg: 'EdDSA', kid, typ: 'bevis-event+jws' }))
  const signature = sign(null, Buffer.from(`${header}.${encode(payload)}`), key)
  return `${header}..${encode(signature)}`
}
