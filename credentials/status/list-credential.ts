/** The signed document around a status list; without it anybody between us and a verifier could set or clear bits. */

import { payloadOf, signPayload } from '#credentials/signing/compact.ts'
import type { SigningKey } from '#credentials/signing/keys.ts'
import { bitsOf, encodeBits } from '#credentials/status/bitstring.ts'

export interface StatusListRequest {
  /** URL the list is served at; entries name it as `statusListCredential`. */
  readonly url: string
  /** The institution's issuer id: the same as of the credentials, so that no second party must be trusted. */
  readonly issuer: string
  readonly purpose: 'revocation' | 'suspension'
  /** Indexes whose bit is 1. */
  readonly set: Iterable<number>
  /** Entries, a multiple of 8, at least 131,072 (the default). */
  readonly size?: number
  /** RFC 3339 UTC; after `validUntil` a verifier must not trust the list any more. */
  readonly at: string
  readonly validUntil: string
  /** How long a verifier may cache, in milliseconds (Bitstring Status List 1.0 §2.2). */
  readonly ttl: number
}

interface StatusListCredential {
  readonly '@context': readonly string[]
  readonly id: string
  readonly type: readonly string[]
  readonly issuer: string
  readonly validFrom: string
  readonly validUntil: string
  readonly credentialSubject: {
    readonly id: string
    readonly type: 'BitstringStatusList'
    readonly statusPurpose: string
    readonly encodedList: string
    readonly ttl: number
  }
}

/** Builds the unsigned list credential (Bitstring Status List 1.0 §2.2). @throws CredentialError as `bitsOf` */
async function buildStatusList(request: StatusListRequest): Promise<StatusListCredential> {
  return {
    '@context': ['https://www.w3.org/ns/credentials/v2'],
    id: request.url,
    type: ['VerifiableCredential', 'BitstringStatusListCredential'],
    issuer: request.issuer,
    validFrom: wholeSeconds(request.at),
    validUntil: wholeSeconds(request.validUntil),
    credentialSubject: {
      id: `${request.url}#list`,
      type: 'BitstringStatusList',
      statusPurpose: request.purpose,
      encodedList: await encodeBits(bitsOf(request.set, request.size)),
      ttl: request.ttl,
    },
  }
}

/**
 * Builds and signs; the compact JWS to serve at the list's URL as `application/vc+jwt`. With the registered claims and without `typ`,
 * so that verifiers of both profiles read it.
 *
 * @throws CredentialError as `bitsOf`
 */
export async function signStatusList(request: StatusListRequest, key: SigningKey): Promise<string> {
  const document = await buildStatusList(request)
  const credential = { document, issuer: document.issuer, subject: document.credentialSubject.id }
  return signPayload(payloadOf(credential, 'ob3-jwt'), key, 'ob3-jwt')
}

function wholeSeconds(at: string): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}
