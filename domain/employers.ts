/** Common employers of two persons; its own file because scorers and approvers are asked the same question. */
import type { CaseInput } from '#domain/case.ts'
import { employmentsAt } from '#domain/people.ts'
import type { Instant, PersonId } from '#domain/words.ts'

/** True when the person and the learner have an employer in common. Undefined when either's employers are not known. */
export function sharesEmployer({ register, case: it }: CaseInput, person: PersonId, at: Instant): boolean | undefined {
  const theirs = employmentsAt(register, person, at)
  const learners = employmentsAt(register, it.learner, at)
  if (theirs === undefined || learners === undefined) return undefined
  return theirs.some((one) => learners.some((other) => one.organisation === other.organisation))
}

/** True when both belong to one unit. An employment without a unit could be in any, so it is not known. */
export function sharesUnit({ register, case: it }: CaseInput, person: PersonId, at: Instant): boolean | undefined {
  const theirs = employmentsAt(register, person, at)
  const learners = employmentsAt(register, it.learner, at)
  if (theirs === undefined || learners === undefined) return undefined
  const pairs = theirs.flatMap((one) =>
    learners.filter((other) => one.organisation === other.organisation).map((other) => [one.unit, other.unit]),
  )
  if (pairs.some(([a, b]) => a !== undefined && a === b)) return true
  return pairs.some(([a, b]) => a === undefined || b === undefined) ? undefined : false
}
