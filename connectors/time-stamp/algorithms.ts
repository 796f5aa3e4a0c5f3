/**
 * Which keys, signatures and digests are taken, and how they are named (RFC 5280 §4.1.2.7, RFC 4055, RFC 5480, RFC 8410). SHA-1 is none of
 * them, named or meant.
 */
import { bitsOf, context, type Der, DerError, der, expect, inside, integerOf, oid, oidOf, tags } from './der.ts'

export type Digest = 'SHA-256' | 'SHA-384' | 'SHA-512'

export const sha256 = '2.16.840.1.101.3.4.2.1'

/** Digests that are taken, by their object identifiers. */
export const digests: Readonly<Record<string, Digest>> = {
  [sha256]: 'SHA-256',
  '2.16.840.1.101.3.4.2.2': 'SHA-384',
  '2.16.840.1.101.3.4.2.3': 'SHA-512',
}

type Kind = PublicKey['kind']

/** Signature algorithm → kind of signature, and the digest where it names one. */
const signatures: Readonly<Record<string, { readonly kind: Kind; readonly digest?: Digest }>> = {
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
/** Both name keys and their signatures (RFC 4055 §1.2, RFC 8410 §3). */
const rsaPss = '1.2.840.113549.1.1.10'
const ed25519 = '1.3.101.112'

/** Curve → its name in WebCrypto, and how many octets a coordinate has. */
const curves: Readonly<Record<string, Curve>> = {
  '1.2.840.10045.3.1.7': { name: 'P-256', octets: 32 },
  '1.3.132.0.34': { name: 'P-384', octets: 48 },
  '1.3.132.0.35': { name: 'P-521', octets: 66 },
}

export interface Curve {
  readonly name: string
  readonly octets: number
}

interface Pss {
  readonly digest: Digest
  readonly saltLength: number
}

export interface SignatureAlgorithm {
  /** `other`: not taken here. */
  readonly kind: Kind
  /** Where it names one. */
  readonly digest?: Digest
  readonly saltLength?: number
}

export interface PublicKey {
  /** `other`: whatever it signed cannot be judged here, and so is not believed. */
  readonly kind: 'rsa' | 'rsa-pss' | 'ec' | 'ed25519' | 'other'
  readonly curve?: Curve
  /** What a key for RSA-PSS is bound to, where it is. */
  readonly pss?: Pss
  /** SubjectPublicKeyInfo as DER, under the name that WebCrypto knows. */
  readonly spki: Uint8Array
}

/** @throws DerError */
export function readPublicKey(value: Der | undefined): PublicKey {
  const [algorithm, key] = inside(value, tags.sequence, 'key')
  const { whole: spki } = expect(value, tags.sequence, 'key')
  bitsOf(key, 'key')
  const [id, parameters] = inside(algorithm, tags.sequence, 'key.algorithm')
  switch (oidOf(id, 'key.algorithm')) {
    case rsaKey:
      return { kind: 'rsa', spki }
    case rsaPss: {
      const named = der(
        tags.sequence,
        der(tags.sequence, oid(rsaKey), der(tags.null)),
        expect(key, tags.bits, 'key').whole,
      )
      if (parameters === undefined) return { kind: 'rsa-pss', spki: named }
      const pss = pssIn(parameters, 'key.algorithm')
      return pss === undefined ? { kind: 'other', spki } : { kind: 'rsa-pss', pss, spki: named }
    }
    case ed25519:
      return { kind: 'ed25519', spki }
    case ecKey: {
      const curve = parameters?.tag === tags.oid ? curves[oidOf(parameters, 'key.curve')] : undefined
      return curve === undefined ? { kind: 'other', spki } : { kind: 'ec', curve, spki }
    }
    default:
      return { kind: 'other', spki }
  }
}

/** @throws DerError */
export function readSignatureAlgorithm(value: Der | undefined, where: string): SignatureAlgorithm {
  const [id, parameters] = inside(value, tags.sequence, where)
  const named = oidOf(id, where)
  if (named === ed25519) return { kind: 'ed25519' }
  if (named !== rsaPss) return signatures[named] ?? { kind: 'other' }
  const pss = parameters === undefined ? undefined : pssIn(parameters, where)
  return pss === undefined ? { kind: 'other' } : { kind: 'rsa-pss', ...pss }
}

const mgf1 = '1.2.840.113549.1.1.8'
const longestSalt = 512

/**
 * RFC 4055 §3.1. Undefined where a digest is not taken, such as SHA-1, which is meant where none is named; or where the mask is made with
 * another, which WebCrypto does not know.
 *
 * @throws DerError
 */
function pssIn(parameters: Der, where: string): Pss | undefined {
  const members = inside(parameters, tags.sequence, where)
  const isOrdered = members.every(
    ({ tag }, at) => tag > (members[at - 1]?.tag ?? 0x9f) && tag >= context(0) && tag <= context(3),
  )
  if (!isOrdered) throw new DerError(where)
  const member = (n: number) => {
    const found = members.find(({ tag }) => tag === context(n))
    return found === undefined ? undefined : inside(found, context(n), where)[0]
  }
  const algorithm = (of: Der | undefined) => (of === undefined ? [] : inside(of, tags.sequence, where))
  const named = (of: Der | undefined) => (of === undefined ? '' : oidOf(of, where))
  const [hash] = algorithm(member(0))
  const [mask, masked] = algorithm(member(1))
  const digest = digests[named(hash)]
  const saltLength = member(2) === undefined ? 20 : Number(integerOf(member(2), where))
  const isTaken = named(mask) === mgf1 && digests[named(algorithm(masked)[0])] === digest && member(3) === undefined
  return digest === undefined || !isTaken || saltLength < 0 || saltLength > longestSalt
    ? undefined
    : { digest, saltLength }
}
