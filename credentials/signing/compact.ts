/** Turns a finished credential into its compact JWS; the one place where a credential meets a key. */
import { CompactSign } from 'jose'
import type { SigningKey } from '#credentials/signing/keys.ts'

interface Credential {
  readonly document: {
    readonly id: string
    readonly validFrom: string
    readonly validUntil?: string
  }
  readonly issuer: string
  readonly subject: string
}

/** The payload of profile `ob3-jwt`: the credential's own members plus the registered claims that repeat them, no `vc` claim. */
export function jwtPayload({ document, issuer, subject }: Credential): Uint8Array {
  const claims = {
    iss: issuer,
    jti: document.id,
    nbf: seconds(document.validFrom),
    sub: subject,
    ...(document.validUntil === undefined ? {} : { exp: seconds(document.validUntil) }),
  }
  return new TextEncoder().encode(JSON.stringify({ ...document, ...claims }))
}

/**
 * Signs under profile `ob3-jwt` (Open Badges 3.0 §8.2.4): header exactly `{alg, kid}`. `typ` is left out because Open Badges allows
 * only `JWT` there and VC-JOSE-COSE wants `vc+jwt`; verifiers of both accept its absence (standards §1.1).
 */
export async function signPayload(payload: Uint8Array, key: SigningKey): Promise<string> {
  return new CompactSign(payload).setProtectedHeader({ alg: key.alg, kid: key.kid }).sign(key.key)
}

function seconds(at: string): number {
  return Math.floor(Date.parse(at) / 1000)
}
