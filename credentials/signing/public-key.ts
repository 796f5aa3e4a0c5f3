/** Public halves of signing keys: which kinds there are and what each may sign. The key decides the algorithm, never a header (RFC 8725 §3.1). */
import { type CryptoKey, importJWK, type JWK } from 'jose'
import { readB64url } from '#credentials/bytes.ts'
import { lastUsed } from '#credentials/last-used.ts'
import { isSmallOrder } from '#credentials/signing/small-order.ts'

/** `ES256` for P-256 keys (RFC 7518 §3.4), `EdDSA` for Ed25519 (RFC 8037 §3.1). */
export const signingAlgs = ['ES256', 'EdDSA'] as const
export type SigningAlg = (typeof signingAlgs)[number]

export type PublicJwk =
  | { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }

/** The bare public half of a key, public or private: P-256 or Ed25519, fit to sign, no other member; undefined for any other key. */
export function publicJwk(jwk: JWK): PublicJwk | undefined {
  const { kty, crv, x, y } = jwk
  if (kty === 'EC' && crv === 'P-256' && x !== undefined && y !== undefined) return { kty: 'EC', crv, x, y }
  if (kty !== 'OKP' || crv !== 'Ed25519' || x === undefined) return undefined
  return algOf({ kty, crv, x }) === undefined ? undefined : { kty: 'OKP', crv, x }
}

/**
 * What a public key may be asked to verify; undefined when it is not one of ours, is private, or is for something else. A small-order
 * Ed25519 key accepts one signature for every message (RFC 8032 §5.1.7), so it is none.
 */
export function algOf(jwk: JWK): SigningAlg | undefined {
  if (jwk.d !== undefined || (jwk.use !== undefined && jwk.use !== 'sig')) return undefined
  if (jwk.kty === 'EC' && jwk.crv === 'P-256') return 'ES256'
  if (jwk.kty !== 'OKP' || jwk.crv !== 'Ed25519' || jwk.x === undefined) return undefined
  const point = readB64url(jwk.x)
  return point === undefined || isSmallOrder(point) ? undefined : 'EdDSA'
}

/** The algorithm a header names, under its own name: RFC 9864 renames `EdDSA` with Ed25519 to `Ed25519`; both mean one signature. */
export function namedAlg(alg: string): SigningAlg | undefined {
  if (alg === 'Ed25519') return 'EdDSA'
  return signingAlgs.find((one) => one === alg)
}

/** Keys come again and again, one issuer's under a thousand credentials; importing one costs as much as checking a signature. */
const imported = lastUsed(256, async (name): Promise<CryptoKey | undefined> => {
  const [alg, kty, crv, x, y] = JSON.parse(name) as (string | null)[]
  try {
    return (await importJWK({ kty, crv, x, ...(y === null ? {} : { y }) } as JWK, alg ?? '')) as CryptoKey
  } catch {
    return undefined
  }
})

/** The key to check a signature with under `alg`; undefined when it is none, such as a point that is not on its curve. */
export function verifyingKey({ kty, crv, x, y }: JWK, alg: string): Promise<CryptoKey | undefined> {
  return imported(JSON.stringify([alg, kty, crv, x, y]))
}
