/** Whose signature a time-stamp bears, and why it is believed: a path from the TSA's certificate to one that was configured (RFC 5280 §6). */

import { type PublicKey, readPublicKey, readSignatureAlgorithm, type SignatureAlgorithm } from './algorithms.ts'
import {
  bitsOf,
  booleanOf,
  type Der,
  DerError,
  expect,
  inside,
  integerOf,
  isSame,
  oidOf,
  readDer,
  tags,
  validityTimeOf,
} from './der.ts'
import { isSigned } from './signature.ts'

export interface Certificate {
  readonly raw: Uint8Array
  /** Names as DER: equal means the same bytes. */
  readonly issuer: Uint8Array
  readonly subject: Uint8Array
  readonly serial: bigint
  /** Milliseconds since 1970, both included. */
  readonly from: number
  readonly until: number
  readonly publicKey: PublicKey
  readonly extensions: ReadonlyMap<string, Extension>
  /** What its issuer signed, how, and the signature. */
  readonly signed: Uint8Array
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly signature: Uint8Array
}

interface Extension {
  readonly isCritical: boolean
  readonly value: Uint8Array
}

const oids = {
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  extendedKeyUsage: '2.5.29.37',
  subjectKeyId: '2.5.29.14',
  timeStamping: '1.3.6.1.5.5.7.3.8',
} as const

/** What is looked at here. Any other extension that its issuer calls critical makes a certificate unusable (RFC 5280 §4.2). */
const understood: readonly string[] = [oids.keyUsage, oids.basicConstraints, oids.extendedKeyUsage]

/** Bits of key usage, counted from the most significant (RFC 5280 §4.2.1.3). */
const usage = { digitalSignature: 0, nonRepudiation: 1, keyCertSign: 5 } as const

/** Longest path: TSA, three authorities between, and the root. */
const longestPath = 5

/** Bytes as they lie in a file or a token (RFC 5280 §4.1). @throws DerError for what is no certificate */
export function readCertificate(bytes: Uint8Array): Certificate {
  const [body, algorithm, signature] = inside(readDer(bytes, 'certificate'), tags.sequence, 'certificate')
  const members = inside(body, tags.sequence, 'certificate.tbs')
  const [serial, inner, issuer, validity, subject, key] = members[0]?.tag === 0xa0 ? members.slice(1) : members
  const [from, until] = inside(validity, tags.sequence, 'certificate.validity')
  const { whole } = expect(algorithm, tags.sequence, 'certificate.algorithm')
  if (inner === undefined || !isSame(inner.whole, whole)) throw new DerError('certificate.algorithm')
  return {
    raw: bytes,
    serial: integerOf(serial, 'certificate.serial'),
    issuer: expect(issuer, tags.sequence, 'certificate.issuer').whole,
    subject: expect(subject, tags.sequence, 'certificate.subject').whole,
    from: validityTimeOf(from, 'certificate.from'),
    until: validityTimeOf(until, 'certificate.until'),
    publicKey: readPublicKey(key),
    extensions: extensionsIn(members.find(({ tag }) => tag === 0xa3)),
    signed: expect(body, tags.sequence, 'certificate.tbs').whole,
    signatureAlgorithm: readSignatureAlgorithm(algorithm, 'certificate.algorithm'),
    signature: bitsOf(signature, 'certificate.signature'),
  }
}

function extensionsIn(member: Der | undefined): Map<string, Extension> {
  if (member === undefined) return new Map()
  const [list] = inside(member, 0xa3, 'certificate.extensions')
  const found = inside(list, tags.sequence, 'certificate.extensions').map((one) => {
    const parts = inside(one, tags.sequence, 'certificate.extension')
    const isCritical = parts.length === 3 && booleanOf(parts[1], 'certificate.extension.critical')
    const { content } = expect(parts.at(-1), tags.octets, 'certificate.extension.value')
    return [oidOf(parts[0], 'certificate.extension.id'), { isCritical, value: content }] as const
  })
  const byId = new Map(found)
  if (byId.size !== found.length) throw new DerError('certificate.extensions')
  return byId
}

