/** A key that lives as long as its process and is its own address; for doors that must sign something and mean nothing by it. */
import { exportJWK, generateKeyPair } from 'jose'
import { didOf } from '#credentials/integrity/did.ts'
import type { SigningKey } from '#credentials/signing/keys.ts'
import { publicJwk, type SigningAlg } from '#credentials/signing/public-key.ts'

export interface Throwaway {
  /** `did:jwk` of the key; the issuer it signs for. */
  readonly issuer: string
  readonly key: SigningKey
}

export async function throwawayKey(alg: SigningAlg): Promise<Throwaway> {
  const pair = await generateKeyPair(alg)
  const jwk = publicJwk(await exportJWK(pair.publicKey))
  if (jwk === undefined) throw new TypeError(`no key for ${alg}`)
  const issuer = didOf(jwk)
  return { issuer, key: { institution: issuer, kid: `${issuer}#0`, alg, key: pair.privateKey } }
}
