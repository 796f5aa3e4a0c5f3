/**
 * Public keys and signatures of certificates and time-stamps (RFC 5280 §4.1.2.7, RFC 8017 §8.2, RFC 5480), judged by WebCrypto: it is in
 * Node and in every browser, so that both give one answer.
 */
import { bitsOf, type Der, DerError, expect, inside, oidOf, readDer, tags } from './der.ts'

export type Digest = 'SHA-256' | 'SHA-384' | 'SHA-512'

export const sha256 = '2.16.840.1.101.3.4.2.1'

/** Digests that are taken, by their object identifiers. */
export const digests: Readonly<Record<string, Digest>> = {
  [sha256]: 'SHA-256',
  '2.16.840.1.101.3.4.2.2': 'SHA-384',
  '2.16.840.1.101.3.4.2.3': 'SHA-512',
}

/** Signature algorithm → kind of key, and the digest where it names one. */
const signatures: Readonly<Record<string, { readonly kind: PublicKey['kind']; readonly digest?: Digest }>> = {
  '1.2.840.113549.1.1.1': { kind: 'rsa' },
  '1.2.840.113549.1.1.11': { kind: 'rsa', digest: 'SHA-256' },
  '1.2.840.113549.1.1.12': { kind: 'rsa', digest: 'SHA-384' },
  '1.2.840.113549.1.1.13': { kind: 'rsa', digest: 'SHA-512' },
  '1.2.840.10045.4.3.2': { kind: 'ec', digest: 'SHA-256' },
  '1.2.840.10045.4.3.3': { kind: 'ec', digest: 'SHA-384' },
  '1.2.840.10045.4.3.4': { kind: 'ec', digest: 'SHA-512' },
}

const rsaKey = '1.2.840.113549.1.1.1'
const ecKey = '1.2.840.10045.2.1'

/** Curve → its name in WebCrypto, and how many octets a coordinate has. */
const curves: Readonly<Record<string, Curve>> = {
  '1.2.840.10045.3.1.7': { name: 'P-256', octets: 32 },
  '1.3.132.0.34': { name: 'P-384', octets: 48 },
  '1.3.132.0.35': { name: 'P-521', octets: 66 },
}

interface Curve {
  readonly name: string
  readonly octets: number
}

export interface PublicKey {
  /** `other`: whatever it signed cannot be judged here, and so is not believed. */
  readonly kind: 'rsa' | 'ec' | 'other'
  readonly curve?: Curve
  /** SubjectPublicKeyInfo as DER. */
  readonly spki: Uint8Array
}

/** @throws DerError */
export function readPublicKey(value: Der | undefined): PublicKey {
  const [algorithm, bits] = inside(value, tags.sequence, 'key')
  const { whole: spki } = expect(value, tags.sequence, 'key')
  bitsOf(bits, 'key')
  const [id, parameters] = inside(algorithm, tags.sequence, 'key.algorithm')
  const named = oidOf(id, 'key.algorithm')
  if (named === rsaKey) return { kind: 'rsa', spki }
  const curve = named === ecKey && parameters?.tag === tags.oid ? curves[oidOf(parameters, 'key.curve')] : undefined
  return curve === undefined ? { kind: 'other', spki } : { kind: 'ec', curve, spki }
}

/** Bytes' digest. */
export async function digestOf(digest: Digest, bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest(digest, new Uint8Array(bytes)))
}

/** Whether a key of this kind makes signatures of this algorithm, and they are taken here. */
export function isSignedAs(algorithm: string, { kind }: PublicKey): boolean {
  return signatures[algorithm]?.kind === kind
}

export interface Signed {
  readonly signatureAlgorithm: string
  readonly signed: Uint8Array
  readonly signature: Uint8Array
  /** Where the signature's algorithm names none. */
  readonly digest?: Digest
}

/** False for anything that is not this key's signature, and for kinds of signature that are not taken here. */
export async function isSigned(one: Signed, key: PublicKey): Promise<boolean> {
  const hash = signatures[one.signatureAlgorithm]?.digest ?? one.digest
  if (hash === undefined || !isSignedAs(one.signatureAlgorithm, key)) return false
  const { curve } = key
  const signature = curve === undefined ? one.signature : pointsOf(one.signature, curve)
  if (signature === undefined) return false
  const [imported, how] =
    curve === undefined
      ? [{ name: 'RSASSA-PKCS1-v1_5', hash }, { name: 'RSASSA-PKCS1-v1_5' }]
      : [
          { name: 'ECDSA', namedCurve: curve.name },
          { name: 'ECDSA', hash },
        ]
  try {
    const publicKey = await crypto.subtle.importKey('spki', new Uint8Array(key.spki), imported, false, ['verify'])
    return await crypto.subtle.verify(how, publicKey, new Uint8Array(signature), new Uint8Array(one.signed))
  } catch {
    // No point of the curve, a modulus that is none: no key, so nothing is its signature.
    return false
  }
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
