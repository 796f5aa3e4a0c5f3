/** Which results count and what they cover, after void scores and open flags are taken out. Coverage and passing stand on this. */
import type { CaseInput } from '#domain/case.ts'
import type { AssessedItem, AssessmentResult, ProctoringReport } from '#domain/evidence.ts'
import { type Facts, scorersOf } from '#domain/facts.ts'
import { type IncidentState, judgeIncidents, worstAt } from '#domain/incidents.ts'
import { actsAreVoid } from '#domain/people.ts'
import type { PersonId } from '#domain/words.ts'

export type Standing = 'counts' | 'not-passed' | 'void' | 'absent' | Exclude<IncidentState, 'clear'>

export interface JudgedResult {
  readonly result: AssessmentResult
  readonly standing: Standing
  /** Scorers whose scores stand. */
  readonly scorers: readonly PersonId[]
  readonly covers: readonly string[]
  /** Named items or stations behind the coverage. */
  readonly byItem: boolean
  readonly practical: boolean
  readonly report?: ProctoringReport
}

/** Each result once per report on its occasion: a superfluous weaker report must never lower (levels.md). */
export function judgeResults(input: CaseInput, facts: Facts): JudgedResult[] {
  const incidents = judgeIncidents(input, facts)
  return facts.results.flatMap((result) => {
    const reports = facts.reports.filter((report) => report.occasion === result.occasion)
    const context = { input, result, incident: worstAt(incidents, result.occasion) }
    return reports.length === 0 ? [judgeResult(context)] : reports.map((report) => judgeResult({ ...context, report }))
  })
}

interface Context {
  readonly input: CaseInput
  readonly result: AssessmentResult
  readonly incident: IncidentState
  readonly report?: ProctoringReport
}

function judgeResult({ input, result, incident, report }: Context): JudgedResult {
  const isVoid = (person: PersonId) => actsAreVoid(input.register, person, input.case.learner)
  const items = (result.items ?? []).map((item) => withoutVoid(item, isVoid)).filter((item) => item.scores.length > 0)
  const named = result.items === undefined ? result.scorers : items.flatMap((item) => item.scores.map((s) => s.scorer))
  const scorers = [...new Set(named.filter((person) => !isVoid(person)))].toSorted()
  const standing = standingOf({ result, scorers, incident, report, isVoid })
  // What a void result would have shown is still told, so that a reader sees why it is missing; it never counts.
  const isWhole = result.items === undefined || standing === 'void'
  return {
    result,
    standing,
    scorers,
    covers: isWhole ? result.outcomes : [...new Set(items.flatMap((item) => item.outcomes))].toSorted(),
    byItem: items.length > 0,
    practical: result.forms.includes('practical'),
    ...(report === undefined ? {} : { report }),
  }
}

/** Acts of a conflicted person are void: the score is gone, not counted as nought. */
function withoutVoid(item: AssessedItem, isVoid: (person: PersonId) => boolean): AssessedItem {
  return { ...item, scores: item.scores.filter((score) => !isVoid(score.scorer)) }
}

/** On the roster of the examination. */
export function wasPresent({ report }: JudgedResult): boolean {
  return report?.attendance === 'present'
}

/** Assessed against the version of the industry standard that the achievement names. */
export function meetsStandard({ achievement }: CaseInput, { result }: JudgedResult): boolean {
  const { standard } = achievement
  return standard !== undefined && result.standard?.id === standard.id && result.standard.version === standard.version
}

interface Parts {
  readonly result: AssessmentResult
  readonly scorers: readonly PersonId[]
  readonly incident: IncidentState
  readonly report: ProctoringReport | undefined
  readonly isVoid: (person: PersonId) => boolean
}

function standingOf({ result, scorers, incident, report, isVoid }: Parts): Standing {
  if (scorersOf(result).length > 0 && scorers.length === 0) return 'void'
  if (incident !== 'clear') return incident
  if (report?.attendance === 'absent') return 'absent'
  return isPassed(result, isVoid) ? 'counts' : 'not-passed'
}

/**
 * The source must have said passed, and the mark must be reached without the void scores. It must also be reached without only
 * some of them: else a second conflict could turn the fail of the first into a pass.
 */
function isPassed(result: AssessmentResult, isVoid: (person: PersonId) => boolean): boolean {
  if (!result.passed || result.items === undefined) return result.passed
  const voided = scorersOf(result).filter(isVoid)
  if (voided.length > mostVoided) return false
  return subsets(voided).every((without) => reachesMark(result, (person) => without.includes(person)))
}

/** Beyond this many conflicted scorers the result is not worth saving. */
const mostVoided = 8

function subsets<T>(list: readonly T[]): T[][] {
  return list.reduce<T[][]>((sets, one) => [...sets, ...sets.map((set) => [...set, one])], [[]])
}

/** Several scores on one item are averaged; the mark is taken over the items that still have a score. */
function reachesMark({ items = [], passMark }: AssessmentResult, isGone: (person: PersonId) => boolean): boolean {
  const scored = items.map((item) => withoutVoid(item, isGone)).filter(({ scores }) => scores.length > 0)
  if (passMark === undefined) return false
  const points = scored.reduce((sum, item) => sum + mean(item), 0)
  const most = scored.reduce((sum, item) => sum + item.maxPoints, 0)
  return most > 0 && points / most >= passMark - rounding
}

/** Shares like 0.6 are not exact in binary; a pass on the mark must stay a pass. */
const rounding = 1e-9

function mean({ scores }: AssessedItem): number {
  return scores.reduce((sum, score) => sum + score.points, 0) / scores.length
}
