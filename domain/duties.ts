/**
 * Who did what in a case, and which duties one person held together. The gates judge by the rules of the day; this answers an
 * auditor's own three questions (audit-log §12, E1–E3) in words, whether the rules asked for them or not.
 */
import type { ApproverRole, CaseInput } from '#domain/case.ts'
import { scorersOf } from '#domain/facts.ts'
import { text } from '#domain/gates/finding.ts'
import { computeLevel, reliedBand } from '#domain/level.ts'
import { employmentsAt, isAmong, isUnknown } from '#domain/people.ts'
import type { Plan } from '#domain/plan.ts'
import type { PersonId, Text } from '#domain/words.ts'

export type Duty = 'taught' | 'scored' | 'invigilated' | ApproverRole

/** Persons by what they did; each list in order of id, empty where nobody is named. */
export type Duties = Readonly<Record<Duty, readonly PersonId[]>>

/** `E1` who decides neither taught nor scored · `E2` who scores did not teach · `E3` an external reviewer from another body. */
export type Pair = 'E1' | 'E2' | 'E3'

export interface PairJudgement {
  readonly pair: Pair
  /** What is so. `unknown` where a list is not whole or somebody is not known. */
  readonly holds: 'yes' | 'no' | 'unknown'
  /** Whether the case's own rules ask for it. */
  readonly demanded: boolean
  readonly because: Text
  /** Who stands in the way. */
  readonly persons: readonly PersonId[]
}

export interface SeparationOfDuties {
  readonly duties: Duties
  readonly pairs: readonly PairJudgement[]
}

/** Judged on the plan that carries the case, as the gates were; who approved is named whether it counted or not. */
export function separationOfDuties(input: CaseInput): SeparationOfDuties {
  const level = computeLevel(input, 'actual')
  const { plan } = level.byBand[reliedBand(level, input.case.promised)]
  const duties = dutiesIn(plan)
  return { duties, pairs: [deciders(plan, duties), scorers(plan, duties), reviewer(plan, duties)] }
}

const approverRoles = ['examiner', 'external-reviewer', 'decision-maker'] as const satisfies readonly ApproverRole[]

function dutiesIn(plan: Plan): Duties {
  const { approvals, case: it } = plan.input
  const decided = approvals.filter(
    ({ outcome, evidenceVersion }) => outcome === 'approve' && evidenceVersion === it.evidenceVersion,
  )
  const inRole = (role: ApproverRole) => decided.filter((one) => one.role === role).map(({ person }) => person)
  const { teachers, named } = plan.facts
  return {
    taught: sorted(teachers.persons),
    // Of the results the case stands on: whoever only gave marks on the way has not examined.
    scored: sorted(plan.chosen.flatMap(({ result }) => scorersOf(result))),
    invigilated: sorted(named.invigilators),
    examiner: sorted(inRole('examiner')),
    'external-reviewer': sorted(inRole('external-reviewer')),
    'decision-maker': sorted(inRole('decision-maker')),
  }
}

function sorted(persons: readonly PersonId[]): PersonId[] {
  return [...new Set(persons)].toSorted()
}

function deciders({ input, profile, facts }: Plan, duties: Duties): PairJudgement {
  const decided = approverRoles.flatMap((role) => duties[role])
  const { approver } = profile.separation.demand
  const taught = both(input, decided, duties.taught)
  const scored = both(input, decided, facts.named.scorers)
  const demandedOf = (rule: 'not-teacher' | 'not-scorer', found: readonly PersonId[]) =>
    found.length > 0 && approver.includes(rule)
  const pair = { pair: 'E1' as const, persons: sorted([...taught, ...scored]) }
  if (decided.length === 0) {
    const because = text('Ingen person har beslutat i ärendet', 'No person decided in this case')
    return { ...pair, holds: 'yes', demanded: false, because }
  }
  if (pair.persons.length > 0) {
    const demanded = demandedOf('not-teacher', taught) || demandedOf('not-scorer', scored)
    const because = text(
      'Den som beslutade har också undervisat eller bedömt den lärande',
      'Who decided has also taught or scored the learner',
    )
    return { ...pair, holds: 'no', demanded, because }
  }
  const demanded = approver.includes('not-teacher') || approver.includes('not-scorer')
  const isSure = facts.teachers.known && ![...decided, ...facts.named.scorers].some(isUnknown)
  const because = isSure
    ? text(
        'Den som beslutade har varken undervisat eller bedömt den lärande',
        'Who decided has neither taught nor scored the learner',
      )
    : unsure
  return { ...pair, holds: isSure ? 'yes' : 'unknown', demanded, because }
}

