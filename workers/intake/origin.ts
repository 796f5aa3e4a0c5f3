/** Step I2: does it come from whom it says it comes from? Without it a learning platform could report in a proctor's name (contracts §3). */

import type { EmitterKey, RegisteredEmitter } from '#config/register/load.ts'
import type { InboundMessage } from '#connectors/platform/nats-batches.ts'
import { claimedKid, verifyDetached } from '#credentials/signing/jws.ts'
import type { Band, Instant, InstitutionId } from '#domain/words.ts'
import type { IncomingEvent } from '#events/catalogue.ts'
import { parseCompletionsSubject } from '#events/subjects.ts'
import { type Refusal, refuse } from './refusal.ts'

/** Header that carries the detached JWS. */
export const signatureHeader = 'Bevis-Signature'

/** Facts at these bands must be signed (contracts §3). */
const signedBands: readonly Band[] = ['A', 'B-C1', 'C2-D']

export interface Origin {
  readonly kind: 'origin'
  readonly institution: InstitutionId
  readonly source: string
}

/** Whom the subject proves: the server lets an emitter publish on its own subject only. */
export function originOf(subject: string, institutions: ReadonlySet<InstitutionId>): Origin | Refusal {
  const origin = parseCompletionsSubject(subject)
  if (origin === undefined) return refuse('not-our-subject')
  return institutions.has(origin.institution) ? { kind: 'origin', ...origin } : refuse('unknown-institution')
}

/** What an event says about itself must be what its subject proves. */
export function checkClaims(event: IncomingEvent, origin: Origin): Refusal | undefined {
  if (event.institution !== origin.institution) return refuse('foreign-institution')
  return event.source === origin.source ? undefined : refuse('foreign-source')
}

export type Signed = { readonly kind: 'signed'; readonly kid: string } | { readonly kind: 'unsigned' }

/**
 * A signature that is there must hold, whatever the band. `at` is when the event says it was made: a replay of the stream must
 * still verify after the emitter has changed its key.
 */
export async function checkSignature(
  message: Pick<InboundMessage, 'payload' | 'headers'>,
  emitter: RegisteredEmitter,
  at: Instant,
): Promise<Signed | Refusal> {
  const jws = headerOf(message.headers, signatureHeader)
  if (jws === undefined) return { kind: 'unsigned' }
  const kid = claimedKid(jws)
  if (kid === undefined) return refuse('bad-signature')
  const key = emitter.keys.find((one) => one.kid === kid && wasInUse(one, at))
  if (key === undefined) return refuse('unknown-key')
  const outcome = await verifyDetached(jws, message.payload, { ...key.jwk, kid })
  return outcome.kind === 'verified' ? { kind: 'signed', kid } : refuse('bad-signature')
}

/** Where an event came in that was posted over HTTP: there the signature is all that says who sent it. */
export const httpStream = 'HTTP'

interface Demanding {
  readonly stream: string
  readonly emitter: RegisteredEmitter
  readonly band: Band
}

/** True when the way it came, the register, or the band the achievement promises demands a signature (contracts §3). */
export function mustBeSigned({ stream, emitter, band }: Demanding): boolean {
  return stream === httpStream || emitter.signed === 'required' || signedBands.includes(band)
}

function wasInUse({ from, until }: EmitterKey, at: Instant): boolean {
  return from <= at && (until === undefined || at < until)
}

/** Header names do not depend on case (RFC 9110 §5.1); NATS keeps the sender's spelling. */
function headerOf(headers: Readonly<Record<string, string>>, name: string): string | undefined {
  const wanted = name.toLowerCase()
  return Object.entries(headers).find(([key]) => key.toLowerCase() === wanted)?.[1]
}
