/** How the needed result was supervised. The EU's four values and the row of the table both come from here. */
import type { CaseInput } from '#domain/case.ts'
import type { ProctoringReport } from '#domain/evidence.ts'
import { type Facts, scorersOf } from '#domain/facts.ts'
import { identifiedAt } from '#domain/identified.ts'
import { actsAreVoid, isAmong, isUnknown } from '#domain/people.ts'
import type { Profile, SupervisionWay } from '#domain/policy/profile.ts'
import type { JudgedResult } from '#domain/results.ts'
import type { PersonId } from '#domain/words.ts'

interface Context {
  readonly input: CaseInput
  readonly facts: Facts
  readonly profile: Profile
}

export type SupervisionProblem =
  | 'unsupervised'
  | 'way'
  | 'invigilator-scored'
  | 'no-invigilator'
  | 'unknown'
  | 'conflict'
  | 'absent'

/** What is wrong with the supervision of this result, or undefined when the band's demand holds. */
export function supervisionProblem(context: Context, { report, result }: JudgedResult): SupervisionProblem | undefined {
  const { ways } = context.profile.supervision.demand
  if (ways === 'none') return undefined
  if (report === undefined || result.occasion === undefined) return 'unsupervised'
  if (report.attendance === 'absent') return 'absent'
  const problem = invigilatorProblem(context, report, scorersOf(result))
  if (problem !== undefined) return problem
  if (ways === 'any') return undefined
  return waysOf(context, report).some((way) => ways.includes(way)) ? undefined : 'way'
}

/** Invigilator ≠ scorer (levels.md); who is not known could be either. */
function invigilatorProblem(
  { input: { register, case: it } }: Context,
  { invigilation, invigilators }: ProctoringReport,
  scorers: readonly PersonId[],
): SupervisionProblem | undefined {
  if (invigilators.some((person) => isAmong(register, person, scorers))) return 'invigilator-scored'
  const able = invigilators.filter((person) => !actsAreVoid(register, person, it.learner))
  if (able.length === 0 && invigilators.length > 0) return 'conflict'
  if (able.length === 0) return invigilation === 'human-live' ? 'no-invigilator' : undefined
  return [...invigilators, ...scorers].some(isUnknown) ? 'unknown' : undefined
}

function waysOf({ input, facts, profile }: Context, report: ProctoringReport): SupervisionWay[] {
  if (report.invigilation !== 'human-live') return []
  if (report.setting === 'online') return ['online-human']
  const session = { from: report.from, until: report.until, occasion: report.occasion }
  const identified = identifiedAt(input, facts, { profile, session })
  const atTheDoor = identified.some(
    ({ ways }) => ways.includes('document') || ways.includes('login-live-match') || ways.includes('roster'),
  )
  return atTheDoor ? ['on-site-id-check'] : []
}
