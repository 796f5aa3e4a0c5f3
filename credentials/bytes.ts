/** The byte spellings of JOSE; without strict reading one signature would have many texts and none would be unique. */
import { hash } from 'node:crypto'

/** base64url without padding (RFC 7515 §2). */
export function b64url(data: Uint8Array | string): string {
  const bytes =
    typeof data === 'string' ? Buffer.from(data) : Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  return bytes.toString('base64url')
}

/** Bytes of a base64url text, or undefined when it is not the one spelling of them (jose reads leniently: audit-log §14). */
export function readB64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

/** SHA-256 in base64url; how documents are named in entries and rows. */
export function digestOf(data: Uint8Array | string): string {
  return hash('sha256', data, 'base64url')
}

/** A JSON object from bytes, or undefined: arrays, scalars, bad UTF-8 and a byte order mark are none. */
export function readObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
