/** What of node:crypto the verifier uses, for a browser: the same hash from a library that needs no platform. */
import { sha256 } from '@noble/hashes/sha2.js'

/** As `hash` of node:crypto, for SHA-256 alone. */
export function hash(
  algorithm: string,
  data: Uint8Array | string,
  encoding: 'buffer' | 'base64url' = 'buffer',
): Uint8Array | string {
  if (algorithm !== 'sha256') throw new RangeError(algorithm)
  const digest = sha256(typeof data === 'string' ? new TextEncoder().encode(data) : data)
  return encoding === 'buffer' ? digest : Buffer.from(digest).toString('base64url')
}
