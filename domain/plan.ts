/**
 * Which results, or which taking part, a band stands on. One chosen set is judged by all rows, so that no band holds on a
 * result that was supervised and another that was identified (levels.md: the weakest link among needed results).
 */
import type { CaseInput } from '#domain/case.ts'
import { bestPart, coveringSets } from '#domain/covering.ts'
import { sharesEmployer } from '#domain/employers.ts'
import type { Activity, Participation } from '#domain/evidence.ts'
import { compare, type Facts, factsFor, scorersOf } from '#domain/facts.ts'
import { type Identified, identifiedAt, type Session } from '#domain/identified.ts'
import { isAmong, isUnknown } from '#domain/people.ts'
import { gatherings } from '#domain/policy/cell.ts'
import type { Profile } from '#domain/policy/profile.ts'
import { premisesProblem } from '#domain/premises.ts'
import type { Outcome } from '#domain/register.ts'
import { type JudgedResult, judgeResults, meetsStandard, wasPresent } from '#domain/results.ts'
import { supervisionProblem } from '#domain/supervision.ts'
import type { Instant, PersonId } from '#domain/words.ts'

export type RouteOfBand = 'results' | 'gathering' | 'project' | 'taking-part' | 'access'

/** What one band is judged on. */
export interface Plan {
  readonly input: CaseInput
  readonly profile: Profile
  readonly facts: Facts
  readonly results: readonly JudgedResult[]
  readonly route: RouteOfBand
  /** The needed results; empty where the band needs none, or has none. */
  readonly chosen: readonly JudgedResult[]
  readonly participation?: Participation
  /** When it happened: every needed session, and the last of them. */
  readonly occasions: readonly Instant[]
  readonly occasion: Instant
}

/** Possible plans of a band, the preferred one first; never empty. */
export function plansFor(input: CaseInput, profile: Profile): Plan[] {
  const facts = factsFor(input, profile)
  const base = { input, profile, facts, results: judgeResults(input, facts) }
  const { needs, activities } = profile.assessment.demand
  switch (needs) {
    case 'summative-practical':
    case 'formative-and-summative':
      return neededSets(base).map((chosen) => withResults(base, chosen))
    case 'route':
      return [
        ...testsOf(base).map((chosen) => withResults(base, chosen)),
        ...taken(base, 'gathering', activities.filter(isGathering)),
        ...taken(
          base,
          'project',
          activities.filter((activity) => !isGathering(activity)),
        ),
      ]
    case 'taking-part':
      return orNothing(base, 'taking-part', taken(base, 'taking-part', activities))
    case 'access':
      return orNothing(base, 'access', [...taken(base, 'access', undefined), ...completed(base)])
  }
}

type Base = Pick<Plan, 'input' | 'profile' | 'facts' | 'results'>

function isGathering(activity: Activity): boolean {
  return gatherings.includes(activity)
}

function withResults(base: Base, chosen: readonly JudgedResult[]): Plan {
  const moments = chosen.map(({ result }) => result.at).toSorted()
  const [participation] = base.facts.participations.filter((fact) => fact.attendance !== undefined)
  const occasions = moments.length > 0 ? moments : [happened(base)]
  return {
    ...base,
    route: 'results',
    chosen,
    ...(participation === undefined ? {} : { participation }),
    occasions,
    occasion: occasions.at(-1) ?? happened(base),
  }
}

function taken(base: Base, route: RouteOfBand, activities: readonly Activity[] | undefined): Plan[] {
  return base.facts.participations
    .filter(({ attendance }) => attendance !== undefined && activities?.includes(attendance.activity) !== false)
    .map((participation) => ({ ...at(base, route, participation.until), participation }))
}

function completed(base: Base): Plan[] {
  return base.facts.completions.map(({ completedAt }) => at(base, 'access', completedAt))
}

function orNothing(base: Base, route: RouteOfBand, plans: readonly Plan[]): Plan[] {
  return plans.length > 0 ? [...plans] : [at(base, route, happened(base))]
}

