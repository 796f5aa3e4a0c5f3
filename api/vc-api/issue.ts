/** Signs what it is handed, after every check we have, with a key nobody needs to trust. */
import { envelopeOf } from '#credentials/envelope.ts'
import { isBadge, judgeBadge } from '#credentials/model/badge.ts'
import { judgeCredential } from '#credentials/model/credential.ts'
import { linkedDataProblem, namesBadgeContext } from '#credentials/model/linked-data.ts'
import { type Format, payloadOf, signPayload } from '#credentials/signing/compact.ts'
import type { Throwaway } from '#credentials/signing/throwaway.ts'

type Document = Readonly<Record<string, unknown>>

export type Issued =
  | { readonly kind: 'issued'; readonly envelope: object }
  | { readonly kind: 'refused'; readonly errors: readonly string[] }

/**
 * Signs in its own name whatever issuer the credential names: the id is replaced, the issuer's other words stay. A repeat of somebody
 * else's id under our key would be a document no verifier accepts.
 */
export async function issueCredential(given: Document, { issuer, key }: Throwaway, format: Format): Promise<Issued> {
  const errors = [...(await documentProblems(given)), ...profileProblems(given, format)]
  if (errors.length > 0) return { kind: 'refused', errors }
  const document = { ...given, issuer: inOwnName(given['issuer'], issuer) }
  const compact = await signPayload(payloadIn(document, issuer, format), key, format)
  return { kind: 'issued', envelope: envelopeOf(compact, format) }
}

/** What is wrong with a credential, whoever signs or signed it. */
export async function documentProblems(document: Document): Promise<readonly string[]> {
  const findings = [...judgeCredential(document), ...(isBadge(document) ? judgeBadge(document) : [])]
  if (findings.length > 0) return findings.map(({ path, because, clause }) => `${path}: ${because.en} (${clause})`)
  if (namesBadgeContext(document)) return []
  const problem = await linkedDataProblem(document)
  return problem === undefined ? [] : [`$.@context: ${problem} (VCDM 2.0 §4.3, §5.2)`]
}

function profileProblems(document: Document, format: Format): readonly string[] {
  if (format === 'w3c-jose' || isBadge(document)) return []
  return ['$.type: profile ob3-jwt is for achievement credentials (Open Badges 3.0 §8.2)']
}

function inOwnName(given: unknown, id: string): unknown {
  return typeof given === 'object' && given !== null ? { ...given, id } : id
}

/** A badge was found to have what its claims repeat. */
function payloadIn(document: Document, issuer: string, format: Format): Uint8Array {
  if (format === 'w3c-jose') return new TextEncoder().encode(JSON.stringify(document))
  const badge = document as unknown as { id: string; validFrom: string; credentialSubject: { id: string } }
  return payloadOf({ document: badge, issuer, subject: badge.credentialSubject.id }, format)
}
