/** A TSA's answer taken apart (RFC 3161 §2.4.2 in the CMS of RFC 5652 §5): what it says, and what its signature is over. No judgement yet. */

import { readSignatureAlgorithm, type SignatureAlgorithm } from './algorithms.ts'
import { type Certificate, readCertificate } from './certificates.ts'
import { context, type Der, DerError, expect, inside, integerOf, oidOf, readDer, tags, timeOf } from './der.ts'

/** Far above what any TSA sends with its certificates. */
const largestReply = 64 * 1024
const mostCertificates = 8

const signedData = '1.2.840.113549.1.7.2'
const tstInfo = '1.2.840.113549.1.9.16.1.4'

export interface TimeStampReply {
  /** PKIStatus: 0 granted, 1 granted with modifications, 2 … refused. */
  readonly status: number
  readonly token?: TimeStampToken
}

export interface TimeStampToken {
  readonly info: TimeStampInfo
  /** The bytes that {@link info} was read from. */
  readonly infoBytes: Uint8Array
  readonly certificates: readonly Certificate[]
  readonly signer: Signer
}

export interface TimeStampInfo {
  readonly policy: string
  readonly imprint: { readonly algorithm: string; readonly digest: Uint8Array }
  readonly serial: bigint
  /** Milliseconds since 1970. */
  readonly time: number
  /** How far off the time may be by the TSA's own word, in milliseconds, rounded up. */
  readonly accuracyMs?: number
  readonly nonce?: bigint
}

export interface Signer {
  readonly named: { readonly issuer: Uint8Array; readonly serial: bigint } | { readonly keyId: Uint8Array }
  readonly digestAlgorithm: string
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly signature: Uint8Array
  /** What the signature is over: the signed attributes as a SET (RFC 5652 §5.4). */
  readonly signed: Uint8Array
  /** Attribute → its one value. */
  readonly attributes: ReadonlyMap<string, Der>
}

/** @throws DerError */
export function readReply(bytes: Uint8Array): TimeStampReply {
  if (bytes.length > largestReply) throw new DerError('reply')
  const [status, token, ...more] = inside(readDer(bytes, 'reply'), tags.sequence, 'reply')
  if (more.length > 0) throw new DerError('reply')
  const [code] = inside(status, tags.sequence, 'status')
  const given = Number(integerOf(code, 'status'))
  return token === undefined ? { status: given } : { status: given, token: readToken(token) }
}

function readToken(token: Der): TimeStampToken {
  const [type, wrapped] = inside(token, tags.sequence, 'token')
  if (oidOf(type, 'token.type') !== signedData) throw new DerError('token.type')
  const [data] = inside(wrapped, context(0), 'token')
  const members = inside(data, tags.sequence, 'token.data')
  const infoBytes = contentOf(members[2])
  const signers = inside(members.at(-1), tags.set, 'signers')
  // RFC 3161 §2.4.2: no other signature than the TSA's.
  if (signers.length !== 1 || signers[0] === undefined) throw new DerError('signers')
  const info = readInfo(readDer(infoBytes, 'info'))
  return { info, infoBytes, certificates: certificatesIn(members.slice(3, -1)), signer: readSigner(signers[0]) }
}

function contentOf(encapsulated: Der | undefined): Uint8Array {
  const [type, wrapped] = inside(encapsulated, tags.sequence, 'token.content')
  if (oidOf(type, 'token.content.type') !== tstInfo) throw new DerError('token.content.type')
  const [content] = inside(wrapped, context(0), 'token.content')
  return expect(content, tags.octets, 'token.content').content
}

function certificatesIn(members: readonly Der[]): Certificate[] {
  const given = members.find(({ tag }) => tag === context(0))
  if (given === undefined) return []
  const all = inside(given, context(0), 'certificates')
  if (all.length > mostCertificates) throw new DerError('certificates')
  // Attribute certificates ([1], [2]) are of no use here.
  return all.filter(({ tag }) => tag === tags.sequence).map(({ whole }) => readCertificate(whole))
}

function readInfo(info: Der): TimeStampInfo {
  const [version, policy, imprint, serial, time, ...optional] = inside(info, tags.sequence, 'info')
  if (integerOf(version, 'info.version') !== 1n) throw new DerError('info.version')
  const [algorithm, digest] = inside(imprint, tags.sequence, 'info.imprint')
  const accuracy = optional.find(({ tag }) => tag === tags.sequence)
  const nonce = optional.find(({ tag }) => tag === tags.integer)
  // An extension nobody here knows could change what all the rest means.
  if (optional.some(({ tag }) => tag === context(1))) throw new DerError('info.extensions')
  return {
    policy: oidOf(policy, 'info.policy'),
    imprint: {
      algorithm: algorithmOf(algorithm, 'info.imprint'),
      digest: expect(digest, tags.octets, 'info.imprint').content,
    },
    serial: integerOf(serial, 'info.serial'),
    time: timeOf(time, 'info.time'),
    ...(accuracy === undefined ? {} : { accuracyMs: accuracyOf(accuracy) }),
    ...(nonce === undefined ? {} : { nonce: integerOf(nonce, 'info.nonce') }),
  }
}

/** Seconds, milliseconds `[0]` and microseconds `[1]`, each of which may be left out. */
function accuracyOf(accuracy: Der): number {
  const parts = inside(accuracy, tags.sequence, 'info.accuracy')
  const part = (tag: number) => {
    const found = parts.find((one) => one.tag === tag)
    return found === undefined ? 0 : Number(integerOf(found, 'info.accuracy', tag))
  }
  return part(tags.integer) * 1_000 + part(0x80) + Math.ceil(part(0x81) / 1_000)
}

function readSigner(signer: Der): Signer {
  const [, named, digest, attributes, algorithm, signature] = inside(signer, tags.sequence, 'signer')
  const { whole } = expect(attributes, context(0), 'signer.attributes')
  return {
    named: nameOf(named),
    digestAlgorithm: algorithmOf(digest, 'signer.digest'),
    signatureAlgorithm: readSignatureAlgorithm(algorithm, 'signer.algorithm'),
    signature: expect(signature, tags.octets, 'signer.signature').content,
    signed: Uint8Array.of(tags.set, ...whole.subarray(1)),
    attributes: attributesIn(attributes),
  }
}

function nameOf(named: Der | undefined): Signer['named'] {
  if (named?.tag === 0x80) return { keyId: named.content }
  const [issuer, serial] = inside(named, tags.sequence, 'signer.name')
  return {
    issuer: expect(issuer, tags.sequence, 'signer.name').whole,
    serial: integerOf(serial, 'signer.name'),
  }
}

function attributesIn(attributes: Der | undefined): Map<string, Der> {
  const all = inside(attributes, context(0), 'signer.attributes').map((one) => {
    const [type, values] = inside(one, tags.sequence, 'signer.attribute')
    const [value, ...more] = inside(values, tags.set, 'signer.attribute')
    if (value === undefined || more.length > 0) throw new DerError('signer.attribute')
    return [oidOf(type, 'signer.attribute'), value] as const
  })
  const byType = new Map(all)
  // RFC 5652 §11: none of those that count may stand there twice.
  if (byType.size !== all.length) throw new DerError('signer.attributes')
  return byType
}

function algorithmOf(value: Der | undefined, where: string): string {
  const [id] = inside(value, tags.sequence, where)
  return oidOf(id, where)
}
