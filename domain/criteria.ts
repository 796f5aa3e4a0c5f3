/** Were the criteria there before the learner was assessed by them (ESG 1.3)? Asked of the record; no gate demands it. */
import type { CaseInput } from '#domain/case.ts'
import { text } from '#domain/gates/finding.ts'
import { computeLevel, reliedBand } from '#domain/level.ts'
import type { Instant, Text } from '#domain/words.ts'

/** When the assessment that a case stands on began. */
export interface Beginning {
  /** Where every result of it has a report of how it was supervised, which says from when. */
  readonly at?: Instant
  /** It had begun by then: the earliest moment that anything of it is dated. */
  readonly by: Instant
}

export interface CriteriaJudgement {
  /** `unknown` where the record does not tell one of the two moments. */
  readonly holds: 'yes' | 'no' | 'unknown'
  readonly because: Text
}

/** Undefined where the band stands on no assessment. Judged on the plan that carries the case, as the gates were. */
export function assessmentBeginning(input: CaseInput): Beginning | undefined {
  const level = computeLevel(input, 'actual')
  const { plan } = level.byBand[reliedBand(level, input.case.promised)]
  // Whoever says so: a report that may not vouch can still date an assessment too early.
  const reported = plan.facts.named.reports.filter(({ occasion }) =>
    plan.chosen.some(({ result }) => result.occasion === occasion),
  )
  const moments = [...plan.chosen.map(({ result }) => result.at), ...reported.map(({ from }) => from)]
  const [by] = moments.toSorted()
  if (by === undefined) return undefined
  return plan.chosen.every(({ report }) => report !== undefined) ? { at: by, by } : { by }
}

/** @param published when the record says that the criteria came into the register, undefined where it does not */
export function criteriaFirst(published: Instant | undefined, beginning: Beginning | undefined): CriteriaJudgement {
  if (published === undefined) {
    const because = text(
      'Loggen berättar inte när kriterierna kom in i registret',
      'The log does not tell when the criteria came into the register',
    )
    return { holds: 'unknown', because }
  }
  if (beginning === undefined) {
    const because = text(
      'Kedjan berättar inte när bedömningen började',
      'The trail does not tell when the assessment began',
    )
    return { holds: 'unknown', because }
  }
  const { at, by } = beginning
  const since = spelled(published)
  if (published >= by) {
    const because = text(
      `Kriterierna kom in i registret ${since}, när bedömningen redan hade börjat (${spelled(by)})`,
      `The criteria came into the register ${since}, when the assessment had begun already (${spelled(by)})`,
    )
    return { holds: 'no', because }
  }
  if (at === undefined) {
    const because = text(
      `Kriterierna stod i registret ${since}, före resultatet, men ingen berättar när bedömningen började`,
      `The criteria stood in the register ${since}, before the result, but nobody tells when the assessment began`,
    )
    return { holds: 'unknown', because }
  }
  const because = text(
    `Kriterierna stod i registret ${since}, innan bedömningen började ${spelled(at)}`,
    `The criteria stood in the register ${since}, before the assessment began ${spelled(at)}`,
  )
  return { holds: 'yes', because }
}

/** To the second: two moments of one minute must not read as one. */
function spelled(at: Instant): string {
  return `${at.slice(0, 19).replace('T', ' ')} UTC`
}
