/** Turns a finished credential into its compact JWS; the one place where a credential meets a key. */
import { b64url } from '#credentials/bytes.ts'
import type { SigningKey } from '#credentials/signing/keys.ts'
import { signatureOver } from '#credentials/signing/signature.ts'
import type { CredentialFormat } from '#domain/words.ts'

/**
 * Profile of a signature (standards §1.1). They differ in the header and in registered claims, never in the document: `ob3-jwt` is
 * Open Badges 3.0 §8.2 (VC-JWT), `w3c-jose` is W3C VC-JOSE-COSE §3.1.1.
 */
export type Format = CredentialFormat

/** Media type to serve each under: VC-JOSE-COSE §6.1 registers `application/vc+jwt`; a badge without that `typ` is a plain JWT (RFC 7519 §10.3). */
export const mediaTypes = {
  'ob3-jwt': 'application/jwt',
  'w3c-jose': 'application/vc+jwt',
} as const satisfies Record<Format, string>

interface Credential {
  readonly document: {
    readonly id: string
    readonly validFrom: string
    readonly validUntil?: string
  }
  readonly issuer: string
  readonly subject: string
}

/** The bytes that are signed. */
export function payloadOf(credential: Credential, format: Format): Uint8Array {
  return Buffer.from(JSON.stringify(signedMembers(credential, format)))
}

/**
 * What is signed. `w3c-jose`: the credential itself and nothing else (VC-JOSE-COSE §3.1.1). `ob3-jwt`: its members plus the registered
 * claims that repeat them (Open Badges 3.0 §8.2.4). Neither has a `vc` claim.
 */
export function signedMembers(credential: Credential, format: Format): object {
  const { document } = credential
  return format === 'w3c-jose' ? document : { ...document, ...registeredClaims(credential) }
}

function registeredClaims({ document, issuer, subject }: Credential) {
  return {
    iss: issuer,
    jti: document.id,
    nbf: seconds(document.validFrom),
    sub: subject,
    ...(document.validUntil === undefined ? {} : { exp: seconds(document.validUntil) }),
  }
}

/**
 * Signs a payload. The header is exactly `{alg, kid}` for `ob3-jwt`, because Open Badges allows only `JWT` as `typ` while
 * VC-JOSE-COSE wants `vc+jwt`, and verifiers of both accept its absence (standards §1.1); for `w3c-jose` it says `typ` and `cty` too.
 */
export async function signPayload(payload: Uint8Array, key: SigningKey, format: Format): Promise<string> {
  const kind = format === 'w3c-jose' ? { typ: 'vc+jwt', cty: 'vc' } : {}
  const input = `${b64url(JSON.stringify({ alg: key.alg, kid: key.kid, ...kind }))}.${b64url(payload)}`
  return `${input}.${await signatureOver(input, key)}`
}

function seconds(at: string): number {
  return Math.floor(Date.parse(at) / 1000)
}
