/** A witness's word that it saw one history, and when (C2SP tlog-cosignature); without it a log could show two faces. */
import { concat, utf8 } from '#audit/digest.ts'
import { ed25519SignatureSize } from '#audit/ed25519.ts'
import { AuditError } from '#audit/errors.ts'
import { isCount } from '#audit/tree.ts'

const timeSize = 8

export interface Cosignature {
  /** Seconds since 1970. */
  readonly time: number
  /** 64 bytes. */
  readonly signature: Uint8Array
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

/** `timestamped_signature`: the time in eight bytes, high byte first, then the signature. */
export function printCosignature({ time, signature }: Cosignature): Uint8Array {
  if (!isCount(time)) throw new AuditError('cosignature-malformed', 'time')
  const head = new Uint8Array(timeSize)
  new DataView(head.buffer).setBigUint64(0, BigInt(time))
  return concat(head, signature)
}

/**
 * Reads a `timestamped_signature`; times that numbers cannot hold (far beyond the sun's life) are refused.
 *
 * @throws AuditError `cosignature-malformed`
 */
export function parseCosignature(bytes: Uint8Array): Cosignature {
  if (bytes.length !== timeSize + ed25519SignatureSize) throw new AuditError('cosignature-malformed', 'length')
  const time = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0))
  if (!isCount(time)) throw new AuditError('cosignature-malformed', 'time')
  return { time, signature: bytes.subarray(timeSize) }
}
