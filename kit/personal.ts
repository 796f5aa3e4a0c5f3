/** Names and birth dates travel encrypted to the institution's intake key, and nowhere but in `personal` of an identity event. */
import { CompactEncrypt, importJWK, type JWK } from 'jose'

export interface Personal {
  readonly name?: string
  /** `YYYY-MM-DD` */
  readonly birthDate?: string
}

const alg = 'ECDH-ES+A256KW'

/** Compact JWE for the member `personal`. `intakeKey`: the institution's public key, P-256 or X25519. */
export async function sealPersonal(intakeKey: JWK, personal: Personal): Promise<string> {
  const header = { alg, enc: 'A256GCM', ...(intakeKey.kid === undefined ? {} : { kid: intakeKey.kid }) }
  return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(personal)))
    .setProtectedHeader(header)
    .encrypt(await importJWK(intakeKey, alg))
}
