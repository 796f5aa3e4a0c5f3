/** Personal values inside events: without it names would stand readable in a stream that keeps them for 30 days. */
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader, errors, importJWK, type JWK } from 'jose'
import { ConnectorError } from '../connector-error.ts'

const alg = 'ECDH-ES+A256KW'
const enc = 'A256GCM'

/** Encrypts a JSON value to an institution's public intake key (P-256 or X25519) as compact JWE (contracts §10). */
export async function encryptPersonal(jwk: JWK, value: unknown): Promise<string> {
  const header = { alg, enc, ...(jwk.kid === undefined ? {} : { kid: jwk.kid }) }
  return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(value)))
    .setProtectedHeader(header)
    .encrypt(await importJWK(jwk, alg))
}

/**
 * Opens what {@link encryptPersonal} made.
 * @throws ConnectorError `jwe/malformed` when it is no compact JWE of our kind or holds no JSON, `jwe/undecipherable` when it
 * is for another key or was changed. Neither quotes the content.
 */
export async function decryptPersonal(privateJwk: JWK, jwe: string): Promise<unknown> {
  if (!isOurKind(jwe)) throw new ConnectorError('jwe/malformed', `not a compact JWE with ${alg} and ${enc}`)
  const text = new TextDecoder().decode(await decipher(privateJwk, jwe))
  try {
    return JSON.parse(text)
  } catch {
    throw new ConnectorError('jwe/malformed', 'the JWE holds no JSON')
  }
}

async function decipher(privateJwk: JWK, jwe: string): Promise<Uint8Array> {
  const key = await importJWK(privateJwk, alg)
  try {
    const options = { keyManagementAlgorithms: [alg], contentEncryptionAlgorithms: [enc] }
    return (await compactDecrypt(jwe, key, options)).plaintext
  } catch (cause) {
    if (!(cause instanceof errors.JOSEError)) throw cause
    throw new ConnectorError('jwe/undecipherable', 'the JWE is for another key or was changed', { cause })
  }
}

/** Compression is refused: a small event could unfold into gigabytes (RFC 8725 §3.6 warns of more). */
function isOurKind(jwe: string): boolean {
  if (!/^[\w-]+(\.[\w-]+){4}$/.test(jwe)) return false
  try {
    const header = decodeProtectedHeader(jwe)
    return header.alg === alg && header['enc'] === enc && header['zip'] === undefined
  } catch {
    return false
  }
}
