/** Checks a document before it is signed; after that nothing can be corrected, only revoked (boulder's linter, style §1.1). */
import type { Language } from '#credentials/formats/achievement.ts'
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
import {
  type Document,
  everything,
  type LintFinding,
  type LintRule,
  member,
  none,
  type Problem,
} from '#credentials/lint/rule.ts'
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

/**
 * All findings of all rules; an empty list means the document may be signed.
 *
 * @param passOver parts known to be `sound` in this document's language that do not tell of the learner: they are not walked again
 */
export function lint(document: Document, context: BadgeRequest, passOver?: (value: unknown) => boolean): LintFinding[] {
  const leaves = everything(document, passOver)
  const language = member(document, 'credentialSubject', 'achievement', 'inLanguage') === 'en' ? 'en' : 'sv'
  return lintRules.flatMap(({ id, clause, check, each }) => {
    const problems: Problem[] = [...(check?.(document, context, leaves) ?? none)]
    if (each !== undefined) {
      for (const leaf of leaves) {
        const found = each(leaf, language)
        if (found.length > 0) problems.push(...found)
      }
    }
    return problems.map((found) => ({ rule: id, clause, ...found }))
  })
}

/** No rule finds anything in any single value of `skeleton`, which is a part of a document under the names that stand above it there. */
export function isSound(skeleton: Document, language: Language): boolean {
  const leaves = everything(skeleton)
  return lintRules.every(({ each }) => each === undefined || leaves.every((leaf) => each(leaf, language).length === 0))
}
