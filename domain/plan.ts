/**
 * Which results, or which taking part, a band stands on. One chosen set is judged by all rows, so that no band holds on a
 * result that was supervised and another that was identified (levels.md: the weakest link among needed results).
 */
import type { CaseInput } from '#domain/case.ts'
import { sharesEmployer } from '#domain/employers.ts'
import type { Participation } from '#domain/evidence.ts'
import { type Facts, factsFor } from '#domain/facts.ts'
import { type Identified, identifiedAt, type Session } from '#domain/identified.ts'
import { isAmong, isUnknown } from '#domain/people.ts'
import { gatherings, projects } from '#domain/policy/cell.ts'
import type { Profile } from '#domain/policy/profile.ts'
import { premisesProblem } from '#domain/premises.ts'
import { type JudgedResult, judgeResults } from '#domain/results.ts'
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
  /** When it happened: the last needed session. */
  readonly occasion: Instant
}

/** Possible plans of a band; only D–E has more than one. */
export function plansFor(input: CaseInput, profile: Profile): Plan[] {
  const facts = factsFor(input, profile)
  const base = { input, profile, facts, results: judgeResults(input, facts) }
  const { needs } = profile.assessment.demand
  switch (needs) {
    case 'summative-practical':
    case 'formative-and-summative':
      return [withResults(base, needed(base))]
    case 'route':
      return [
        withResults(base, onePassed(base)),
        ...taken(base, 'gathering', gatherings),
        ...taken(base, 'project', projects),
      ]
    case 'taking-part':
      return [partOrNothing(base, 'taking-part')]
    case 'access':
      return [partOrNothing(base, 'access')]
  }
}

type Base = Pick<Plan, 'input' | 'profile' | 'facts' | 'results'>

function withResults(base: Base, chosen: readonly JudgedResult[]): Plan {
  const moments = chosen.map(({ result }) => result.at).toSorted()
  const [participation] = base.facts.participations.filter((fact) => fact.attendance !== undefined)
  return {
    ...base,
    route: 'results',
    chosen,
    ...(participation === undefined ? {} : { participation }),
    occasion: moments.at(-1) ?? happened(base),
  }
}

function taken(base: Base, route: RouteOfBand, activities: readonly string[]): Plan[] {
  return base.facts.participations
    .filter((fact) => fact.attendance !== undefined && activities.includes(fact.attendance.activity))
    .map((participation) => ({ ...base, route, chosen: [], participation, occasion: participation.until }))
}

function partOrNothing(base: Base, route: RouteOfBand): Plan {
  const { activities } = base.profile.assessment.demand
  const attended = base.facts.participations.filter((fact) => fact.attendance !== undefined)
  const fitting = attended.filter(
    ({ attendance }) => attendance !== undefined && activities.includes(attendance.activity),
  )
  const full = fitting.find(({ attendance }) => attendance?.form !== 'access')
  const participation = route === 'access' ? attended[0] : (full ?? fitting[0] ?? attended[0])
  return {
    ...base,
    route,
    chosen: [],
    ...(participation === undefined ? {} : { participation }),
    occasion: participation?.until ?? happened(base),
  }
}

function happened({ input, facts }: Base): Instant {
  return facts.completions[0]?.completedAt ?? input.case.openedAt
}

/** Passed formative or summative, identified first. */
function onePassed(base: Base): JudgedResult[] {
  const passed = base.results.filter(({ standing, result }) => standing === 'counts' && result.purpose !== 'ipsative')
  const best = passed.find((judged) => isIdentified(base, judged)) ?? passed[0] ?? base.results[0]
  return best === undefined ? [] : [best]
}

/** The summative results the band stands on: those that hold in every row if they suffice, else the best there are. */
function needed(base: Base): JudgedResult[] {
  const summative = base.results.filter(
    ({ result }) => result.purpose === 'summative' && isOfThirdParty(base, result.organisation),
  )
  const counting = summative.filter(({ standing }) => standing === 'counts')
  const whole = cover(
    base,
    counting.filter((judged) => holds(base, judged)),
  )
  if (whole.complete) return whole.chosen
  const some = cover(base, counting)
  if (some.complete) return some.chosen
  const any = cover(base, summative)
  return any.complete || some.chosen.length === 0 ? any.chosen : some.chosen
}

