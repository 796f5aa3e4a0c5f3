/**
 * The key to which an institution's emitters seal names and birth dates (contracts §10); without it such values would stand readable
 * in a stream that keeps them for 30 days.
 */
import { createPrivateKey, hash } from 'node:crypto'
import type { Keys } from '#db/client.ts'
import { intakeSeed } from '#db/crypto.ts'
import type { InstitutionId } from '#domain/words.ts'

/** Public half, RFC 7517 and 8037; `kid` is its RFC 7638 thumbprint. */
export interface IntakeJwk {
  readonly kty: 'OKP'
  readonly crv: 'X25519'
  readonly x: string
  readonly use: 'enc'
  readonly alg: 'ECDH-ES+A256KW'
  readonly kid: string
}

/** DER of a PKCS #8 private key up to its 32 bytes (RFC 8410 §7). */
const beforeSeed = Buffer.from('302e020100300506032b656e04220420', 'hex')

/** Derived from the installation's secret, so that whoever holds that secret can read what was sealed, and there is nothing more to keep. */
export function intakeKey(keys: Keys, institution: InstitutionId): { readonly open: IntakeJwk; readonly d: string } {
  const der = Buffer.concat([beforeSeed, intakeSeed(keys, institution)])
  const { x = '', d = '' } = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ format: 'jwk' })
  const kid = hash('sha256', JSON.stringify({ crv: 'X25519', kty: 'OKP', x }), 'base64url')
  return { open: { kty: 'OKP', crv: 'X25519', x, use: 'enc', alg: 'ECDH-ES+A256KW', kid }, d }
}
