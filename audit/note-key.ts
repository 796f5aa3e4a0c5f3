/** Who may sign a note, by name and key id (C2SP signed-note); without it a signature would be anybody's. */
import { cosignatureMessage, parseCosignature, printCosignature } from '#audit/cosignature.ts'
import { base64, concat, fromBase64, sha256, utf8 } from '#audit/digest.ts'
import { ed25519KeySize, publicKeyOf, publicKeyProblem, signEd25519, verifyEd25519 } from '#audit/ed25519.ts'
import { AuditError } from '#audit/errors.ts'

/** Signature type bytes we speak. */
export const ed25519Type = 0x01
export const cosignatureType = 0x04

interface NoteKey {
  readonly name: string
  /** First four bytes of SHA-256(name ‖ newline ‖ type ‖ public key), high byte first. */
  readonly keyId: number
}

export interface NoteVerifier extends NoteKey {
  readonly type: number
  readonly publicKey: Uint8Array
  /** Over the note's text; the signature without its key id. False for anything malformed. */
  verify(text: Uint8Array, signature: Uint8Array): boolean
}

export interface NoteSigner extends NoteKey {
  /** Signature of the note's text, without the key id. */
  sign(text: Uint8Array): Uint8Array
}

export interface Cosigner extends NoteKey {
  readonly vkey: string
  /** `timestamped_signature` of a checkpoint's text at a time in seconds since 1970, without the key id. */
  cosign(text: Uint8Array, time: number): Uint8Array
}

/** Names are not empty and hold no white space and no plus; control characters would break a note's lines. */
export function isKeyName(name: string): boolean {
  return name.isWellFormed() && /^[!-*,-\u{10ffff}]+$/u.test(name) && !/\p{White_Space}/u.test(name)
}

export function keyIdOf(name: string, type: number, publicKey: Uint8Array): number {
  const digest = sha256(concat(utf8(`${name}\n`), Uint8Array.of(type), publicKey))
  return new DataView(digest.buffer, digest.byteOffset).getUint32(0)
}

/** `<name>+<key id, hex>+<base64 of type ‖ public key>`. */
export function printVerifierKey(name: string, type: number, publicKey: Uint8Array): string {
  return `${name}+${keyIdHex(keyIdOf(name, type, publicKey))}+${base64(concat(Uint8Array.of(type), publicKey))}`
}

function keyIdHex(keyId: number): string {
  return keyId.toString(16).padStart(8, '0')
}

/**
 * Reads a verifier key: Ed25519 note signatures (0x01) or Ed25519 cosignatures (0x04). The key id must be the one of the formula.
 *
 * @throws AuditError `key-malformed`, `key-weak` (small order), `key-type-unknown`
 */
export function parseVerifierKey(vkey: string): NoteVerifier {
  const [, name = '', id, encoded = ''] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]{4,8192})$/.exec(vkey) ?? []
  if (!isKeyName(name)) throw new AuditError('key-malformed', 'vkey')
  const bytes = fromBase64(encoded)
  const type = bytes[0] ?? 0
  const publicKey = bytes.slice(1)
  const keyId = keyIdOf(name, type, publicKey)
  if (type !== ed25519Type && type !== cosignatureType) throw new AuditError('key-type-unknown', 'vkey')
  const problem = publicKeyProblem(publicKey)
  if (problem !== undefined) throw new AuditError(problem, 'vkey')
  if (keyIdHex(keyId) !== id) throw new AuditError('key-malformed', 'key id')
  const verify = type === ed25519Type ? verifyEd25519 : verifyCosignature
  return { name, keyId, type, publicKey, verify: (text, signature) => verify(publicKey, text, signature) }
}

function verifyCosignature(publicKey: Uint8Array, text: Uint8Array, bytes: Uint8Array): boolean {
  try {
    const { time, signature } = parseCosignature(bytes)
    return verifyEd25519(publicKey, cosignatureMessage(time, text), signature)
  } catch (error) {
    if (error instanceof AuditError) return false
    throw error
  }
}

/**
 * Signs notes, such as a log's checkpoints, with the Ed25519 key of a seed of 32 bytes.
 *
 * @throws AuditError `key-malformed`
 */
export function ed25519Signer(name: string, seed: Uint8Array): NoteSigner & { readonly vkey: string } {
  const { keyId, vkey } = signerOf(name, ed25519Type, seed)
  return { name, keyId, vkey, sign: (text) => signEd25519(seed, text) }
}

/**
 * Cosigns checkpoints (`cosignature/v1`) with the Ed25519 key of a seed of 32 bytes. The signed message does not name the
 * witness, so a key serves one witness only.
 *
 * @throws AuditError `key-malformed`
 */
export function cosigner(name: string, seed: Uint8Array): Cosigner {
  const { keyId, vkey } = signerOf(name, cosignatureType, seed)
  return {
    name,
    keyId,
    vkey,
    cosign: (text, time) => printCosignature({ time, signature: signEd25519(seed, cosignatureMessage(time, text)) }),
  }
}

function signerOf(name: string, type: number, seed: Uint8Array): { keyId: number; vkey: string } {
  if (!isKeyName(name)) throw new AuditError('key-malformed', 'name')
  if (seed.length !== ed25519KeySize) throw new AuditError('key-malformed', 'seed')
  const publicKey = publicKeyOf(seed)
  return { keyId: keyIdOf(name, type, publicKey), vkey: printVerifierKey(name, type, publicKey) }
}
