/** Public keys of emitters. A mistyped NATS key would keep the whole server from starting, so keys are checked here. */
import { z } from 'zod'
import { instant, slug } from './fields.ts'

const base64url = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'write 32 bytes in base64url')

/** A private member is told under its own code, so it passes the shape (see checks). */
const privateMember = z.string().exactOptional().describe('never: a private key has no place in a register')

export const publicJwk = z.union([
  z.strictObject({
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    x: base64url,
    y: base64url,
    kid: z.string().min(1).max(200),
    alg: z.literal('ES256').exactOptional(),
    use: z.literal('sig').exactOptional(),
    d: privateMember,
  }),
  z.strictObject({
    kty: z.literal('OKP'),
    crv: z.literal('Ed25519'),
    x: base64url,
    kid: z.string().min(1).max(200),
    alg: z.enum(['EdDSA', 'Ed25519']).exactOptional(),
    use: z.literal('sig').exactOptional(),
    d: privateMember,
  }),
])

/** NATS user key (`U…`). */
export const nkey = z.string().refine(isUserKey, 'write a public NATS user key (U…), not a seed')

/** A key without a date has always been the emitter's: older events must verify too. */
const distantPast = '2000-01-01'

/** Keys that come beside the register: the development stack makes them at set-up. `{ "<emitter id>": {nkey?, jwk?} }` */
export const keysOverlay = z.record(
  slug,
  z.strictObject({
    nkey: nkey.exactOptional(),
    jwk: publicJwk.exactOptional(),
    from: instant.prefault(distantPast),
  }),
)
export type KeysOverlay = z.input<typeof keysOverlay>

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const userPrefix = 20 << 3

/** Prefix, 32 bytes and CRC-16 of a NATS user key. */
function isUserKey(text: string): boolean {
  if (!/^U[A-Z2-7]{55}$/.test(text)) return false
  const bytes = new Uint8Array(35)
  let [bits, value, at] = [0, 0, 0]
  for (const letter of text) {
    value = (value << 5) | alphabet.indexOf(letter)
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes[at++] = value >> bits
    value &= (1 << bits) - 1
  }
  const checksum = (bytes[33] ?? 0) | ((bytes[34] ?? 0) << 8)
  return bytes[0] === userPrefix && crc16(bytes.subarray(0, 33)) === checksum
}

/** CRC-16/XMODEM, as NATS has it. */
function crc16(bytes: Uint8Array): number {
  let crc = 0
  for (const byte of bytes) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff
  }
  return crc
}
