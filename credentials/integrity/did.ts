/** Keys that are their own address: `did:key` and `did:jwk`. Nothing is fetched, so no address in a document can send us anywhere. */
import type { JWK } from 'jose'
import { b64url, isObject, readB64url, readObject } from '#credentials/bytes.ts'
import { readBase58 } from '#credentials/integrity/base58.ts'
import { algOf, type PublicJwk, publicJwk } from '#credentials/signing/public-key.ts'

/** Longest DID read, in characters: a P-256 key as `did:jwk` takes about 250. */
const longest = 1000

/** The controller of a verification method, `<did>#<fragment>` without the fragment. */
export function controllerOf(method: string): string {
  return method.split('#', 1)[0] ?? ''
}

/** The key of a verification method; undefined for other methods, other kinds of key, and fragments that name another key. */
export function keyOfMethod(method: string): PublicJwk | undefined {
  if (method.length > longest) return undefined
  const [did = '', fragment, ...more] = method.split('#')
  if (more.length > 0) return undefined
  if (did.startsWith('did:jwk:')) return fragment === '0' ? jwkOf(did.slice('did:jwk:'.length)) : undefined
  if (!did.startsWith('did:key:')) return undefined
  const name = did.slice('did:key:'.length)
  return fragment === name ? ed25519Of(name) : undefined
}

/** `did:jwk` of a public key. */
export function didOf(jwk: PublicJwk): string {
  return `did:jwk:${b64url(JSON.stringify(jwk))}`
}

function jwkOf(encoded: string): PublicJwk | undefined {
  const bytes = readB64url(encoded)
  const jwk = bytes === undefined ? undefined : readObject(bytes)
  // A private member makes the whole a leak, not a key.
  if (!isObject(jwk) || algOf(jwk as JWK) === undefined) return undefined
  return publicJwk(jwk as JWK)
}

/** Multicodec `ed25519-pub` (0xed 0x01) and 32 bytes. */
function ed25519Of(name: string): PublicJwk | undefined {
  const bytes = readBase58(name)
  if (bytes?.length !== 34 || bytes[0] !== 0xed || bytes[1] !== 0x01) return undefined
  return publicJwk({ kty: 'OKP', crv: 'Ed25519', x: b64url(bytes.subarray(2)) })
}
