/** Encryption of private keys at rest; without it whoever reads the disk or a backup could sign in an institution's name. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { CredentialError } from '#credentials/errors.ts'

/** AES-256-GCM; the key's id is bound in, so a sealed half cannot be moved under another name. Members in base64url. */
export interface Sealed {
  readonly enc: 'A256GCM'
  readonly iv: string
  readonly ciphertext: string
  readonly tag: string
}

/** Encrypts under a 32-byte secret; `kid` is authenticated with it. */
export function seal(plain: Uint8Array, secret: Uint8Array, kid: string): Sealed {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', secret, iv).setAAD(Buffer.from(kid))
  const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()])
  return { enc: 'A256GCM', iv: text(iv), ciphertext: text(ciphertext), tag: text(cipher.getAuthTag()) }
}

/** @throws CredentialError `key-secret-wrong` for another secret, another kid or altered bytes */
export function unseal(sealed: Sealed, secret: Uint8Array, kid: string): Uint8Array {
  try {
    const decipher = createDecipheriv('aes-256-gcm', secret, bytes(sealed.iv), { authTagLength: 16 })
    decipher.setAAD(Buffer.from(kid)).setAuthTag(bytes(sealed.tag))
    return Buffer.concat([decipher.update(bytes(sealed.ciphertext)), decipher.final()])
  } catch {
    throw new CredentialError('key-secret-wrong', kid)
  }
}

function text(data: Buffer): string {
  return data.toString('base64url')
}

function bytes(data: string): Buffer {
  return Buffer.from(data, 'base64url')
}