function at(base: Base, route: RouteOfBand, occasion: Instant): Plan {
  return { ...base, route, chosen: [], occasions: [occasion], occasion }
}

function happened({ input, facts }: Base): Instant {
  return facts.completions[0]?.completedAt ?? input.case.openedAt
}

/** Route 1 of D–E: each test by itself, passed formative or summative first; ipsative ones are no tests. */
function testsOf({ results }: Base): JudgedResult[][] {
  const tests = results.filter(({ result }) => result.purpose !== 'ipsative')
  const passed = tests.filter(({ standing }) => standing === 'counts')
  const rest = tests.filter(({ standing }) => standing !== 'counts')
  return tests.length === 0 ? [[]] : [...passed, ...rest].map((judged) => [judged])
}

/** Stands for the practical part among what results give; no outcome is called so. */
const practicalPart = ' practical'

/**
 * The sets of summative results the band can stand on: those whose every member holds in every row that asks about a single
 * result, else those that at least count, else whatever there is. Earliest occasion first, then smallest evidence id.
 */
function neededSets(base: Base): JudgedResult[][] {
  const summative = base.results.filter(
    ({ result }) => result.purpose === 'summative' && isOfThirdParty(base, result.organisation),
  )
  const counting = summative.filter(({ standing }) => standing === 'counts')
  const holding = counting.filter((judged) => holds(base, judged))
  const { outcomes } = base.input.achievement
  const wantsPractical = base.profile.assessment.demand.needs === 'summative-practical'
  const needs = [...outcomes.map(({ id }) => id), ...(wantsPractical ? [practicalPart] : [])]
  const gives = (judged: JudgedResult) => [
    ...outcomes.filter((outcome) => shows(base, judged, outcome)).map(({ id }) => id),
    ...(judged.practical ? [practicalPart] : []),
  ]
  for (const from of [holding, counting, summative]) {
    const sets = coveringSets({ from, needs, gives })
    if (sets.length > 0) return sets.toSorted(earliestFirst)
  }
  return [bestPart({ from: counting.length > 0 ? counting : summative, needs, gives })]
}

function earliestFirst(a: readonly JudgedResult[], b: readonly JudgedResult[]): number {
  const last = (set: readonly JudgedResult[]) =>
    set
      .map(({ result }) => result.at)
      .toSorted()
      .at(-1) ?? ''
  const ids = (set: readonly JudgedResult[]) =>
    set
      .map(({ result, report }) => `${result.id} ${report?.id ?? ''}`)
      .toSorted()
      .join(' ')
  return compare(last(a), last(b)) || compare(ids(a), ids(b))
}

function isOfThirdParty({ input, profile }: Base, organisation: string): boolean {
  return !profile.assessment.demand.thirdParty || organisation === input.achievement.examines
}

function holds(base: Base, judged: JudgedResult): boolean {
  const { assessment, attendance } = base.profile
  const atExam = attendance.demand.demands === 'routine' || attendance.demand.demands === 'compulsory-parts'
  return (
    isIdentified(base, judged) &&
    supervisionProblem(base, judged) === undefined &&
    premisesProblem(base, judged) === undefined &&
    scorerProblem(base, judged) === undefined &&
    (!atExam || wasPresent(judged)) &&
    (attendance.demand.demands !== 'routine' || judged.report?.routine !== undefined) &&
    (!assessment.demand.standard || meetsStandard(base.input, judged))
  )
}

/** Whether this result shows this outcome; a skill needs a practical one where the band says so, an item where it says so. */
function shows({ profile }: Base, judged: JudgedResult, outcome: Outcome): boolean {
  const { demands, skillsPractical } = profile.coverage.demand
  return (
    judged.covers.includes(outcome.id) &&
    (judged.practical || !skillsPractical || outcome.type !== 'skill') &&
    (judged.byItem || demands !== 'every-outcome-by-item')
  )
}

