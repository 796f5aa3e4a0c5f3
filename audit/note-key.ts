/** Who may sign a note, by name and key id (C2SP signed-note); without it a signature would be anybody's. */
import { type Checkpoint, parseCheckpoint } from '#audit/checkpoint.ts'
import { cosignatureMessage, parseCosignature, printCosignature, treeMessage } from '#audit/cosignature.ts'
import { base64, concat, fromBase64, sha256, utf8 } from '#audit/digest.ts'
import { publicKeyOf, publicKeyProblem, signEd25519, verifyEd25519 } from '#audit/ed25519.ts'
import { AuditError } from '#audit/errors.ts'
import { mlDsa44Keys, mlDsaKeySize, verifyMlDsa44 } from '#audit/ml-dsa.ts'

/** Signature type bytes we speak. */
export const ed25519Type = 0x01
export const cosignatureType = 0x04
export const mlDsaType = 0x06

const seedSize = 32

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
  readonly cosign: (text: Uint8Array, time: number) => Uint8Array
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
 * Reads a verifier key: Ed25519 note signatures (0x01), Ed25519 cosignatures (0x04) or ML-DSA-44 cosignatures (0x06). The key id must be
 * the one of the formula.
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
  const kind = kinds.get(type)
  if (kind === undefined) throw new AuditError('key-type-unknown', 'vkey')
  const problem = kind.problem(publicKey)
  if (problem !== undefined) throw new AuditError(problem, 'vkey')
  if (keyIdHex(keyId) !== id) throw new AuditError('key-malformed', 'key id')
  return {
    name,
    keyId,
    type,
    publicKey,
    verify: (text, bytes) => verifies(() => kind.verify({ name, publicKey, text, bytes })),
  }
}

interface Claim {
  readonly name: string
  readonly publicKey: Uint8Array
  readonly text: Uint8Array
  /** The signature, with its time where it has one. */
  readonly bytes: Uint8Array
}

interface Kind {
  readonly problem: (publicKey: Uint8Array) => 'key-malformed' | 'key-weak' | undefined
  /** @throws AuditError for what is malformed */
  readonly verify: (claim: Claim) => boolean
}

const kinds: ReadonlyMap<number, Kind> = new Map([
  [
    ed25519Type,
    { problem: publicKeyProblem, verify: ({ publicKey, text, bytes }) => verifyEd25519(publicKey, text, bytes) },
  ],
  [
    cosignatureType,
    {
      problem: publicKeyProblem,
      verify: ({ publicKey, text, bytes }) => {
        const { time, signature } = parseCosignature(bytes)
        return verifyEd25519(publicKey, cosignatureMessage(time, text), signature)
      },
    },
  ],
  [
    mlDsaType,
    {
      problem: ({ length }) => (length === mlDsaKeySize ? undefined : 'key-malformed'),
      verify: ({ name, publicKey, text, bytes }) => {
        const { time, signature } = parseCosignature(bytes)
        return verifyMlDsa44(publicKey, treeMessage({ cosigner: name, time, ...treeIn(text) }), signature)
      },
    },
  ],
] satisfies [number, Kind][])

function verifies(verify: () => boolean): boolean {
  try {
    return verify()
  } catch (error) {
    if (error instanceof AuditError) return false
    throw error
  }
}

/** Only checkpoints can be cosigned so. */
function treeIn(text: Uint8Array): Pick<Checkpoint, 'origin' | 'size' | 'root'> {
  const { origin, size, root } = parseCheckpoint(new TextDecoder().decode(text))
  return { origin, size, root }
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

/**
 * Cosigns checkpoints with the ML-DSA-44 key of a seed of 32 bytes: the log's name, size and root, not its extension lines. The seed must
 * not be that of another key.
 *
 * @throws AuditError `key-malformed`
 */
export function mlDsaCosigner(name: string, seed: Uint8Array): Cosigner {
  demandParts(name, seed)
  const { publicKey, sign } = mlDsa44Keys(seed)
  return {
    name,
    keyId: keyIdOf(name, mlDsaType, publicKey),
    vkey: printVerifierKey(name, mlDsaType, publicKey),
    cosign: (text, time) =>
      printCosignature({ time, signature: sign(treeMessage({ cosigner: name, time, ...treeIn(text) })) }),
  }
}

function demandParts(name: string, seed: Uint8Array): void {
  if (!isKeyName(name)) throw new AuditError('key-malformed', 'name')
  if (seed.length !== seedSize) throw new AuditError('key-malformed', 'seed')
}

function signerOf(name: string, type: number, seed: Uint8Array): { keyId: number; vkey: string } {
  demandParts(name, seed)
  const publicKey = publicKeyOf(seed)
  return { keyId: keyIdOf(name, type, publicKey), vkey: printVerifierKey(name, type, publicKey) }
}
