/** Which results count and what they cover, after void scores and open flags are taken out. Coverage and passing stand on this. */
import type { CaseInput } from '#domain/case.ts'
import type { AssessedItem, AssessmentResult, Incident, ProctoringReport } from '#domain/evidence.ts'
import type { Facts } from '#domain/facts.ts'
import { actsAreVoid } from '#domain/people.ts'
import type { PersonId } from '#domain/words.ts'

/** `flagged`: a machine flag waits for a human finding. `suspected`: an irregularity waits for who may decide. */
export type Standing = 'counts' | 'not-passed' | 'void' | 'flagged' | 'suspected' | 'deviation' | 'absent'

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
  return facts.results.flatMap((result) => {
    const reports = facts.reports.filter((report) => report.occasion === result.occasion)
    const incidents = reports.flatMap((report) => report.incidents)
    const context = { input, result, incidents }
    return reports.length === 0 ? [judgeResult(context)] : reports.map((report) => judgeResult({ ...context, report }))
  })
}

interface Context {
  readonly input: CaseInput
  readonly result: AssessmentResult
  readonly incidents: readonly Incident[]
  readonly report?: ProctoringReport
}

function judgeResult({ input, result, incidents, report }: Context): JudgedResult {
  const isVoid = (person: PersonId) => actsAreVoid(input.register, person, input.case.learner)
  const items = (result.items ?? []).map((item) => withoutVoid(item, isVoid)).filter((item) => item.scores.length > 0)
  const named = result.items === undefined ? result.scorers : items.flatMap((item) => item.scores.map((s) => s.scorer))
  const scorers = [...new Set(named.filter((person) => !isVoid(person)))].toSorted()
  return {
    result,
    standing: standingOf({ result, items, scorers, incidents, report }),
    scorers,
    covers:
      result.items === undefined ? result.outcomes : [...new Set(items.flatMap((item) => item.outcomes))].toSorted(),
    byItem: items.length > 0,
    practical: result.forms.includes('practical'),
    ...(report === undefined ? {} : { report }),
  }
}

/** Acts of a conflicted person are void: the score is gone, not counted as nought. */
function withoutVoid(item: AssessedItem, isVoid: (person: PersonId) => boolean): AssessedItem {
  return { ...item, scores: item.scores.filter((score) => !isVoid(score.scorer)) }
}

interface Parts {
  readonly result: AssessmentResult
  readonly items: readonly AssessedItem[]
  readonly scorers: readonly PersonId[]
  readonly incidents: readonly Incident[]
  readonly report: ProctoringReport | undefined
}

function standingOf({ result, items, scorers, incidents, report }: Parts): Standing {
  const scoredByPeople = result.items !== undefined || result.scorers.length > 0
  if (scoredByPeople && scorers.length === 0) return 'void'
  if (incidents.some(isSuspected)) return 'suspected'
  if (incidents.some((incident) => incident.machine && incident.finding === undefined)) return 'flagged'
  if (incidents.some(isDeviation)) return 'deviation'
  if (report?.attendance === 'absent') return 'absent'
  return isPassed(result, items) ? 'counts' : 'not-passed'
}

/** Grave and reported by a person, or found suspect: the case pauses until whoever may decide has decided. */
function isSuspected({ machine, severity, finding }: Incident): boolean {
  if (finding !== undefined) return finding.result === 'suspected-irregularity'
  return !machine && isGrave(severity)
}

function isDeviation({ severity, finding }: Incident): boolean {
  return finding?.result === 'deviation' && isGrave(severity)
}

function isGrave(severity: Incident['severity']): boolean {
  return severity === 'major' || severity === 'critical'
}

/** Several scores on one item are averaged; the mark is taken over the items that still have a score. */
function isPassed(result: AssessmentResult, items: readonly AssessedItem[]): boolean {
  if (result.items === undefined) return result.passed
  if (result.passMark === undefined || items.length === 0) return false
  const points = items.reduce((sum, item) => sum + mean(item), 0)
  const most = items.reduce((sum, item) => sum + item.maxPoints, 0)
  return most > 0 && points / most >= result.passMark - rounding
}

/** Shares like 0.6 are not exact in binary; a pass on the mark must stay a pass. */
const rounding = 1e-9

function mean({ scores }: AssessedItem): number {
  return scores.reduce((sum, score) => sum + score.points, 0) / scores.length
}
