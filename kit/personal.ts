/** Names and birth dates travel encrypted to the institution's intake key, and nowhere but in `personal` of an identity event. */
import { CompactEncrypt, importJWK, type JWK } from 'jose'
import { EmitterError } from './emitter-error.ts'

export interface Personal {
  readonly name?: string
  /** `YYYY-MM-DD` */
  readonly birthDate?: string
}

const alg = 'ECDH-ES+A256KW'

/**
 * The institution's public intake key as its server publishes it. Ask once and keep it, but not for years: ask again with every start.
 * @throws EmitterError `no-intake-key` where the server gives none that personal values may be sealed to
 */
export async function fetchIntakeKey(base: string, institution: string): Promise<JWK> {
  const url = new URL(`institutions/${institution}/intake-keys`, base.endsWith('/') ? base : `${base}/`)
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(30_000) })
  const { keys = [] } = response.ok ? ((await response.json()) as { keys?: JWK[] }) : {}
  const key = keys.find((one) => one.alg === alg && one.use === 'enc' && one.d === undefined)
  if (key === undefined)
    throw new EmitterError('no-intake-key', `${url.href} gives no key to seal to (${response.status})`)
  return key
}

/** Compact JWE for the member `personal`. `intakeKey`: from {@link fetchIntakeKey}. */
export async function sealPersonal(intakeKey: JWK, personal: Personal): Promise<string> {
  const header = { alg, enc: 'A256GCM', ...(intakeKey.kid === undefined ? {} : { kid: intakeKey.kid }) }
  return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(personal)))
    .setProtectedHeader(header)
    .encrypt(await importJWK(intakeKey, alg))
}