/** Outcomes none of these results shows. */
export function uncovered(base: Base, results: readonly JudgedResult[]): string[] {
  return base.input.achievement.outcomes
    .filter((outcome) => !results.some((judged) => shows(base, judged, outcome)))
    .map((outcome) => outcome.id)
}

/** The best identification of the learner at this result that the band accepts. */
export function identityOf(base: Base, judged: JudgedResult): Identified | undefined {
  const { input, facts, profile } = base
  const all = sessionsAround(base, judged).flatMap((session) => identifiedAt(input, facts, { profile, session }))
  return accepted(
    base,
    all.toSorted((a, b) => b.loa - a.loa),
  )
}

/**
 * The examination itself. In D–E, which asks who took part, a test inside a course may also stand on the login to that course
 * or on who was identified at another examination of the same course (worked case 3: the flagged exam still shows who came).
 */
function sessionsAround(base: Base, judged: JudgedResult): Session[] {
  const own = sessionOf(judged)
  if (base.profile.assessment.demand.needs !== 'route') return [own]
  const courses = base.facts.participations.filter(
    ({ attendance, from, until }) =>
      attendance !== undefined && attendance.form !== 'access' && from <= judged.result.at && judged.result.at <= until,
  )
  return [own, ...courses.map(({ from, until }) => ({ from, until })), ...base.results.map(sessionOf)]
}

function isIdentified(base: Base, judged: JudgedResult): boolean {
  const identified = identityOf(base, judged)
  return identified !== undefined && reaches(base.profile, identified)
}

export function reaches({ loa }: Profile, identified: Identified): boolean {
  return identified.loa >= loa.demand.atLeast || (loa.demand.orProctored && identified.ways.includes('proctored'))
}

export function accepted(
  { profile }: Pick<Base, 'profile'>,
  identified: readonly Identified[],
): Identified | undefined {
  const usable = identified.filter(({ ways }) => ways.some((way) => profile.identity.demand.ways.includes(way)))
  return usable.find((one) => reaches(profile, one)) ?? usable[0]
}

/** The exam as supervised, or the moment of the result. */
export function sessionOf({ result, report }: JudgedResult): Session {
  const occasion = result.occasion === undefined ? {} : { occasion: result.occasion }
  return report === undefined
    ? { from: result.at, until: result.at, exam: true, ...occasion }
    : { from: report.from, until: report.until, exam: true, ...occasion }
}

export type ScorerProblem = 'teacher' | 'unknown' | 'nobody' | 'employer' | 'teachers-unknown'

/** Whether those who scored were independent as the band demands. */
export function scorerProblem(base: Base, judged: JudgedResult): ScorerProblem | undefined {
  const { demand } = base.profile.separation
  if (demand.scorers === 'none') return undefined
  if (judged.scorers.length === 0) return 'nobody'
  if (!base.facts.teachers.known) return 'teachers-unknown'
  if (demand.scorers === 'one-per-result') {
    const problems = judged.scorers.map((person) => problemWith(base, judged, person))
    return problems.includes(undefined) ? undefined : worst(problems)
  }
  // Where all must be apart, a void score does not make its scorer somebody who never scored.
  return worst(scorersOf(judged.result).map((person) => problemWith(base, judged, person)))
}

function problemWith(
  { input, profile, facts }: Base,
  { result }: JudgedResult,
  person: PersonId,
): ScorerProblem | undefined {
  if (isUnknown(person)) return 'unknown'
  if (isAmong(input.register, person, facts.teachers.persons)) return 'teacher'
  if (!profile.separation.demand.scorersNotEmployer) return undefined
  const shared = sharesEmployer(input, person, result.at)
  return shared === undefined ? 'unknown' : shared ? 'employer' : undefined
}

function worst(problems: readonly (ScorerProblem | undefined)[]): ScorerProblem | undefined {
  return (['teacher', 'employer', 'unknown'] as const).find((problem) => problems.includes(problem))
}
