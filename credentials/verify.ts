/** Judges a credential for a stranger, step by step, in three states; without it our documents would have to be taken on trust. */
import type { Format } from '#credentials/signing/compact.ts'
import { judgeClaims, judgeValidity } from '#credentials/verifying/claims.ts'
import { type CompactDocument, readCompact } from '#credentials/verifying/compact.ts'
import { type Answer, type Check, failed, notBelieved, passed } from '#credentials/verifying/report.ts'
import { checkSignature } from '#credentials/verifying/signature.ts'
import { checkStatus, type StatusContext } from '#credentials/verifying/status.ts'

export interface VerifyContext extends StatusContext {
  /** Issuer id the caller demands; without it the credential's own issuer is reported and not judged. */
  readonly expectedIssuer?: string
}

export interface VerifyReport {
  /** `verified` only when every check passed; `refused` when one failed; else `could-not-verify`. */
  readonly result: 'verified' | 'refused' | 'could-not-verify'
  readonly checks: readonly Check[]
  /** Which rules the document was read by; absent when it is no document of either. */
  readonly profile?: Format
  /** The payload, present only when its signature held. */
  readonly credential?: Readonly<Record<string, unknown>>
}

/**
 * Verifies a credential in JWT form (Open Badges 3.0 §8.2, VC-JOSE-COSE §5, Bitstring Status List 1.0 §3.2). Never throws for what
 * a document can contain; look-ups are the caller's, and what they cannot reach is "could not check", never "valid".
 */
export async function verifyCredential(jwt: string, context: VerifyContext): Promise<VerifyReport> {
  const document = readCompact(jwt)
  if (typeof document === 'string') {
    const because = failed(`Dokumentet är felaktigt (${document}).`, `The document is malformed (${document}).`)
    return report([{ id: 'structure', ...because }])
  }
  const structure = passed('Dokumentet är ett välformat bevis.', 'The document is a well-formed credential.')
  const signature = await checkSignature(jwt, document, context.resolveKeys)
  const signed = signature.find((check) => check.id === 'signature')?.outcome === 'passed'
  const checks: Check[] = [
    { id: 'structure', ...structure },
    ...judgeIssuer(document, context.expectedIssuer),
    ...signature,
    { id: 'claims', ...(signed ? judgeClaims(document) : notBelieved) },
    { id: 'validity', ...(signed ? judgeValidity(document, context.now) : notBelieved) },
    ...(signed ? await checkStatus(document, context) : unasked),
  ]
  return report(checks, document, signed)
}

const unasked: readonly Check[] = [
  { id: 'status-list', ...notBelieved },
  { id: 'status', ...notBelieved },
]

function judgeIssuer({ issuer }: CompactDocument, expected: string | undefined): readonly Check[] {
  if (expected === undefined) return []
  const answer: Answer =
    issuer === expected
      ? passed('Utfärdaren är den förväntade.', 'The issuer is the one expected.')
      : failed('Utfärdaren är en annan än den förväntade.', 'The issuer is not the one expected.')
  return [{ id: 'issuer', ...answer }]
}

function report(checks: readonly Check[], document?: CompactDocument, signed = false): VerifyReport {
  const result = checks.some((check) => check.outcome === 'failed')
    ? 'refused'
    : checks.every((check) => check.outcome === 'passed')
      ? 'verified'
      : 'could-not-verify'
  if (document === undefined) return { result, checks }
  return { result, checks, profile: document.profile, ...(signed ? { credential: document.payload } : {}) }
}
