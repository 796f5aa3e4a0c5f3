/** Whose signature a time-stamp bears, and why it is believed: a path from the TSA's certificate to one that was configured (RFC 5280 §6). */
import { X509Certificate } from 'node:crypto'
import { booleanOf, type Der, DerError, expect, inside, integerOf, oidOf, readDer, tags } from './der.ts'

export interface Certificate {
  readonly x509: X509Certificate
  readonly raw: Buffer
  /** Names as DER: equal means the same bytes. */
  readonly issuer: Buffer
  readonly subject: Buffer
  readonly serial: bigint
  /** Milliseconds since 1970, both included. */
  readonly from: number
  readonly until: number
  readonly extensions: ReadonlyMap<string, Extension>
}

interface Extension {
  readonly isCritical: boolean
  readonly value: Buffer
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

/** @throws DerError, or Node's own error, for bytes that are no certificate */
export function readCertificate(bytes: Uint8Array): Certificate {
  const x509 = new X509Certificate(bytes)
  const raw = Buffer.from(bytes)
  const [body] = inside(readDer(raw, 'certificate'), tags.sequence, 'certificate')
  const members = inside(body, tags.sequence, 'certificate.tbs')
  const [serial, , issuer, , subject] = members[0]?.tag === 0xa0 ? members.slice(1) : members
  return {
    x509,
    raw,
    serial: integerOf(serial, 'certificate.serial'),
    issuer: expect(issuer, tags.sequence, 'certificate.issuer').whole,
    subject: expect(subject, tags.sequence, 'certificate.subject').whole,
    from: x509.validFromDate.getTime(),
    until: x509.validToDate.getTime(),
    extensions: extensionsIn(members.find(({ tag }) => tag === 0xa3)),
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
export function subjectKeyId({ extensions }: Certificate): Buffer | undefined {
  const found = extensions.get(oids.subjectKeyId)
  return found === undefined ? undefined : expect(readDer(found.value, 'key id'), tags.octets, 'key id').content
}

/**
 * Whether a path leads from `certificate` to one of `trusted`, every step of it signed, allowed and valid at `time` (milliseconds
 * since 1970). `between` may help to build it and proves nothing by itself.
 */
export function pathProblem(
  certificate: Certificate,
  trust: { readonly trusted: readonly Certificate[]; readonly between: readonly Certificate[]; readonly time: number },
): 'untrusted' | 'expired' | undefined {
  const { trusted, time } = trust
  if (!isValidAt(certificate, time)) return 'expired'
  let worst: 'untrusted' | 'expired' = 'untrusted'
  const reaches = (from: Certificate, steps: number): boolean => {
    if (trusted.some(({ raw }) => raw.equals(from.raw))) return true
    if (steps >= longestPath) return false
    return [...trusted, ...trust.between].some((issuer) => {
      if (!isIssuedBy(from, issuer, steps - 1)) return false
      if (isValidAt(issuer, time)) return reaches(issuer, steps + 1)
      worst = 'expired'
      return false
    })
  }
  return reaches(certificate, 1) ? undefined : worst
}

/** `below`: how many authorities stand between this issuer and the TSA. */
function isIssuedBy(certificate: Certificate, issuer: Certificate, below: number): boolean {
  return (
    certificate.issuer.equals(issuer.subject) &&
    !certificate.raw.equals(issuer.raw) &&
    isAuthority(issuer, below) &&
    !leavesSomethingCritical(issuer) &&
    certificate.x509.verify(issuer.x509.publicKey)
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
