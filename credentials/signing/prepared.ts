/** The only way to a signature: build, lint, and only then a token that `issue` accepts once. Skipping the checks cannot be written. */
import { digestOf } from '#credentials/bytes.ts'
import { type BadgeRequest, buildOpenBadge } from '#credentials/formats/open-badge.ts'
import { type LintFinding, lint } from '#credentials/lint/lint.ts'
import { alikeParts, needNoLook } from '#credentials/signing/alike.ts'
import { type Format, signedMembers } from '#credentials/signing/compact.ts'
import { spell } from '#credentials/signing/spelling.ts'

export interface PrepareRequest extends BadgeRequest {
  readonly caseId: string
  readonly formats: readonly Format[]
}

/** What will be signed, for the record that is written before the key is touched. */
interface PlannedDocument {
  readonly format: Format
  /** base64url SHA-256 of the exact payload bytes. */
  readonly digest: string
}

/**
 * A document that passed every lint rule, bound to one issuer and case. Holds nothing that helps to make one: what will be signed
 * stays in this module, found by the object's identity, so a copy, a look-alike or one sent through a queue is worth nothing.
 */
export interface Prepared {
  readonly institution: string
  readonly issuer: string
  readonly caseId: string
  readonly credentialId: string
  /** The issuance time; the key of that moment signs. */
  readonly at: string
  readonly documents: readonly PlannedDocument[]
  /** Of all that will be signed: the one document's digest, or that of the list of several. Recorded before the key is touched. */
  readonly digest: string
}

export type PrepareOutcome =
  | { readonly kind: 'prepared'; readonly token: Prepared }
  | { readonly kind: 'lint'; readonly findings: readonly LintFinding[] }

/** Exactly what goes under the key. */
export interface Draft extends PlannedDocument {
  readonly payload: Uint8Array
}

const drafts = new WeakMap<Prepared, readonly Draft[]>()

/** Builds the document in each format and lints it (contracts §8). Findings are an outcome: nothing is signed. */
export function prepare(request: PrepareRequest): PrepareOutcome {
  const document = buildOpenBadge(request)
  const parts = alikeParts(document)
  const findings = lint(document, request, needNoLook(parts, request.content.learner))
  if (findings.length > 0) return { kind: 'lint', findings }
  const credential = { document, issuer: request.issuer.id, subject: document.credentialSubject.id }
  const planned = request.formats.map((format) =>
    draftOf(
      format,
      spell(signedMembers(credential, format), (value) => parts.get(value)?.bytes),
    ),
  )
  const token: Prepared = Object.freeze({
    institution: request.issuer.institution,
    issuer: request.issuer.id,
    caseId: request.caseId,
    credentialId: request.credentialId,
    at: request.content.issuedAt,
    documents: Object.freeze(planned.map(({ format, digest }) => Object.freeze({ format, digest }))),
    digest: digestOfAll(planned),
  })
  drafts.set(token, planned)
  return { kind: 'prepared', token }
}

function draftOf(format: Format, payload: Uint8Array): Draft {
  return { format, digest: digestOf(payload), payload }
}

function digestOfAll(planned: readonly Draft[]): string {
  const [first, ...more] = planned
  return first !== undefined && more.length === 0
    ? first.digest
    : digestOf(planned.map(({ format, digest }) => `${format} ${digest}\n`).join(''))
}

/** Takes what a token stands for, once. Exported for `issue`; calling it elsewhere can only make a token worthless. */
export function redeem(token: Prepared): readonly Draft[] | undefined {
  const taken = drafts.get(token)
  drafts.delete(token)
  return taken
}
