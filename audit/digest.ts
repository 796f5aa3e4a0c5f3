/** Hashes and their spellings in one place, so that two rooms never disagree on padding, case or separators. */
import { hash } from 'node:crypto'
import { AuditError } from '#audit/errors.ts'

const base32Letters = 'abcdefghijklmnopqrstuvwxyz234567'
const separator = Uint8Array.of(0)

/** SHA-256 of bytes, or of a text's UTF-8; 32 bytes. */
export function sha256(data: Uint8Array | string): Uint8Array {
  return hash('sha256', data, 'buffer')
}

/** base16 in lower case, as Postgres' `decode(…, 'hex')` reads it. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}

/** base64url without padding (RFC 4648 §5). */
export function b64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url')
}

/**
 * Bytes of a base64url text that has exactly one spelling: no padding, no foreign letters, no stray bits.
 *
 * @throws AuditError `base64url-not-strict`
 */
export function fromB64url(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.toString('base64url') !== text) throw new AuditError('base64url-not-strict', '$')
  return bytes
}

/** base32 in lower case without padding (RFC 4648 §6), for ids that people read aloud. */
export function base32(bytes: Uint8Array): string {
  let text = ''
  let held = 0
  let bits = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += base32Letters.charAt((held >>> bits) & 31)
    }
    held &= (1 << bits) - 1
  }
  return bits === 0 ? text : text + base32Letters.charAt((held << (5 - bits)) & 31)
}

/**
 * SHA-256 over parts joined by a zero byte (contracts §2). A text with a zero inside would make two lists of parts one and the
 * same, so it is refused; give bytes only where their length is fixed.
 *
 * @throws AuditError `part-ambiguous`
 */
export function hashParts(...parts: readonly (string | Uint8Array)[]): Uint8Array {
  const chunks: Uint8Array[] = []
  for (const [index, part] of parts.entries()) {
    if (typeof part === 'string' && part.includes('\0')) throw new AuditError('part-ambiguous', `part ${index}`)
    if (index > 0) chunks.push(separator)
    chunks.push(typeof part === 'string' ? Buffer.from(part, 'utf8') : part)
  }
  return sha256(Buffer.concat(chunks))
}
