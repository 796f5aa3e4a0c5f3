/** Signs what `prepare` prepared, and nothing else; the last door before a document exists in an institution's name (contracts §8). */
import { type Format, signPayload } from '#credentials/signing/compact.ts'
import type { KeyStore, SigningKey } from '#credentials/signing/keys.ts'
import { type Draft, type Prepared, redeem } from '#credentials/signing/prepared.ts'

export interface IssuedDocument {
  readonly format: Format
  readonly compact: string
  readonly kid: string
  /** base64url SHA-256 of the signed payload, as `prepare` announced it. */
  readonly digest: string
}

/** For whom and which case the caller believes to sign; a token of another is refused. */
export interface IssueFor {
  readonly institution: string
  readonly caseId: string
}

export type IssueOutcome =
  | { readonly kind: 'issued'; readonly documents: readonly IssuedDocument[] }
  /** `not-prepared`: not made by `prepare` in this process, or used before. */
  | { readonly kind: 'refused'; readonly code: 'not-prepared' | 'other-issuer' | 'other-case' | 'no-key' }

/** Signs each format once, with the key that was the institution's at the document's issuance time. */
export async function issue(
  token: Prepared,
  keys: Pick<KeyStore, 'activeKey'>,
  expected: IssueFor,
): Promise<IssueOutcome> {
  // Redeemed first: a token that was shown for the wrong issuer or case is spent, not tried again.
  const drafts = redeem(token)
  if (drafts === undefined) return { kind: 'refused', code: 'not-prepared' }
  if (token.caseId !== expected.caseId) return { kind: 'refused', code: 'other-case' }
  if (token.institution !== expected.institution) return { kind: 'refused', code: 'other-issuer' }
  const key = await keys.activeKey(token.institution, token.at)
  if (key === undefined) return { kind: 'refused', code: 'no-key' }
  if (!belongs(key, token)) return { kind: 'refused', code: 'other-issuer' }
  return { kind: 'issued', documents: await Promise.all(drafts.map((draft) => sign(draft, key))) }
}

/** The key is this institution's and published under this issuer. */
function belongs(key: SigningKey, { institution, issuer }: Prepared): boolean {
  return key.institution === institution && key.kid.startsWith(`${issuer}/keys/`)
}

async function sign({ format, digest, payload }: Draft, key: SigningKey): Promise<IssuedDocument> {
  return { format, digest, kid: key.kid, compact: await signPayload(payload, key, format) }
}
