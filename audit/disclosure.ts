/** Salted digests for `_sd`: without them a trail would either hold personal data for ever or prove nothing about it (RFC 9901 §4.2). */
import { canonicalBytes, type Json, parseStrict } from '#audit/canonical.ts'
import { b64url, fromB64url, sha256 } from '#audit/digest.ts'
import { AuditError } from '#audit/errors.ts'

/** RFC 9901 §9.3: at least 128 bits, else a low-entropy value such as a personal number can be tried out. */
export const saltBytes = 16

export interface Disclosure {
  /** base64url of SHA-256 over the disclosure's ASCII; this goes into the entry. */
  readonly digest: string
  /** base64url of the JSON array [salt, name, value]; this goes into the erasable store. */
  readonly disclosure: string
}

export type Opened =
  | { readonly kind: 'opened'; readonly name: string; readonly value: Json; readonly digest: string }
  | { readonly kind: 'foreign'; readonly digest: string }
  | { readonly kind: 'malformed' }

/** 128 random bits; never used twice (audit-log §10). */
export function newSalt(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(saltBytes))
}

/**
 * Commits to a value under a name.
 *
 * @throws AuditError `salt-too-short`, `disclosure-name-reserved` (RFC 9901 §4.1: `_sd` and `...`), `value-not-canonical`
 */
export function disclose(name: string, value: Json, salt: Uint8Array): Disclosure {
  if (salt.length < saltBytes) throw new AuditError('salt-too-short', name)
  if (name === '_sd' || name === '...') throw new AuditError('disclosure-name-reserved', name)
  const disclosure = b64url(canonicalBytes([b64url(salt), name, value], { numbers: 'finite', nulls: 'allowed' }))
  return { digest: b64url(sha256(disclosure)), disclosure }
}

/** Opens a disclosure against an entry's `_sd`: `foreign` when none of the digests is its own, `malformed` when it is no disclosure. */
export function openDisclosure(disclosure: string, digests: readonly string[]): Opened {
  const parts = partsOf(disclosure)
  if (parts === undefined) return { kind: 'malformed' }
  const digest = b64url(sha256(disclosure))
  return digests.includes(digest) ? { kind: 'opened', ...parts, digest } : { kind: 'foreign', digest }
}

function partsOf(disclosure: string): { name: string; value: Json } | undefined {
  try {
    const parsed = parseStrict(fromB64url(disclosure), { numbers: 'finite', nulls: 'allowed' })
    if (!Array.isArray(parsed) || parsed.length !== 3) return undefined
    const [salt, name, value] = parsed as unknown as readonly [Json, Json, Json]
    return typeof salt === 'string' && typeof name === 'string' ? { name, value } : undefined
  } catch (error) {
    if (error instanceof AuditError) return undefined
    throw error
  }
}
