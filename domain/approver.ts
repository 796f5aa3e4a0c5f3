/** May this person decide on this case? One function for appointing, deciding, judging and signing (contracts §5). */
import type { ApproverRole } from '#domain/case.ts'
import { sharesEmployer, sharesUnit } from '#domain/employers.ts'
import { passed, short, text } from '#domain/gates/finding.ts'
import { holdsThroughout } from '#domain/gates/rows/mandate.ts'
import type { Finding } from '#domain/gates/verdict.ts'
import { actsAreVoid, employmentsAt, inLine, isAmong, isUnknown, samePerson } from '#domain/people.ts'
import type { Plan } from '#domain/plan.ts'
import type { Appointment } from '#domain/register.ts'
import type { PersonId, Text } from '#domain/words.ts'

type Rule = Plan['profile']['separation']['demand']['approver'][number]
/** True: the rule holds. False: it is broken. Undefined: it could not be checked, which never satisfies. */
type Answer = boolean | undefined

const rules: Readonly<Record<Rule, { readonly says: Text; readonly holds: (plan: Plan, person: PersonId) => Answer }>> =
  {
    'not-teacher': {
      says: text('Granskaren har inte undervisat den lärande', 'The approver has not taught the learner'),
      holds: ({ input, facts }, person) => {
        if (isAmong(input.register, person, facts.teachers.persons)) return false
        return facts.teachers.known ? true : undefined
      },
    },
    'not-scorer': {
      says: text('Granskaren är inte bedömare', 'The approver is not a scorer'),
      holds: (plan, person) => isNoneOf(plan, person, plan.facts.named.scorers),
    },
    'not-invigilator': {
      says: text('Granskaren är inte provvakt', 'The approver is not an invigilator'),
      holds: (plan, person) => isNoneOf(plan, person, plan.facts.named.invigilators),
    },
    'not-employer': {
      says: text(
        'Granskaren har en annan arbetsgivare än den lärande',
        "The approver has another employer than the learner's",
      ),
      holds: ({ input, occasions }, person) =>
        not(worst([...occasions, input.now].map((moment) => sharesEmployer(input, person, moment)))),
    },
    'not-unit-or-line': {
      says: text(
        'Granskaren hör inte till den lärandes enhet eller linje',
        "The approver is not of the learner's unit or line",
      ),
      holds: ({ input, occasions }, person) =>
        not(
          worst([
            ...[...occasions, input.now].map((moment) => sharesUnit(input, person, moment)),
            inLine(input.register, person, input.case.learner),
          ]),
        ),
    },
  }

/** Somebody among them whom nobody is known by could be this person. */
function isNoneOf({ input }: Plan, person: PersonId, others: readonly PersonId[]): Answer {
  if (isAmong(input.register, person, others)) return false
  return others.some(isUnknown) ? undefined : true
}

function worst(answers: readonly Answer[]): Answer {
  if (answers.includes(true)) return true
  return answers.includes(undefined) ? undefined : false
}

function not(answer: Answer): Answer {
  return answer === undefined ? undefined : !answer
}

/** Everything that speaks for or against this person deciding in this role, under the plan's band. */
export function eligibility(plan: Plan, person: PersonId, role: ApproverRole): Finding[] {
  const { roles } = plan.profile.approvers.demand
  const mustBeExternal = role === 'external-reviewer' && roles.some((slot) => slot.length === 1 && slot[0] === role)
  return [
    notSelf(plan, person),
    appointed(plan, person, role),
    ...(mustBeExternal ? [external(plan, person)] : []),
    ...apart(plan, person),
  ]
}

/** External to everybody who trained, examined or awards: employed by none of them. */
function external({ input, profile, occasions, facts }: Plan, person: PersonId): Finding {
  const { register, achievement } = input
  const bodies = [achievement.awards, achievement.examines, achievement.trains, ...facts.named.trainers]
  const employers = [...occasions, input.now].map((moment) => employmentsAt(register, person, moment))
  const inside = employers.some((held) => held?.some(({ organisation }) => bodies.includes(organisation)))
  const answer = inside ? false : employers.includes(undefined) ? undefined : true
  const says = text(
    'Granskaren är inte anställd hos den som utbildar, examinerar eller utfärdar',
    'The reviewer is not employed by who trains, examines or awards',
  )
  return answered(`${profile.approvers.rule}.external`, says, answer)
}

function apart(plan: Plan, person: PersonId): Finding[] {
  const { demand, rule } = plan.profile.separation
  return demand.approver.map((name) => {
    const { says, holds } = rules[name]
    return answered(`${rule}.approver.${name}`, says, holds(plan, person))
  })
}

function answered(rule: string, says: Text, answer: Answer): Finding {
  if (answer === true) return passed(rule, says)
  const because =
    answer === false
      ? text(`Uppfylls inte: ${says.sv.toLowerCase()}`, `Does not hold: ${says.en.toLowerCase()}`)
      : text(`Kunde inte kontrolleras: ${says.sv.toLowerCase()}`, `Could not be checked: ${says.en.toLowerCase()}`)
  return short(rule, { outcome: answer === false ? 'failed' : 'could-not-check', because, missing: says })
}

/** Nobody decides on themself, and a declared conflict always counts. */
function notSelf({ input, profile }: Plan, person: PersonId): Finding {
  const rule = `${profile.approvers.rule}.no-conflict`
  const says = text(
    'En granskare utan jäv, inte den lärande',
    'An approver without a conflict of interest, not the learner',
  )
  if (isUnknown(person)) {
    return short(rule, {
      outcome: 'could-not-check',
      because: text('Granskaren är inte känd', 'The approver is not known'),
      missing: says,
    })
  }
  if (!actsAreVoid(input.register, person, input.case.learner)) return passed(rule, says)
  return short(rule, {
    outcome: 'failed',
    because: text('Granskaren är den lärande eller jävig', 'The approver is the learner or has a conflict'),
    missing: says,
  })
}

/** Appointed in the role, by who may appoint, valid at the occasion and at the decision. */
function appointed(plan: Plan, person: PersonId, role: ApproverRole): Finding {
  const { input, profile } = plan
  const rule = `${profile.approvers.rule}.appointed`
  const says = text(
    'Utsedd i rollen, giltig vid provet och vid beslutet',
    'Appointed in the role, valid at occasion and decision',
  )
  const held = input.register.appointments.filter(
    (one) =>
      one.role === role &&
      samePerson(input.register, one.person, person) &&
      covers(input.achievement.id, one) &&
      mayAppoint(plan, one),
  )
  if (held.some((one) => holdsThroughout(plan, one))) return passed(rule, says)
  return short(rule, {
    outcome: 'failed',
    because: text('Inte utsedd på båda datumen', 'Not appointed on both dates'),
    missing: says,
  })
}

function covers(achievement: string, { achievements }: Appointment): boolean {
  return achievements === undefined || achievements.includes(achievement)
}

/** The awarding body appoints; at C2–D also who established the syllabus; at B–C1 it must be a lärosäte. */
function mayAppoint({ input, profile }: Plan, { by }: Appointment): boolean {
  const { achievement, register } = input
  const bySyllabus = profile.mandate.demand.bases.includes('established-syllabus')
  if (by !== achievement.awards && !(bySyllabus && by === achievement.syllabus?.establishedBy)) return false
  if (!profile.approvers.demand.appointedByHigherEducation) return true
  return register.organisations.some((organisation) => organisation.id === by && organisation.higherEducation)
}
