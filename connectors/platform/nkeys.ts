/** NATS identities: without them every process could speak for every other. Key format: NATS NKeys (Ed25519, base32, CRC-16). */
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'

export interface NKey {
  /** `U…`, what the server's configuration names. */
  readonly publicKey: string
  /** `SU…`, the secret. */
  readonly seed: string
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const SEED_PREFIX = 18 << 3
const USER_PREFIX = 20 << 3
/** What stands before the 32 raw bytes in the DER form of an Ed25519 private key (RFC 8410). */
const PRIVATE_DER = Buffer.from('302e020100300506032b657004220420', 'hex')

/** A new identity of kind user. */
export function createUserKey(): NKey {
  const { privateKey } = generateKeyPairSync('ed25519')
  const raw = privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(-32)
  const head = Buffer.from([SEED_PREFIX | (USER_PREFIX >> 5), (USER_PREFIX & 31) << 3])
  return { seed: encode(Buffer.concat([head, raw])), publicKey: publicKeyOf(raw) }
}

function publicKeyOf(raw: Buffer): string {
  const key = createPublicKey(privateKeyOf(raw)).export({ type: 'spki', format: 'der' }).subarray(-32)
  return encode(Buffer.concat([Buffer.from([USER_PREFIX]), key]))
}

function privateKeyOf(raw: Buffer) {
  return createPrivateKey({ key: Buffer.concat([PRIVATE_DER, raw]), format: 'der', type: 'pkcs8' })
}

function encode(body: Buffer): string {
  const checked = Buffer.alloc(body.length + 2)
  body.copy(checked)
  checked.writeUInt16LE(crc16(body), body.length)
  let bits = 0
  let value = 0
  let text = ''
  for (const byte of checked) {
    value = (value << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += ALPHABET[(value >> bits) & 31]
    }
    value &= (1 << bits) - 1
  }
  return bits > 0 ? text + ALPHABET[(value << (5 - bits)) & 31] : text
}

/** CRC-16/XMODEM. */
function crc16(bytes: Uint8Array): number {
  let crc = 0
  for (const byte of bytes) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff
  }
  return crc
}
