/** Who may approve that a credential is taken back: a second person, and nobody who is named in the case (ISO/IEC 17024 9.5). */
import type { CaseInput } from '#domain/case.ts'
import type { Evidence, IdentityCheck } from '#domain/evidence.ts'
import { isAmong, samePerson } from '#domain/people.ts'
import type { PersonId } from '#domain/words.ts'

/** The fixed list (contracts: a reason from a list, and text beside it). */
export const revocationReasons = [
  'issued-in-error',
  'assessment-invalid',
  'accreditation-withdrawn',
  'compromised-or-fraud',
  'corrected-or-superseded',
] as const

export type RevocationObjection = 'proposed-it' | 'named-in-case'

export interface RevocationApproval {
  readonly input: CaseInput
  readonly proposer: PersonId
  readonly approver: PersonId
  /** Appointed to the case or decided on it, whatever came of it. */
  readonly acted: readonly PersonId[]
}

/** What speaks against this person approving; empty when nothing does. Linked identities are one person. */
export function objectionsTo({ input, proposer, approver, acted }: RevocationApproval): RevocationObjection[] {
  const named = [...namedIn(input), ...acted]
  return [
    ...(samePerson(input.register, proposer, approver) ? ['proposed-it' as const] : []),
    ...(isAmong(input.register, approver, named) ? ['named-in-case' as const] : []),
  ]
}

/** Everybody the facts name: learner, teachers, scorers, invigilators, checkers, confirmers, approvers. */
function namedIn({ case: it, evidence, approvals }: CaseInput): PersonId[] {
  return [it.learner, ...evidence.flatMap(namedBy), ...approvals.map(({ person }) => person)]
}

function namedBy(fact: Evidence): PersonId[] {
  switch (fact.kind) {
    case 'completion':
    case 'withdrawal':
      return []
    case 'identity':
      return [...checkersIn(fact.check), ...some(fact.liveMatch?.by)]
    case 'participation':
      return [...(fact.teaching?.teachers ?? []), ...some(fact.attendance?.confirmedBy)]
    case 'result':
      return [...fact.scorers, ...(fact.items ?? []).flatMap(({ scores }) => scores.map(({ scorer }) => scorer))]
    case 'proctoring':
      return [
        ...fact.invigilators,
        ...some(fact.identity?.checker),
        ...(fact.identity === undefined ? [] : checkersIn(fact.identity.check)),
        ...fact.incidents.flatMap(({ finding }) => some(finding?.by)),
      ]
  }
}

function checkersIn(check: IdentityCheck): PersonId[] {
  return check.route === 'document' ? some(check.check.checker) : []
}

function some(person: PersonId | undefined): PersonId[] {
  return person === undefined ? [] : [person]
}
