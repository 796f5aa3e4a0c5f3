/** Ed25519 as strictly as RFC 8032 allows; without it a key of small order would be everybody's signature (audit-log §13, T18). */
import { ed25519 } from '@noble/curves/ed25519.js'
import { concat, hex } from '#audit/digest.ts'

interface Native {
  createPublicKey(key: { readonly key: Uint8Array; readonly format: 'der'; readonly type: 'spki' }): object
  createPrivateKey(key: { readonly key: Uint8Array; readonly format: 'der'; readonly type: 'pkcs8' }): object
  sign(algorithm: null, message: Uint8Array, key: object): Uint8Array
  verify(algorithm: null, message: Uint8Array, key: object, signature: Uint8Array): boolean
}

/** Fifty times as fast where there is one; everything here works without, as in a page. */
const native = (
  globalThis as { readonly process?: { readonly getBuiltinModule?: (id: string) => Native | undefined } }
).process?.getBuiltinModule?.('node:crypto')

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
  // OpenSSL's equation is the stricter one (§5.1.7 without the cofactor): what it takes the curve takes too, what it refuses the curve judges.
  return (
    nativeVerifies(publicKey, message, signature) || ed25519.verify(signature, message, publicKey, { zip215: false })
  )
}

/** Signature of 64 bytes with a seed of 32 (RFC 8032 §5.1.6). */
export function signEd25519(seed: Uint8Array, message: Uint8Array): Uint8Array {
  if (native === undefined || seed.length !== ed25519KeySize) return ed25519.sign(message, seed)
  const key = native.createPrivateKey({ key: concat(pkcs8Head, seed), format: 'der', type: 'pkcs8' })
  return new Uint8Array(native.sign(null, message, key))
}

/** What stands before the bytes of an Ed25519 key in its DER form (RFC 8410 §4, §7). */
const spkiHead = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00)
const pkcs8Head = new Uint8Array([
  0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
])

function nativeVerifies(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (native === undefined) return false
  const key = nativeKey(native, publicKey)
  return key !== undefined && native.verify(null, message, key, signature)
}

/** A policy has a handful of keys; whoever shows us thousands makes us forget. */
const mostKeys = 64
const keys = new Map<string, object>()

/** Undefined for a key that is none to trust: not every OpenSSL refuses those of small order. */
function nativeKey(native: Native, publicKey: Uint8Array): object | undefined {
  const name = hex(publicKey)
  const known = keys.get(name)
  if (known !== undefined || publicKeyProblem(publicKey) !== undefined) return known
  if (keys.size >= mostKeys) keys.clear()
  const key = native.createPublicKey({ key: concat(spkiHead, publicKey), format: 'der', type: 'spki' })
  keys.set(name, key)
  return key
}

export function publicKeyOf(seed: Uint8Array): Uint8Array {
  return ed25519.getPublicKey(seed)
}
