/** Ed25519 as strictly as RFC 8032 allows; without it a key of small order would be everybody's signature (audit-log §13, T18). */
import { ed25519 } from '@noble/curves/ed25519.js'

export const ed25519KeySize = 32
export const ed25519SignatureSize = 64

/** Why bytes are no public key to trust: no canonical encoding of a point on the curve, or a point of small order. */
export function publicKeyProblem(publicKey: Uint8Array): 'key-malformed' | 'key-weak' | undefined {
  try {
    return ed25519.Point.fromBytes(publicKey, false).isSmallOrder() ? 'key-weak' : undefined
  } catch {
    return 'key-malformed'
  }
}

/** RFC 8032 §5.1.7, without the leniency of ZIP 215 and under no key of small order; false for anything malformed. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== ed25519SignatureSize || publicKey.length !== ed25519KeySize) return false
  return ed25519.verify(signature, message, publicKey, { zip215: false })
}

/** Signature of 64 bytes with a seed of 32 (RFC 8032 §5.1.6). */
export function signEd25519(seed: Uint8Array, message: Uint8Array): Uint8Array {
  return ed25519.sign(message, seed)
}

export function publicKeyOf(seed: Uint8Array): Uint8Array {
  return ed25519.getPublicKey(seed)
}
