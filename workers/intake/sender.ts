/**
 * Who posted an event over HTTP, where no server vouches for the sender. Without it a stranger could fill an institution's dead
 * letters, or learn which emitters it has (contracts §3: an event over HTTP always needs the JWS).
 */
import type { RegisteredEmitter } from '#config/register/load.ts'
import { claimedKid, verifyDetached } from '#credentials/signing/jws.ts'
import { type Db, inInstitution, listInstitutions } from '#db/client.ts'
import { readEmitters } from '#db/emitters.ts'
import { as, type InstitutionId } from '#domain/words.ts'
import { parseEvent } from '#events/parse.ts'
import { completionsSubject, isToken, type Origin } from '#events/subjects.ts'
import { signatureHeader } from './origin.ts'
import { type Refusal, refuse } from './refusal.ts'

/** One event as posted: its bytes, and the detached JWS over exactly these bytes. */
export interface PostedEvent {
  readonly payload: Uint8Array
  readonly signature?: string
}

/** A message as NATS would have brought it: its subject is what the signature has proved. */
export interface SignedMessage {
  readonly kind: 'signed'
  readonly subject: string
  readonly payload: Uint8Array
  readonly headers: Readonly<Record<string, string>>
}

/**
 * The sender of each event, by any key the register ever named for the emitter; whether that key was in force is intake's own
 * question. Nothing says which of institution, emitter and key was unknown.
 */
export async function authenticate(db: Db, posted: readonly PostedEvent[]): Promise<(SignedMessage | Refusal)[]> {
  const claims = posted.map(({ payload }) => claimsOf(payload))
  const emitters = await emittersOf(db, claims)
  return Promise.all(
    posted.map(async ({ payload, signature }, index) => {
      const claim = claims[index]
      if (claim === undefined) return unreadable(payload)
      if (signature === undefined) return refuse('signature-missing')
      const emitter = emitters.get(completionsSubject(claim))
      if (emitter === undefined || !(await holds(emitter, payload, signature))) return refuse('not-authenticated')
      const headers = { [signatureHeader]: signature }
      return { kind: 'signed' as const, subject: completionsSubject(claim), payload, headers }
    }),
  )
}

/** What the event says of its sender, as far as that can be read: an event with other faults still has one. */
function claimsOf(payload: Uint8Array): Origin | undefined {
  try {
    const { institution, source } = JSON.parse(new TextDecoder().decode(payload)) as Partial<Record<string, unknown>>
    if (typeof institution !== 'string' || typeof source !== 'string') return undefined
    return isToken(institution) && isToken(source) ? { institution: as<InstitutionId>(institution), source } : undefined
  } catch {
    return undefined
  }
}

/** Emitters by the subject that is theirs. */
async function emittersOf(
  db: Db,
  claims: readonly (Origin | undefined)[],
): Promise<ReadonlyMap<string, RegisteredEmitter>> {
  const known = await listInstitutions(db)
  const found = new Map<string, RegisteredEmitter>()
  for (const institution of known) {
    const named = claims.filter((claim) => claim !== undefined).filter((claim) => claim.institution === institution)
    if (named.length === 0) continue
    const sources = [...new Set(named.map(({ source }) => source))]
    const emitters = await inInstitution(db, institution, (tx) => readEmitters(tx, sources))
    for (const [source, emitter] of emitters) found.set(completionsSubject({ institution, source }), emitter)
  }
  return found
}

async function holds(emitter: RegisteredEmitter, payload: Uint8Array, signature: string): Promise<boolean> {
  const kid = claimedKid(signature)
  for (const key of emitter.keys.filter((one) => one.kid === kid)) {
    const outcome = await verifyDetached(signature, payload, { ...key.jwk, kid: key.kid })
    if (outcome.kind === 'verified') return true
  }
  return false
}

function unreadable(payload: Uint8Array): Refusal {
  const parsed = parseEvent(payload)
  return { kind: 'refused', code: 'invalid-event', problems: parsed.kind === 'invalid' ? parsed.problems : [] }
}
