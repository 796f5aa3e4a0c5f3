/**
 * Whether a time-stamp is one: that the TSA it is said to be from stated, at that time, that it had seen this digest (RFC 3161, RFC 5816).
 * Needs no network and no clock, so that a stranger can judge it years later.
 */
import { createHash, verify as verifySignature, X509Certificate } from 'node:crypto'
import { ConnectorError } from '../connector-error.ts'
import { type Certificate, isForTimeStamping, pathProblem, readCertificate, subjectKeyId } from './certificates.ts'
import { expect, inside, oidOf, tags } from './der.ts'
import { readReply, type Signer, type TimeStampInfo, type TimeStampToken } from './reply.ts'

export type TimeStampProblem =
  /** No DER, or not the structure of RFC 3161. */
  | 'malformed'
  /** The TSA answered that it gives none. */
  | 'not-granted'
  /** It is for other data, or names another digest than SHA-256. */
  | 'imprint'
  /** It answers another question than ours. */
  | 'nonce'
  /** It was given under another policy than the one asked for. */
  | 'policy'
  /** A digest or signature algorithm that we do not take. */
  | 'algorithm'
  /** What the token says is not what was signed, or the signature is not the certificate's. */
  | 'signature'
  /** It does not bind the certificate it was signed with (RFC 5816, ESSCertIDv2), or does not bring it. */
  | 'signing-certificate'
  /** The certificate is not for time-stamping alone, critically so. */
  | 'purpose'
  /** No path to a configured certificate. */
  | 'untrusted'
  /** The path was not valid at the time that is stamped. */
  | 'expired'

export type TimeStampVerdict =
  | { readonly ok: true; readonly stamp: TimeStamp }
  | { readonly ok: false; readonly problem: TimeStampProblem }

export interface TimeStamp {
  /** RFC 3339 in UTC with milliseconds. */
  readonly genTime: string
  /** How far off it may be by the TSA's own word, in milliseconds. */
  readonly accuracyMs?: number
  /** Decimal. */
  readonly serial: string
  /** OID of the policy it was given under. */
  readonly policy: string
  /** Subject of the TSA's certificate, for people to read. */
  readonly tsa: string
}

export interface TimeStampExpectation {
  /** SHA-256 of the data, 32 bytes. */
  readonly digest: Uint8Array
  readonly trusted: TrustedTsa
  /** What was sent with the question. An old time-stamp is judged without one. */
  readonly nonce?: bigint
  /** OID asked for; left out, any. */
  readonly policy?: string
}

/** Certificates a path must end in: those of a TSA, or of the authority that vouches for it. */
export interface TrustedTsa {
  readonly certificates: readonly Certificate[]
}

/**
 * Reads PEM as it lies in a file.
 * @throws ConnectorError `time-stamp/certificates` when there is none, or one that cannot be read
 */
export function readTrustedTsa(pem: string): TrustedTsa {
  const found = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  try {
    if (found.length === 0) throw new Error('no certificate')
    return { certificates: found.map((one) => readCertificate(new X509Certificate(one).raw)) }
  } catch (cause) {
    const message = 'the trusted certificates of the time-stamp authority cannot be read; give them as PEM'
    throw new ConnectorError('time-stamp/certificates', message, { cause })
  }
}

/** Judges a whole answer (`TimeStampResp`, a `.tsr` file). Any bytes may be given; it never throws. */
export function verifyTimeStamp(reply: Uint8Array, expected: TimeStampExpectation): TimeStampVerdict {
  try {
    return judge(reply, expected)
  } catch {
    return refused('malformed')
  }
}

const refused = (problem: TimeStampProblem): TimeStampVerdict => ({ ok: false, problem })

const attributes = {
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
} as const
const tstInfo = '1.2.840.113549.1.9.16.1.4'

const sha256 = '2.16.840.1.101.3.4.2.1'
const digests: Readonly<Record<string, string>> = {
  [sha256]: 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}
