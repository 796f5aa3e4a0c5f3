/** The emitting systems of the demo register, each under its own NATS identity and signing key. */
import { createPublicKey, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'
import { jetStream, type NatsConnection, publishWithId } from '#connectors/platform/nats.ts'
import { caseId, eventKey } from '#db/ids.ts'
import type { EventDraft } from '#dev/demo/emitters.ts'
import { as, type CaseId, type InstitutionId } from '#domain/words.ts'
import { demoRegister } from '../config/register-folder.ts'
import type { World } from '../support/world.ts'

export const norrsken = as<InstitutionId>('norrsken')

export interface Sent {
  readonly id: string
  readonly source: string
  readonly subject: string
  readonly payload: Uint8Array
  readonly headers: Readonly<Record<string, string>>
}

/** What an event says otherwise, and the header that comes with it. */
export interface Change {
  readonly institution?: string
  readonly traceparent?: string
  readonly traceHeader?: string
}

export interface Emitters {
  /** Public keys, as the register takes them beside its files. */
  readonly overlay: Readonly<Record<string, { readonly jwk: never }>>
  /** Everything that was published, in order. */
  readonly sent: readonly Sent[]
  /** Signs and publishes as `draft.emitter`. */
  send(draft: EventDraft, change?: Change): Promise<Sent>
  /** These very bytes once more, past the stream's own recognition of duplicates. */
  again(sent: Sent): Promise<void>
}

/** Keys for every emitter of the demo register; lines to NATS are opened when first needed and closed with the world. */
export function emittersOf(world: World): Emitters {
  const ids = demoRegister().emitters.map(({ id }) => id)
  const keys = new Map(ids.map((id) => [id, generateKeyPairSync('ed25519').privateKey]))
  const lines = new Map<string, Promise<NatsConnection>>()
  const sequences = new Map<string, number>()
  const sent: Sent[] = []
  const line = (source: string): Promise<NatsConnection> => {
    const known =
      lines.get(source) ?? world.nats.emitter(norrsken, source).then((identity) => world.nats.connect(identity))
    lines.set(source, known)
    return known
  }
  const again = async ({ source, subject, payload, headers }: Sent): Promise<void> => {
    await publishWithId(jetStream(await line(source)), { subject, id: randomUUID(), payload, headers })
  }
  return {
    overlay: Object.fromEntries([...keys].map(([id, key]) => [id, { jwk: publicJwk(id, key) }])),
    sent,
    again,
    send: async ({ emitter: source, type, data, id = randomUUID() }, change = {}) => {
      const { institution = norrsken, traceparent, traceHeader } = change
      const sequence = (sequences.get(source) ?? 0) + 1
      sequences.set(source, sequence)
      const event = { specversion: '1.0', id, source, type, institution, sequence, traceparent, data }
      const payload = new TextEncoder().encode(JSON.stringify(event))
      const key = keys.get(source)
      if (key === undefined) throw new Error(`no emitter ${source}`)
      const headers = {
        'Bevis-Signature': detached(key, payload, kidOf(source)),
        ...(traceHeader === undefined ? {} : { traceparent: traceHeader }),
      }
      const message = { id, source, subject: `completions.${norrsken}.${source}`, payload, headers }
      await again(message)
      sent.push(message)
      return message
    },
  }
}

/** The case that a completion opens; ids are derived, so it is known before it exists. */
export function caseOpenedBy({ source, id }: Pick<Sent, 'source' | 'id'>): CaseId {
  return caseId(eventKey(norrsken, source, id))
}

function kidOf(source: string): string {
  return `${source}-1`
}

function publicJwk(source: string, key: KeyObject): never {
  return { ...createPublicKey(key).export({ format: 'jwk' }), kid: kidOf(source) } as never
}

/** RFC 7515 appendix F, by hand. */
function detached(key: KeyObject, payload: Uint8Array, kid: string): string {
  const encode = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64url')
  const header = encode(JSON.stringify({ alg: 'EdDSA', kid, typ: 'bevis-event+jws' }))
  return `${header}..${encode(sign(null, Buffer.from(`${header}.${encode(payload)}`), key))}`
}
