/** A witness's word that it saw one history, and when (C2SP tlog-cosignature); without it a log could show two faces. */
import { concat, utf8 } from '#audit/digest.ts'
import { ed25519SignatureSize } from '#audit/ed25519.ts'
import { AuditError } from '#audit/errors.ts'
import { mlDsaSignatureSize } from '#audit/ml-dsa.ts'
import { type Hash, isCount } from '#audit/tree.ts'

const timeSize = 8
const sizes = [ed25519SignatureSize, mlDsaSignatureSize]

export interface Cosignature {
  /** Seconds since 1970. */
  readonly time: number
  /** 64 bytes of Ed25519, or 2,420 of ML-DSA-44. */
  readonly signature: Uint8Array
}

/** What a cosigner of trees says: that this is the log's tree, and at `time` the largest it had seen of it. */
export interface TreeStatement {
  readonly cosigner: string
  /** Seconds since 1970; 0 where nothing is said of the largest. */
  readonly time: number
  readonly origin: string
  readonly size: number
  readonly root: Hash
}

/**
 * The bytes a `cosignature/v1` signs: header, time, and the checkpoint's text with its last newline.
 *
 * @throws AuditError `cosignature-malformed` for a time that is no count of seconds
 */
export function cosignatureMessage(time: number, checkpointText: Uint8Array): Uint8Array {
  if (!isCount(time)) throw new AuditError('cosignature-malformed', 'time')
  return concat(utf8(`cosignature/v1\ntime ${time}\n`), checkpointText)
}

/**
 * The bytes an ML-DSA-44 cosignature signs: `cosigned_message` of the tree from its first leaf on. A checkpoint's extension lines are
 * not in it.
 *
 * @throws AuditError `cosignature-malformed` for names longer than 255 bytes, and numbers that are no counts
 */
export function treeMessage({ cosigner, time, origin, size, root }: TreeStatement): Uint8Array {
  if (!isCount(time)) throw new AuditError('cosignature-malformed', 'time')
  if (!isCount(size)) throw new AuditError('cosignature-malformed', 'size')
  return concat(utf8('subtree/v1\n\0'), counted(cosigner), uint64(time), counted(origin), uint64(0), uint64(size), root)
}

/** `opaque <1..2^8-1>` of RFC 8446 §3.4. */
function counted(name: string): Uint8Array {
  const bytes = utf8(name)
  if (bytes.length < 1 || bytes.length > 255) throw new AuditError('cosignature-malformed', 'name')
  return concat(Uint8Array.of(bytes.length), bytes)
}

function uint64(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
  return bytes
}

/** `timestamped_signature`: the time in eight bytes, high byte first, then the signature. */
export function printCosignature({ time, signature }: Cosignature): Uint8Array {
  if (!isCount(time)) throw new AuditError('cosignature-malformed', 'time')
  return concat(uint64(time), signature)
}

/**
 * Reads a `timestamped_signature`; times that numbers cannot hold (far beyond the sun's life) are refused.
 *
 * @throws AuditError `cosignature-malformed`
 */
export function parseCosignature(bytes: Uint8Array): Cosignature {
  if (!sizes.includes(bytes.length - timeSize)) throw new AuditError('cosignature-malformed', 'length')
  const time = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0))
  if (!isCount(time)) throw new AuditError('cosignature-malformed', 'time')
  return { time, signature: bytes.subarray(timeSize) }
}
