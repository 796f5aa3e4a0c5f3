/** Answers that no honest TSA gives, each wrong in one place and signed all the same (RFC 3161 §2.4.2, RFC 5652 §5). */
import { createHash, sign } from 'node:crypto'
import { context, der, inside, oid, readDer, tags, unsigned } from '#connectors/time-stamp/der.ts'
import { chainOf, type TsaCertificate, type TsaFolder, tsaPolicy } from './tsa.ts'

export const ids = {
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  tstInfo: '1.2.840.113549.1.9.16.1.4',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificate: '1.2.840.113549.1.9.16.2.47',
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha512: '2.16.840.1.101.3.4.2.3',
  ecdsa: '1.2.840.10045.4.3.2',
  rsa: '1.2.840.113549.1.1.11',
  ed25519: '1.3.101.112',
  pss: '1.2.840.113549.1.1.10',
} as const

export interface Info {
  readonly digest: Uint8Array
  readonly nonce: Uint8Array
  readonly version?: number
  readonly algorithm?: string
  /** Seconds since 1970. */
  readonly time?: number
  /** As it is written, instead of `time`. */
  readonly timeText?: string
  readonly more?: readonly Uint8Array[]
}

const algorithm = (id: string) => der(tags.sequence, oid(id))
const timeText = (seconds: number) =>
  `${new Date(seconds * 1_000).toISOString().slice(0, 19).replaceAll(/[-T:]/g, '')}Z`

export function infoOf({
  digest,
  nonce,
  version = 1,
  algorithm: named = ids.sha256,
  more = [],
  ...when
}: Info): Uint8Array {
  return der(
    tags.sequence,
    unsigned(Uint8Array.of(version)),
    oid(tsaPolicy),
    der(tags.sequence, algorithm(named), der(tags.octets, digest)),
    unsigned(Uint8Array.of(7)),
    der(tags.generalizedTime, Buffer.from(when.timeText ?? timeText(when.time ?? Date.now() / 1_000))),
    unsigned(nonce),
    ...more,
  )
}

/** Every part may be another than an honest TSA would give; what is signed is signed after it was changed. */
export interface Forgery {
  readonly certificates?: (sound: readonly Uint8Array[]) => readonly Uint8Array[]
  readonly attributes?: (sound: readonly Uint8Array[]) => readonly Uint8Array[]
  readonly signature?: (sound: Uint8Array) => Uint8Array
  /** Whose issuer and serial number the signer is named by. */
  readonly named?: TsaCertificate
  readonly signatureAlgorithm?: string
  readonly digest?: 'sha1' | 'sha256' | 'sha512'
  readonly signers?: (sound: Uint8Array) => readonly Uint8Array[]
  readonly type?: string
  readonly contentType?: string
  readonly unsigned?: Uint8Array
  readonly reply?: (status: Uint8Array, token: Uint8Array) => readonly Uint8Array[]
}

export const attribute = (type: string, ...values: readonly Uint8Array[]) =>
  der(tags.sequence, oid(type), der(tags.set, ...values))

/** A whole `TimeStampResp`, signed with the certificate of that name. */
export function forged(tsa: TsaFolder, name: TsaCertificate, info: Uint8Array, forgery: Forgery = {}): Uint8Array {
  const own = tsa.certificate(name)
  const isEdwards = name === 'ed25519'
  const digest = forgery.digest ?? (isEdwards ? 'sha512' : 'sha256')
  const usual = isEdwards ? ids.ed25519 : name === 'rsa' ? ids.rsa : ids.ecdsa
  const chain = [own, ...chainOf(name).map((one) => tsa.certificate(one))]
  const sound = [
    attribute(ids.contentType, oid(ids.tstInfo)),
    attribute(ids.messageDigest, der(tags.octets, createHash(digest).update(info).digest())),
    attribute(
      ids.signingCertificate,
      der(tags.sequence, der(tags.sequence, der(tags.sequence, der(tags.octets, sha256(own))))),
    ),
  ]
  const attributes = forgery.attributes?.(sound) ?? sound
  const signature = sign(isEdwards ? null : digest, der(tags.set, ...attributes), tsa.key(name))
  const signer = der(
    tags.sequence,
    unsigned(Uint8Array.of(1)),
    signerName(tsa.certificate(forgery.named ?? name)),
    algorithm(ids[digest]),
    der(context(0), ...attributes),
    algorithm(forgery.signatureAlgorithm ?? usual),
    der(tags.octets, forgery.signature?.(signature) ?? signature),
    ...(forgery.unsigned === undefined ? [] : [der(context(1), forgery.unsigned)]),
  )
  const data = der(
    tags.sequence,
    unsigned(Uint8Array.of(3)),
    der(tags.set, algorithm(ids[digest])),
    der(tags.sequence, oid(forgery.contentType ?? ids.tstInfo), der(context(0), der(tags.octets, info))),
    der(context(0), ...(forgery.certificates?.(chain) ?? chain)),
    der(tags.set, ...(forgery.signers?.(signer) ?? [signer])),
  )
  const token = der(tags.sequence, oid(forgery.type ?? ids.signedData), der(context(0), data))
  const granted = der(tags.sequence, unsigned(Uint8Array.of(0)))
  return der(tags.sequence, ...(forgery.reply?.(granted, token) ?? [granted, token]))
}

function signerName(certificate: Uint8Array): Uint8Array {
  const [body] = inside(readDer(certificate, 'certificate'), tags.sequence, 'certificate')
  const [, serial, , issuer] = inside(body, tags.sequence, 'certificate')
  return der(tags.sequence, issuer?.whole ?? Uint8Array.of(), serial?.whole ?? Uint8Array.of())
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()
