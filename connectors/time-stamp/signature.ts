/**
 * Signatures of certificates and time-stamps (RFC 8017 §8, RFC 5480, RFC 8419), judged by WebCrypto: it is in Node and in every browser, so
 * that both give one answer.
 */
import type { Curve, Digest, PublicKey, SignatureAlgorithm } from './algorithms.ts'
import { DerError, expect, inside, readDer, tags } from './der.ts'

/** Bytes' digest. */
export async function digestOf(digest: Digest, bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest(digest, new Uint8Array(bytes)))
}

/** Whether a key makes signatures of this algorithm, and they are taken here. A key for RSA makes those of RSA-PSS too (RFC 4055 §1.2). */
export function isSignedAs({ kind, digest, saltLength = 0 }: SignatureAlgorithm, key: PublicKey): boolean {
  if (kind === 'other') return false
  if (kind !== 'rsa-pss' || key.kind !== 'rsa-pss')
    return kind === key.kind || (kind === 'rsa-pss' && key.kind === 'rsa')
  return key.pss === undefined || (key.pss.digest === digest && saltLength >= key.pss.saltLength)
}

export interface Signed {
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly signed: Uint8Array
  readonly signature: Uint8Array
  /** Where the signature's algorithm names none. */
  readonly digest?: Digest
}

/** False for anything that is not this key's signature, and for kinds of signature that are not taken here. */
export async function isSigned(one: Signed, key: PublicKey): Promise<boolean> {
  const { signatureAlgorithm: algorithm, signed } = one
  const { curve } = key
  const words = isSignedAs(algorithm, key) ? wordsOf(algorithm, algorithm.digest ?? one.digest, curve) : undefined
  const signature = curve === undefined ? one.signature : pointsOf(one.signature, curve)
  if (words === undefined || signature === undefined) return false
  const [imported, how] = words
  try {
    const publicKey = await crypto.subtle.importKey('spki', new Uint8Array(key.spki), imported, false, ['verify'])
    return await crypto.subtle.verify(how, publicKey, new Uint8Array(signature), new Uint8Array(signed))
  } catch {
    // No point of the curve, a modulus that is none: no key, so nothing is its signature.
    return false
  }
}

/** What WebCrypto calls a key and its signature; undefined where nothing says by which digest. */
function wordsOf({ kind, saltLength = 0 }: SignatureAlgorithm, hash: Digest | undefined, curve: Curve | undefined) {
  if (kind === 'ed25519') return [{ name: 'Ed25519' }, { name: 'Ed25519' }] as const
  if (hash === undefined) return undefined
  if (curve !== undefined)
    return [
      { name: 'ECDSA', namedCurve: curve.name },
      { name: 'ECDSA', hash },
    ] as const
  if (kind === 'rsa') return [{ name: 'RSASSA-PKCS1-v1_5', hash }, { name: 'RSASSA-PKCS1-v1_5' }] as const
  return [
    { name: 'RSA-PSS', hash },
    { name: 'RSA-PSS', saltLength },
  ] as const
}

/** r and s, each as long as a coordinate, as WebCrypto wants them (IEEE 1363); undefined where the bytes are no such pair. */
function pointsOf(signature: Uint8Array, { octets }: Curve): Uint8Array | undefined {
  try {
    const parts = inside(readDer(signature, 'signature'), tags.sequence, 'signature').map((part) =>
      expect(part, tags.integer, 'signature'),
    )
    if (parts.length !== 2) return undefined
    const points = new Uint8Array(octets * 2)
    for (const [at, { content }] of parts.entries()) {
      const digits = content[0] === 0 ? content.subarray(1) : content
      if (digits.length > octets || (content[0] ?? 0) > 0x7f) return undefined
      points.set(digits, octets * (at + 1) - digits.length)
    }
    return points
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}
