/** Hashes and their spellings in one place, so that two rooms never disagree on padding, case or separators. */
import { hash } from 'node:crypto'
import { AuditError } from '#audit/errors.ts'

/** Spells ten times as fast where there is one; everything here works without, as in a page. */
const { Buffer: spelling } = globalThis as { readonly Buffer?: typeof Buffer }

const base64Letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const base64urlLetters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const base64Values = valuesOf(base64Letters)
const base64urlValues = valuesOf(base64urlLetters)
const hexOf = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const base32Letters = 'abcdefghijklmnopqrstuvwxyz234567'
const separator = Uint8Array.of(0)

/** SHA-256 of bytes, or of a text's UTF-8; 32 bytes. */
export function sha256(data: Uint8Array | string): Uint8Array {
  return hash('sha256', data, 'buffer')
}

/** A text's UTF-8. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** One byte string after the other. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** True for the same bytes. Not in constant time: nothing secret is compared here. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}

/** base16 in lower case, as Postgres' `decode(…, 'hex')` reads it. */
export function hex(bytes: Uint8Array): string {
  if (spelling !== undefined) return viewOf(spelling, bytes).toString('hex')
  let text = ''
  for (const byte of bytes) text += hexOf[byte]
  return text
}

/** base64url without padding (RFC 4648 §5). */
export function b64url(bytes: Uint8Array): string {
  if (spelling !== undefined) return viewOf(spelling, bytes).toString('base64url')
  return spelled(bytes, base64urlLetters)
}

/** base64 with padding (RFC 4648 §4), as notes, checkpoints and tlog proofs spell bytes. */
export function base64(bytes: Uint8Array): string {
  return spelled(bytes, base64Letters) + '='.repeat((3 - (bytes.length % 3)) % 3)
}

/**
 * Bytes of a base64url text that has exactly one spelling: no padding, no foreign letters, no stray bits.
 *
 * @throws AuditError `base64url-not-strict`
 */
export function fromB64url(text: string): Uint8Array {
  if (spelling !== undefined) {
    const bytes = spelling.from(text, 'base64url')
    if (bytes.toString('base64url') !== text) throw new AuditError('base64url-not-strict', '$')
    return bytes
  }
  return read(text, base64urlValues, 'base64url-not-strict')
}

/**
 * Bytes of a base64 text that has exactly one spelling: padded, no foreign letters, no stray bits.
 *
 * @throws AuditError `base64-not-strict`
 */
export function fromBase64(text: string): Uint8Array {
  if (text.length % 4 !== 0) throw new AuditError('base64-not-strict', '$')
  return read(text.replace(/={1,2}$/, ''), base64Values, 'base64-not-strict')
}

function viewOf(kind: typeof Buffer, { buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return kind.from(buffer, byteOffset, byteLength)
}

/** Value of each ASCII code in an alphabet, −1 for a foreign one. */
function valuesOf(letters: string): Int8Array {
  const values = new Int8Array(128).fill(-1)
  for (let value = 0; value < letters.length; value += 1) values[letters.charCodeAt(value)] = value
  return values
}

/** Of what is held only the low bits count; those already spelled are shifted out. */
function spelled(bytes: Uint8Array, letters: string): string {
  let text = ''
  let held = 0
  let bits = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    for (bits += 8; bits >= 6; bits -= 6) text += letters.charAt((held >>> (bits - 6)) & 63)
  }
  return bits === 0 ? text : text + letters.charAt((held << (6 - bits)) & 63)
}

function read(text: string, values: Int8Array, code: 'base64-not-strict' | 'base64url-not-strict'): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let held = 0
  let bits = 0
  let at = 0
  for (let index = 0; index < text.length; index += 1) {
    const value = values[text.charCodeAt(index)] ?? -1
    if (value < 0) throw new AuditError(code, '$')
    held = (held << 6) | value
    bits += 6
    if (bits < 8) continue
    bits -= 8
    bytes[at] = held >>> bits
    at += 1
  }
  if ((held & ((1 << bits) - 1)) !== 0 || bits === 6) throw new AuditError(code, '$')
  return bytes
}

/** base32 in lower case without padding (RFC 4648 §6), for ids that people read aloud. */
export function base32(bytes: Uint8Array): string {
  let text = ''
  let held = 0
  let bits = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    for (bits += 8; bits >= 5; bits -= 5) text += base32Letters.charAt((held >>> (bits - 5)) & 31)
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
    chunks.push(typeof part === 'string' ? utf8(part) : part)
  }
  return sha256(concat(...chunks))
}
