/** Checks a document before it is signed; after that nothing can be corrected, only revoked (boulder's linter, style §1.1). */
import type { BadgeRequest } from '#credentials/formats/open-badge.ts'
import { annexOne } from '#credentials/lint/annex-one.ts'
import { contexts } from '#credentials/lint/contexts.ts'
import { creditedLoa } from '#credentials/lint/credited-loa.ts'
import { dates } from '#credentials/lint/dates.ts'
import { holderName } from '#credentials/lint/holder-name.ts'
import { issuerAddress } from '#credentials/lint/issuer-address.ts'
import { knownTerms } from '#credentials/lint/known-terms.ts'
import { languages } from '#credentials/lint/languages.ts'
import { levelStated } from '#credentials/lint/level-stated.ts'
import { microCredential } from '#credentials/lint/micro-credential.ts'
import { noForeignClaims } from '#credentials/lint/no-foreign-claims.ts'
import { noPersonalNumber } from '#credentials/lint/no-personal-number.ts'
import { requiredMembers } from '#credentials/lint/required-members.ts'
import { type Document, everything, type LintFinding, type LintRule } from '#credentials/lint/rule.ts'
import { statusEntry } from '#credentials/lint/status-entry.ts'
import { strictValues } from '#credentials/lint/strict-values.ts'
import { subjectId } from '#credentials/lint/subject-id.ts'
import { testMarked } from '#credentials/lint/test-marked.ts'
import { typeArrays } from '#credentials/lint/type-arrays.ts'

export type { LintFinding } from '#credentials/lint/rule.ts'

/** Every rule there is; a new one is a file and a line here. */
export const lintRules: readonly LintRule[] = [
  noForeignClaims,
  contexts,
  requiredMembers,
  typeArrays,
  strictValues,
  knownTerms,
  subjectId,
  statusEntry,
  dates,
  issuerAddress,
  languages,
  annexOne,
  microCredential,
  levelStated,
  creditedLoa,
  testMarked,
  holderName,
  noPersonalNumber,
]

/** All findings of all rules; an empty list means the document may be signed. */
export function lint(document: Document, context: BadgeRequest): LintFinding[] {
  const leaves = everything(document)
  return lintRules.flatMap(({ id, clause, check }) =>
    check(document, context, leaves).map((found) => ({ rule: id, clause, ...found })),
  )
}
