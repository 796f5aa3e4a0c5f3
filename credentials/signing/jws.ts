/** Signatures on events, apart from their payload; without it anybody with a connection could report in an emitter's name (contracts §3). */
import type { CryptoKey, JWK } from 'jose'
import { b64url, readB64url, readObject } from '#credentials/bytes.ts'
import { algOf, type SigningAlg, verifyingKey } from '#credentials/signing/public-key.ts'
import { isSignatureOver, signatureOver } from '#credentials/signing/signature.ts'

/** Own `typ`, so that a signature made for an event is never accepted as one on a credential, or the other way round. */
const eventType = 'bevis-event+jws'

export interface EventKey {
  readonly alg: SigningAlg
  readonly key: CryptoKey
}

type DetachedRefusal =
  | 'malformed'
  | 'header-not-allowed'
  | 'key-not-allowed'
  | 'alg-not-of-key'
  | 'kid-differs'
  | 'signature-wrong'

export type DetachedOutcome =
  | { readonly kind: 'verified'; readonly kid: string; readonly alg: SigningAlg }
  | { readonly kind: 'refused'; readonly code: DetachedRefusal }

/** Compact JWS with its payload taken out, `<header>..<signature>` (RFC 7515 appendix F). */
export async function signDetached(key: EventKey, payload: Uint8Array, kid: string): Promise<string> {
  const header = b64url(JSON.stringify({ alg: key.alg, kid, typ: eventType }))
  return `${header}..${await signatureOver(`${header}.${b64url(payload)}`, key)}`
}

/**
 * Checks a detached signature over exactly these payload bytes, with a public key the register names for the emitter. No `exp`: a
 * replay of the whole stream must still verify.
 */
export async function verifyDetached(jws: string, payload: Uint8Array, jwk: JWK): Promise<DetachedOutcome> {
  const parts = readParts(jws)
  if (parts === undefined) return refused('malformed')
  const header = readHeader(parts.header)
  if (header === undefined) return refused('header-not-allowed')
  const alg = algOf(jwk)
  if (alg === undefined) return refused('key-not-allowed')
  if (header.alg !== alg) return refused('alg-not-of-key')
  if (jwk.kid !== undefined && jwk.kid !== header.kid) return refused('kid-differs')
  const key = await verifyingKey(jwk, alg)
  const input = `${parts.protected}.${b64url(payload)}`
  return key !== undefined && (await isSignatureOver(input, parts.signature, { alg, key }))
    ? { kind: 'verified', kid: header.kid, alg }
    : refused('signature-wrong')
}

/** The key id a signature claims, to look the key up by; says nothing about who signed. Undefined when malformed. */
export function claimedKid(jws: string): string | undefined {
  const parts = readParts(jws)
  return parts === undefined ? undefined : readHeader(parts.header)?.kid
}

function refused(code: DetachedRefusal): DetachedOutcome {
  return { kind: 'refused', code }
}

function readParts(jws: string): { protected: string; header: Uint8Array; signature: string } | undefined {
  if (jws.length > 4096) return undefined
  const [head, payload, signature, ...more] = jws.split('.')
  if (!head || payload !== '' || !signature || more.length > 0) return undefined
  const header = readB64url(head)
  if (header === undefined || readB64url(signature) === undefined) return undefined
  return { protected: head, header, signature }
}

/** Exactly `alg`, `kid`, `typ`: so `crit`, `b64` and every way of bringing one's own key (`jwk`, `jku`, `x5c`, `x5u`) are out. */
function readHeader(bytes: Uint8Array): { alg: string; kid: string } | undefined {
  const header = readObject(bytes)
  if (header === undefined || Object.keys(header).toSorted().join() !== 'alg,kid,typ') return undefined
  const { alg, kid, typ } = header
  if (typ !== eventType || typeof alg !== 'string' || typeof kid !== 'string') return undefined
  return { alg, kid }
}
