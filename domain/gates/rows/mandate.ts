/** Row "mandate": may this body award it? Valid at the occasion and at the decision (levels.md). */
import { passed, short, text } from '#domain/gates/finding.ts'
import type { Finding } from '#domain/gates/verdict.ts'
import { isValidAt } from '#domain/people.ts'
import type { Plan } from '#domain/plan.ts'
import type { Accreditation, Appointment, Mandate, Validity } from '#domain/register.ts'
import type { Instant } from '#domain/words.ts'

export function mandateRow(plan: Plan): Finding[] {
  const { demand } = plan.profile.mandate
  return [
    basis(plan),
    ...(demand.accreditation ? [accreditation(plan)] : []),
    ...(demand.higherEducation ? [higherEducation(plan)] : []),
    ...(demand.examinerAppointed ? [examiner(plan)] : []),
  ]
}

/** When the decision is taken: at the newest approval that counts, or now. */
export function decidedAt({ input }: Pick<Plan, 'input'>): Instant {
  const given = input.approvals.filter(
    (approval) => approval.outcome === 'approve' && approval.evidenceVersion === input.case.evidenceVersion,
  )
  return (
    given
      .map(({ at }) => at)
      .toSorted()
      .at(-1) ?? input.now
  )
}

/** Valid at every needed occasion and at the decision. */
export function holdsThroughout(plan: Pick<Plan, 'input' | 'occasions'>, validity: Validity): boolean {
  return [...plan.occasions, decidedAt(plan)].every((moment) => isValidAt(validity, moment))
}

function covers(achievement: string, { achievements }: { readonly achievements?: readonly string[] }): boolean {
  return achievements === undefined || achievements.includes(achievement)
}

function basis(plan: Plan): Finding {
  const { rule, text: says } = plan.profile.mandate
  const held = plan.input.register.mandates.filter((mandate) => isHeld(plan, mandate))
  if (held.some((mandate) => holdsThroughout(plan, mandate)) || established(plan)) {
    return passed(rule, text('Mandat gällde vid tillfället och vid beslutet', 'Mandate valid at occasion and decision'))
  }
  const because =
    held.length > 0
      ? text('Mandatet gällde inte på båda datumen', 'The mandate was not valid on both dates')
      : text('Inget mandat registrerat', 'No mandate on register')
  return short(rule, { outcome: 'failed', because, missing: says })
}

/** A provider is registered for whatever it does; every other mandate is the awarding body's, or the commissioner's own. */
function isHeld({ input, profile }: Plan, { organisation, basis: of, ...mandate }: Mandate): boolean {
  const { achievement } = input
  const { bases } = profile.mandate.demand
  if (!covers(achievement.id, mandate)) return false
  if (bases.includes('registered-provider')) return [achievement.awards, achievement.trains].includes(organisation)
  if (!bases.includes(of)) return false
  return of === 'commissioner'
    ? organisation === achievement.contractEducation?.commissioner
    : organisation === achievement.awards
}

/** The body that established the syllabus needs no further mandate at C2–D, nor does who commissioned contract education. */
function established({ input, profile }: Plan): boolean {
  if (!profile.mandate.demand.bases.includes('established-syllabus')) return false
  const { achievement, register } = input
  const bodies = [achievement.syllabus?.establishedBy, achievement.contractEducation?.commissioner]
  return bodies.includes(achievement.awards) && register.organisations.some(({ id }) => id === achievement.awards)
}

function accreditation(plan: Plan): Finding {
  const { achievement, register } = plan.input
  const rule = `${plan.profile.mandate.rule}.accreditation`
  const held = register.accreditations.filter(
    (one: Accreditation) =>
      one.organisation === achievement.examines &&
      covers(achievement.id, one) &&
      one.standard === achievement.standard?.id,
  )
  if (held.some((one) => holdsThroughout(plan, one))) {
    return passed(rule, text('Ackrediteringen gällde på båda datumen', 'Accreditation valid on both dates'))
  }
  const because =
    held.length === 0
      ? text('Ingen ackreditering för standarden', 'No accreditation for the standard')
      : text(
          'Ackrediteringen gällde inte vid både provet och beslutet',
          'Accreditation was not valid at both exam and decision',
        )
  return short(rule, { outcome: 'failed', because, missing: text('Giltig ackreditering', 'Valid accreditation') })
}

function higherEducation({ input, profile }: Plan): Finding {
  const rule = `${profile.mandate.rule}.higher-education`
  const body = input.register.organisations.find(({ id }) => id === input.achievement.awards)
  if (body?.higherEducation === true)
    return passed(rule, text('Utfärdas av ett lärosäte', 'Awarded by a higher education institution'))
  const says = text('Ett lärosäte som utfärdar', 'A higher education institution that awards')
  return short(rule, {
    outcome: 'failed',
    because: text('Den som utfärdar är inget lärosäte', 'The awarding body is no higher education institution'),
    missing: says,
  })
}

/** Somebody who may examine is appointed; who it was is asked again of each approval. */
function examiner(plan: Plan): Finding {
  const { register, achievement } = plan.input
  const rule = `${plan.profile.mandate.rule}.examiner`
  const appointed = register.appointments.some(
    (one: Appointment) =>
      one.role === 'examiner' &&
      one.by === achievement.awards &&
      covers(achievement.id, one) &&
      holdsThroughout(plan, one),
  )
  if (appointed) return passed(rule, text('Utsedd examinator finns', 'An appointed examiner exists'))
  const missing = text(
    'En examinator utsedd av lärosätet, giltig på båda datumen',
    'An examiner appointed by the institution, valid on both dates',
  )
  return short(rule, {
    outcome: 'failed',
    because: text('Ingen utsedd examinator på båda datumen', 'No examiner appointed on both dates'),
    missing,
  })
}