const unsure = text('Alla som undervisat eller bedömt är inte kända', 'Not everybody who taught or scored is known')

function scorers({ input, profile, facts, chosen }: Plan, duties: Duties): PairJudgement {
  const { scorers: rule } = profile.separation.demand
  const persons = both(input, duties.scored, duties.taught)
  const pair = { pair: 'E2' as const, persons }
  if (duties.scored.length === 0) {
    const because = text('Ingen bedömare är angiven', 'No scorer is named')
    return { ...pair, holds: 'yes', demanded: false, because }
  }
  if (persons.length > 0) {
    const apart = chosen.every(({ result }) => {
      const who = scorersOf(result)
      return both(input, who, duties.taught).length < who.length
    })
    const demanded = rule === 'all' || (rule === 'one-per-result' && !apart)
    const because =
      rule === 'one-per-result' && apart
        ? text(
            'En bedömare har också undervisat; reglerna kräver en per resultat som inte har det, och den finns',
            'A scorer has also taught; the rules ask for one per result who has not, and there is one',
          )
        : text('Den som bedömde har också undervisat den lärande', 'Who scored has also taught the learner')
    return { ...pair, holds: 'no', demanded, because }
  }
  const isSure = facts.teachers.known && !duties.scored.some(isUnknown)
  const because = isSure
    ? text('Den som bedömde har inte undervisat den lärande', 'Who scored has not taught the learner')
    : unsure
  return { ...pair, holds: isSure ? 'yes' : 'unknown', demanded: rule !== 'none', because }
}

function reviewer({ input, profile, facts, occasions }: Plan, duties: Duties): PairJudgement {
  const role = 'external-reviewer' as const
  const demanded = profile.approvers.demand.roles.some((slot) => slot.length === 1 && slot[0] === role)
  const pair = { pair: 'E3' as const, demanded, persons: [] as readonly PersonId[] }
  const persons = duties[role]
  if (persons.length === 0) {
    return demanded
      ? { ...pair, holds: 'no', because: text('Ingen extern granskare har godkänt', 'No external examiner approved') }
      : {
          ...pair,
          holds: 'yes',
          because: text('Reglerna kräver ingen extern granskare', 'The rules ask for no external examiner'),
        }
  }
  const { achievement, register, now } = input
  const bodies = [achievement.awards, achievement.examines, achievement.trains, ...facts.named.trainers]
  const held = persons.flatMap((person) => [...occasions, now].map((at) => employmentsAt(register, person, at)))
  if (held.some((jobs) => jobs?.some(({ organisation }) => bodies.includes(organisation)))) {
    const because = text(
      'Den externa granskaren är anställd hos den som utbildar, examinerar eller utfärdar',
      'The external examiner is employed by who trains, examines or awards',
    )
    return { ...pair, holds: 'no', because, persons }
  }
  if (held.includes(undefined)) {
    const because = text('Granskarens arbetsgivare är inte känd', 'The external examiner’s employer is not known')
    return { ...pair, holds: 'unknown', because }
  }
  const because = text(
    'Den externa granskaren hör till en annan organisation',
    'The external examiner is of another body',
  )
  return { ...pair, holds: 'yes', because }
}

/** Who is in both lists, under any of their ids. */
function both({ register }: CaseInput, some: readonly PersonId[], others: readonly PersonId[]): PersonId[] {
  return sorted(some.filter((person) => isAmong(register, person, others)))
}