/** Signature algorithm → kind of key, and the digest where it names one. */
const signatures: Readonly<Record<string, { readonly key: 'rsa' | 'ec'; readonly digest?: string }>> = {
  '1.2.840.113549.1.1.1': { key: 'rsa' },
  '1.2.840.113549.1.1.11': { key: 'rsa', digest: 'sha256' },
  '1.2.840.113549.1.1.12': { key: 'rsa', digest: 'sha384' },
  '1.2.840.113549.1.1.13': { key: 'rsa', digest: 'sha512' },
  '1.2.840.10045.4.3.2': { key: 'ec', digest: 'sha256' },
  '1.2.840.10045.4.3.3': { key: 'ec', digest: 'sha384' },
  '1.2.840.10045.4.3.4': { key: 'ec', digest: 'sha512' },
}

function judge(reply: Uint8Array, expected: TimeStampExpectation): TimeStampVerdict {
  const { status, token } = readReply(reply)
  if (status !== 0 && status !== 1) return refused('not-granted')
  if (token === undefined) return refused('malformed')
  const said = infoProblem(token.info, expected)
  if (said !== undefined) return refused(said)
  const signer = signerOf(token)
  if (signer === undefined) return refused('signing-certificate')
  const signed = signatureProblem(token, signer)
  if (signed !== undefined) return refused(signed)
  if (!isForTimeStamping(signer)) return refused('purpose')
  const { time } = token.info
  const trust = { trusted: expected.trusted.certificates, between: token.certificates, time }
  const path = pathProblem(signer, trust)
  return path === undefined ? { ok: true, stamp: stampOf(token.info, signer) } : refused(path)
}

function infoProblem({ imprint, nonce, policy }: TimeStampInfo, expected: TimeStampExpectation) {
  if (imprint.algorithm !== sha256 || !imprint.digest.equals(expected.digest)) return 'imprint'
  if (expected.nonce !== undefined && nonce !== expected.nonce) return 'nonce'
  if (expected.policy !== undefined && policy !== expected.policy) return 'policy'
  return undefined
}

/** The certificate that the signed attributes bind, if it is the one the signer is named by too. */
function signerOf({ signer, certificates }: TimeStampToken): Certificate | undefined {
  const bound = signer.attributes.get(attributes.signingCertificateV2)
  if (bound === undefined) return undefined
  const [list] = inside(bound, tags.sequence, 'signing certificate')
  const [first] = inside(list, tags.sequence, 'signing certificate')
  const members = inside(first, tags.sequence, 'signing certificate')
  // The algorithm may be left out: then it is SHA-256 (RFC 5035 §4).
  const named =
    members[0]?.tag === tags.sequence
      ? oidOf(inside(members[0], tags.sequence, 'signing certificate')[0], 'signing certificate')
      : sha256
  const algorithm = digests[named]
  if (algorithm === undefined) return undefined
  const hash = expect(
    members.find(({ tag }) => tag === tags.octets),
    tags.octets,
    'signing certificate',
  ).content
  return certificates.find((one) => isNamed(signer, one) && createHash(algorithm).update(one.raw).digest().equals(hash))
}

function isNamed({ named }: Signer, certificate: Certificate): boolean {
  if ('keyId' in named) return subjectKeyId(certificate)?.equals(named.keyId) === true
  return certificate.issuer.equals(named.issuer) && certificate.serial === named.serial
}

function signatureProblem({ signer, infoBytes }: TimeStampToken, certificate: Certificate) {
  const digest = digests[signer.digestAlgorithm]
  const algorithm = signatures[signer.signatureAlgorithm]
  const { publicKey } = certificate.x509
  if (digest === undefined || algorithm === undefined || publicKey.asymmetricKeyType !== algorithm.key)
    return 'algorithm'
  const type = signer.attributes.get(attributes.contentType)
  if (oidOf(type, 'content type') !== tstInfo) return 'signature'
  const stated = expect(signer.attributes.get(attributes.messageDigest), tags.octets, 'message digest').content
  if (!createHash(digest).update(infoBytes).digest().equals(stated)) return 'signature'
  const isSigned = verifySignature(algorithm.digest ?? digest, signer.signed, publicKey, signer.signature)
  return isSigned ? undefined : 'signature'
}

function stampOf({ time, accuracyMs, serial, policy }: TimeStampInfo, { x509 }: Certificate): TimeStamp {
  return {
    genTime: new Date(time).toISOString(),
    ...(accuracyMs === undefined ? {} : { accuracyMs }),
    serial: serial.toString(),
    policy,
    tsa: x509.subject.replaceAll('\n', ', '),
  }
}
