/** Bitstring Status List 1.0 as bits: without it a credential could be given but never taken back. */
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { b64url, readB64url } from '#credentials/bytes.ts'
import { CredentialError } from '#credentials/errors.ts'

/** Fewest entries of a list (§3.1): a smaller herd would tell who is asked about. */
export const statusListSize = 131_072

/** Largest list we unpack, in bytes; more is a compression bomb. */
const largestBytes = 4 * 1024 * 1024

export type DecodedBits =
  | { readonly kind: 'decoded'; readonly bits: Uint8Array }
  /** `MALFORMED_VALUE_ERROR` and `STATUS_LIST_LENGTH_ERROR` of §3.3. */
  | { readonly kind: 'refused'; readonly code: 'malformed-value' | 'status-list-length' }

const pack = promisify(gzip)
const unpack = promisify(gunzip)

/**
 * Bits of a list with the given indexes set; index 0 is the most significant bit of the first byte.
 *
 * @throws CredentialError `status-list-too-short` below 131,072 entries, `status-index-out-of-range`
 */
export function bitsOf(set: Iterable<number>, size: number = statusListSize): Uint8Array {
  if (size < statusListSize || size % 8 !== 0) throw new CredentialError('status-list-too-short', String(size))
  const bits = new Uint8Array(size / 8)
  for (const index of set) {
    if (!Number.isInteger(index) || index < 0 || index >= size) {
      throw new CredentialError('status-index-out-of-range', String(index))
    }
    bits[index >> 3] = (bits[index >> 3] ?? 0) | (0x80 >> (index & 7))
  }
  return bits
}

/** The bit at an index, undefined beyond the list (`RANGE_ERROR`). */
export function bitAt(bits: Uint8Array, index: number): 0 | 1 | undefined {
  const byte = bits[Math.floor(index / 8)]
  if (byte === undefined) return undefined
  return (byte & (0x80 >> (index & 7))) === 0 ? 0 : 1
}

/** Multibase `u` + base64url of GZIP (§3.1, `encodedList`). */
export async function encodeBits(bits: Uint8Array): Promise<string> {
  return `u${b64url(await pack(bits))}`
}

/** Reads an `encodedList`; shorter ones than the standard allows are refused, not read. */
export async function decodeBits(encoded: string): Promise<DecodedBits> {
  const packed = encoded.startsWith('u') ? readB64url(encoded.slice(1)) : undefined
  if (packed === undefined) return { kind: 'refused', code: 'malformed-value' }
  const bits = await unpacked(packed)
  if (bits === undefined) return { kind: 'refused', code: 'malformed-value' }
  return bits.length * 8 < statusListSize ? { kind: 'refused', code: 'status-list-length' } : { kind: 'decoded', bits }
}

async function unpacked(packed: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    return await unpack(packed, { maxOutputLength: largestBytes })
  } catch {
    return undefined
  }
}
