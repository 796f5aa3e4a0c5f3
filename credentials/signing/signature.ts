/**
 * The signature itself: WebCrypto over a JWS signing input (RFC 7515 §5), which we write and read strictly ourselves. A library's object
 * in between spelled and read the ten thousand letters of a credential twice more (decision 0051).
 */
import type { CryptoKey } from 'jose'
import { b64url, readB64url } from '#credentials/bytes.ts'
import type { SigningAlg } from '#credentials/signing/public-key.ts'

/** RFC 7518 §3.4 and RFC 8037 §3.1, as WebCrypto names them. It refuses a key of another kind. */
const schemes = {
  ES256: { name: 'ECDSA', hash: 'SHA-256' },
  EdDSA: { name: 'Ed25519' },
} as const satisfies Record<SigningAlg, object>

/** base64url of the signature over the signing input `<protected header>.<payload>`, both in base64url. */
export async function signatureOver(input: string, { alg, key }: KeyFor): Promise<string> {
  return b64url(new Uint8Array(await crypto.subtle.sign(schemes[alg], key, Buffer.from(input))))
}

/** True when `signature` (strict base64url) is this key's over the signing input; what is no signature at all is none. */
export async function isSignatureOver(input: string, signature: string, { alg, key }: KeyFor): Promise<boolean> {
  const bytes = readB64url(signature)
  return bytes !== undefined && crypto.subtle.verify(schemes[alg], key, bytes, Buffer.from(input))
}

/** A private or public key and what it is for; the key decides the algorithm (RFC 8725 §3.1). */
interface KeyFor {
  readonly alg: SigningAlg
  readonly key: CryptoKey
}