function isOfThirdParty({ input, profile }: Base, organisation: string): boolean {
  return !profile.assessment.demand.thirdParty || organisation === input.achievement.examines
}

function holds(base: Base, judged: JudgedResult): boolean {
  return (
    isIdentified(base, judged) &&
    supervisionProblem(base, judged) === undefined &&
    premisesProblem(base, judged) === undefined &&
    scorerProblem(base, judged) === undefined
  )
}

/** Earliest results first; one is taken when it adds an outcome, or the practical part that is still missing. */
function cover(base: Base, results: readonly JudgedResult[]): { chosen: JudgedResult[]; complete: boolean } {
  const wants = base.profile.assessment.demand.needs === 'summative-practical'
  const chosen: JudgedResult[] = []
  for (const judged of results) {
    const before = uncovered(base, chosen).length
    const addsPart = wants && judged.practical && !chosen.some((other) => other.practical)
    if (addsPart || uncovered(base, [...chosen, judged]).length < before) chosen.push(judged)
  }
  const practical = !wants || chosen.some((judged) => judged.practical)
  return { chosen, complete: practical && chosen.length > 0 && uncovered(base, chosen).length === 0 }
}

/** Outcomes none of these results shows; a skill needs a practical one where the band says so, an item where it says so. */
export function uncovered({ input, profile }: Base, results: readonly JudgedResult[]): string[] {
  const { demands, skillsPractical } = profile.coverage.demand
  return input.achievement.outcomes
    .filter(
      (outcome) =>
        !results.some(
          (judged) =>
            judged.covers.includes(outcome.id) &&
            (judged.practical || !skillsPractical || outcome.type !== 'skill') &&
            (judged.byItem || demands !== 'every-outcome-by-item'),
        ),
    )
    .map((outcome) => outcome.id)
}

/** The best identification of the learner at this result that the band accepts. */
export function identityOf(base: Base, judged: JudgedResult): Identified | undefined {
  return accepted(base, identifiedAt(base.input, base.facts, { profile: base.profile, session: sessionOf(judged) }))
}

function isIdentified(base: Base, judged: JudgedResult): boolean {
  const identified = identityOf(base, judged)
  return identified !== undefined && reaches(base.profile, identified)
}

export function reaches({ loa }: Profile, identified: Identified): boolean {
  return identified.loa >= loa.demand.atLeast || (loa.demand.orProctored && identified.ways.includes('proctored'))
}

export function accepted({ profile }: Base, identified: readonly Identified[]): Identified | undefined {
  const usable = identified.filter(({ ways }) => ways.some((way) => profile.identity.demand.ways.includes(way)))
  return usable.find((one) => reaches(profile, one)) ?? usable[0]
}

/** The exam as supervised, or the moment of the result. */
export function sessionOf({ result, report }: JudgedResult): Session {
  const occasion = result.occasion === undefined ? {} : { occasion: result.occasion }
  return report === undefined
    ? { from: result.at, until: result.at, ...occasion }
    : { from: report.from, until: report.until, ...occasion }
}

export type ScorerProblem = 'teacher' | 'unknown' | 'nobody' | 'employer' | 'teachers-unknown'

/** Whether those who scored were independent as the band demands. */
export function scorerProblem(
  { input, profile, facts }: Base,
  { scorers, result }: JudgedResult,
): ScorerProblem | undefined {
  const { demand } = profile.separation
  if (demand.scorers === 'none') return undefined
  if (scorers.length === 0) return 'nobody'
  if (!facts.teachers.known) return 'teachers-unknown'
  const taught = (person: PersonId) => isAmong(input.register, person, facts.teachers.persons)
  const independent = scorers.filter((person) => !isUnknown(person) && !taught(person))
  if (demand.scorers === 'one-per-result') return independent.length > 0 ? undefined : 'teacher'
  if (scorers.some(isUnknown)) return 'unknown'
  if (independent.length < scorers.length) return 'teacher'
  if (!demand.scorersNotEmployer) return undefined
  return employerProblem(input, { persons: scorers, at: result.at })
}

function employerProblem(
  input: CaseInput,
  { persons, at }: { persons: readonly PersonId[]; at: Instant },
): ScorerProblem | undefined {
  const shared = persons.map((person) => sharesEmployer(input, person, at))
  if (shared.includes(true)) return 'employer'
  return shared.includes(undefined) ? 'unknown' : undefined
}
