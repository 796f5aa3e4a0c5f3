/**
 * Whether a time-stamp is one: that the TSA it is said to be from stated, at that time, that it had seen this digest (RFC 3161, RFC 5816).
 * Needs no network and no clock, so that a stranger can judge it years later, and nothing of Node, so that a browser can.
 */
import { ConnectorError } from '../connector-error.ts'
import { digests, sha256 } from './algorithms.ts'
import { type Certificate, isForTimeStamping, pathProblem, readCertificate, subjectKeyId } from './certificates.ts'
import { expect, inside, isSame, oidOf, tags } from './der.ts'
import { readReply, type Signer, type TimeStampInfo, type TimeStampToken } from './reply.ts'
import { digestOf, isSigned, isSignedAs } from './signature.ts'

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
  const found = [...pem.matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g)]
  try {
    if (found.length === 0) throw new Error('no certificate')
    return { certificates: found.map(([, body = '']) => readCertificate(bytesOf(body))) }
  } catch (cause) {
    const message = 'the trusted certificates of the time-stamp authority cannot be read; give them as PEM'
    throw new ConnectorError('time-stamp/certificates', message, { cause })
  }
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
}

/** Judges a whole answer (`TimeStampResp`, a `.tsr` file). Any bytes may be given; it never throws. */
export async function verifyTimeStamp(reply: Uint8Array, expected: TimeStampExpectation): Promise<TimeStampVerdict> {
  try {
    return await judge(reply, expected)
  } catch {
    return refused('malformed')
  }
}

/** Judges old time-stamps, whoever asked for them and under which policy, as an offline verification wants them told. */
export function judgeBy(trusted: TrustedTsa) {
  return async (reply: Uint8Array, digest: Uint8Array) => {
    const verdict = await verifyTimeStamp(reply, { digest, trusted })
    return verdict.ok ? { ok: true as const, ...verdict.stamp } : verdict
  }
}

const refused = (problem: TimeStampProblem): TimeStampVerdict => ({ ok: false, problem })

const attributes = {
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
} as const
const tstInfo = '1.2.840.113549.1.9.16.1.4'

async function judge(reply: Uint8Array, expected: TimeStampExpectation): Promise<TimeStampVerdict> {
  const { status, token } = readReply(reply)
  if (status !== 0 && status !== 1) return refused('not-granted')
  if (token === undefined) return refused('malformed')
  const said = infoProblem(token.info, expected)
  if (said !== undefined) return refused(said)
  const signer = await signerOf(token)
  if (signer === undefined) return refused('signing-certificate')
  const signed = await signatureProblem(token, signer)
  if (signed !== undefined) return refused(signed)
  if (!isForTimeStamping(signer)) return refused('purpose')
  const { time } = token.info
  const trust = { trusted: expected.trusted.certificates, between: token.certificates, time }
  const path = await pathProblem(signer, trust)
  return path === undefined ? { ok: true, stamp: stampOf(token.info) } : refused(path)
}

function infoProblem({ imprint, nonce, policy }: TimeStampInfo, expected: TimeStampExpectation) {
  if (imprint.algorithm !== sha256 || !isSame(imprint.digest, expected.digest)) return 'imprint'
  if (expected.nonce !== undefined && nonce !== expected.nonce) return 'nonce'
  if (expected.policy !== undefined && policy !== expected.policy) return 'policy'
  return undefined
}

/** The certificate that the signed attributes bind, if it is the one the signer is named by too. */
async function signerOf({ signer, certificates }: TimeStampToken): Promise<Certificate | undefined> {
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
  for (const one of certificates.filter((certificate) => isNamed(signer, certificate)))
    if (isSame(await digestOf(algorithm, one.raw), hash)) return one
  return undefined
}

function isNamed({ named }: Signer, certificate: Certificate): boolean {
  if ('keyId' in named) {
    const id = subjectKeyId(certificate)
    return id !== undefined && isSame(id, named.keyId)
  }
  return isSame(certificate.issuer, named.issuer) && certificate.serial === named.serial
}

async function signatureProblem({ signer, infoBytes }: TimeStampToken, { publicKey }: Certificate) {
  const digest = digests[signer.digestAlgorithm]
  if (digest === undefined || !isSignedAs(signer.signatureAlgorithm, publicKey)) return 'algorithm'
  // RFC 8419 §3.1: no other digest beside it.
  if (publicKey.kind === 'ed25519' && digest !== 'SHA-512') return 'algorithm'
  const type = signer.attributes.get(attributes.contentType)
  if (oidOf(type, 'content type') !== tstInfo) return 'signature'
  const stated = expect(signer.attributes.get(attributes.messageDigest), tags.octets, 'message digest').content
  if (!isSame(await digestOf(digest, infoBytes), stated)) return 'signature'
  return (await isSigned({ ...signer, digest }, publicKey)) ? undefined : 'signature'
}

function stampOf({ time, accuracyMs, serial, policy }: TimeStampInfo): TimeStamp {
  return {
    genTime: new Date(time).toISOString(),
    ...(accuracyMs === undefined ? {} : { accuracyMs }),
    serial: serial.toString(),
    policy,
  }
}