/** RFC 3161 §2.3: for time-stamping, critically so, and for nothing else; and for signatures at all. */
export function isForTimeStamping(certificate: Certificate): boolean {
  const extended = certificate.extensions.get(oids.extendedKeyUsage)
  if (extended === undefined || !extended.isCritical) return false
  const purposes = inside(readDer(extended.value, 'extended key usage'), tags.sequence, 'extended key usage')
  const isOnlyPurpose = purposes.length === 1 && oidOf(purposes[0], 'extended key usage') === oids.timeStamping
  const isForSignatures = [usage.digitalSignature, usage.nonRepudiation].some((bit) => mayBeUsedFor(certificate, bit))
  return isOnlyPurpose && isForSignatures && !leavesSomethingCritical(certificate)
}

/** The key identifier that a signer can be named by; undefined when the certificate bears none. */
export function subjectKeyId({ extensions }: Certificate): Uint8Array | undefined {
  const found = extensions.get(oids.subjectKeyId)
  return found === undefined ? undefined : expect(readDer(found.value, 'key id'), tags.octets, 'key id').content
}

/**
 * Whether a path leads from `certificate` to one of `trusted`, every step of it signed, allowed and valid at `time` (milliseconds
 * since 1970). `between` may help to build it and proves nothing by itself.
 */
export async function pathProblem(
  certificate: Certificate,
  trust: { readonly trusted: readonly Certificate[]; readonly between: readonly Certificate[]; readonly time: number },
): Promise<'untrusted' | 'expired' | undefined> {
  const { trusted, time } = trust
  if (!isValidAt(certificate, time)) return 'expired'
  let worst: 'untrusted' | 'expired' = 'untrusted'
  const reaches = async (from: Certificate, steps: number): Promise<boolean> => {
    if (trusted.some(({ raw }) => isSame(raw, from.raw))) return true
    if (steps >= longestPath) return false
    for (const issuer of [...trusted, ...trust.between]) {
      if (!(await isIssuedBy(from, issuer, steps - 1))) continue
      if (!isValidAt(issuer, time)) worst = 'expired'
      else if (await reaches(issuer, steps + 1)) return true
    }
    return false
  }
  return (await reaches(certificate, 1)) ? undefined : worst
}

/** `below`: how many authorities stand between this issuer and the TSA. */
async function isIssuedBy(certificate: Certificate, issuer: Certificate, below: number): Promise<boolean> {
  return (
    isSame(certificate.issuer, issuer.subject) &&
    !isSame(certificate.raw, issuer.raw) &&
    isAuthority(issuer, below) &&
    !leavesSomethingCritical(issuer) &&
    isSigned(certificate, issuer.publicKey)
  )
}

function isAuthority(issuer: Certificate, below: number): boolean {
  const constraints = issuer.extensions.get(oids.basicConstraints)
  if (constraints === undefined || !mayBeUsedFor(issuer, usage.keyCertSign)) return false
  const [isCa, most] = inside(readDer(constraints.value, 'basic constraints'), tags.sequence, 'basic constraints')
  if (isCa === undefined || !booleanOf(isCa, 'basic constraints')) return false
  return most === undefined || integerOf(most, 'path length') >= BigInt(below)
}

/** A certificate that does not limit its use may be used for anything. */
function mayBeUsedFor({ extensions }: Certificate, bit: number): boolean {
  const found = extensions.get(oids.keyUsage)
  if (found === undefined) return true
  const [, ...bytes] = expect(readDer(found.value, 'key usage'), tags.bits, 'key usage').content
  return (((bytes[bit >>> 3] ?? 0) >>> (7 - (bit & 7))) & 1) === 1
}

function leavesSomethingCritical({ extensions }: Certificate): boolean {
  return [...extensions].some(([id, { isCritical }]) => isCritical && !understood.includes(id))
}

function isValidAt({ from, until }: Certificate, time: number): boolean {
  return from <= time && time <= until
}
