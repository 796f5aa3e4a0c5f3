/** The signature by which an event shows its sender: a detached JWS over the bytes (RFC 7515 appendix F). */
import { FlattenedSign, importJWK, type JWK } from 'jose'
import { EmitterError } from './emitter-error.ts'

export type Sign = (payload: Uint8Array) => Promise<string>

/**
 * @param jwk private key, P-256 (ES256) or Ed25519 (EdDSA), with the `kid` that the register has for it
 * @throws EmitterError `no-signing-key`
 */
export async function signWith(jwk: JWK): Promise<Sign> {
  const alg = jwk.crv === 'P-256' ? 'ES256' : jwk.crv === 'Ed25519' ? 'EdDSA' : undefined
  const { kid } = jwk
  if (alg === undefined || kid === undefined || jwk.d === undefined)
    throw new EmitterError('no-signing-key', 'give a private JWK, P-256 or Ed25519, with a kid')
  const key = await importJWK(jwk, alg)
  // Exactly these three: the server refuses every other member.
  const header = { alg, kid, typ: 'bevis-event+jws' }
  return async (payload) => {
    const { protected: head, signature } = await new FlattenedSign(payload).setProtectedHeader(header).sign(key)
    return `${head}..${signature}`
  }
}
