/** ML-DSA-44 (FIPS 204) over whole messages, without a context; what will still bind a witness when Ed25519 no longer does (audit-log §6.2). */
import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js'

export const mlDsaKeySize = 1_312
export const mlDsaSignatureSize = 2_420

/** False for anything malformed. */
export function verifyMlDsa44(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  // A signature of another length is false to the library, a key of another length an error.
  if (publicKey.length !== mlDsaKeySize) return false
  return ml_dsa44.verify(signature, message, publicKey)
}

/** The keys of a seed of 32 bytes (ξ of FIPS 204 §5.1). */
export function mlDsa44Keys(seed: Uint8Array): {
  readonly publicKey: Uint8Array
  readonly sign: (message: Uint8Array) => Uint8Array
} {
  const { publicKey, secretKey } = ml_dsa44.keygen(seed)
  return { publicKey, sign: (message) => ml_dsa44.sign(message, secretKey) }
}
