/** Row "separation": was everyone who taught, scored, checked and confirmed apart from each other as the band demands? */
import { passed, short, text } from '#domain/gates/finding.ts'
import type { Finding } from '#domain/gates/verdict.ts'
import { actsAreVoid, isUnknown, sameOwner } from '#domain/people.ts'
import { type Plan, type ScorerProblem, scorerProblem } from '#domain/plan.ts'
import type { OrganisationId, Text } from '#domain/words.ts'

export function separationRow(plan: Plan): Finding[] {
  const { demand, rule } = plan.profile.separation
  const findings = [
    ...(demand.organisations ? [organisations(plan)] : []),
    ...(demand.teachersKnown ? [teachersKnown(plan)] : []),
    ...(demand.scorers === 'none' ? [] : scorers(plan)),
    ...(demand.confirmerNotLearner ? confirmer(plan) : []),
  ]
  return findings.length > 0
    ? findings
    : [passed(rule, text('Bandet kräver ingen åtskillnad här', 'The band demands no separation here'))]
}

/** By legal body and by owner group; the bodies that really taught and assessed, not only the declared ones. */
function organisations({ input, profile, facts, chosen }: Plan): Finding {
  const rule = `${profile.separation.rule}.organisations`
  const { achievement, register } = input
  const training = unique([achievement.trains, ...facts.named.trainers])
  const certifying = unique([
    achievement.awards,
    achievement.examines,
    ...chosen.map(({ result }) => result.organisation),
  ])
  const answers = training.flatMap((one) => certifying.map((other) => sameOwner(register, one, other)))
  if (answers.every((same) => same === false)) {
    return passed(
      rule,
      text(
        'Den som utbildar och den som certifierar är skilda organisationer',
        'Who trains and who certifies are separate organisations',
      ),
    )
  }
  const missing = text(
    'Certifiering av en organisation skild från utbildaren, även i ägargrupp',
    'Certification by an organisation separate from the trainer, also by owner group',
  )
  return answers.includes(true)
    ? short(rule, {
        outcome: 'failed',
        because: text('Den som utbildar certifierar också', 'Who trains also certifies'),
        missing,
      })
    : short(rule, {
        outcome: 'could-not-check',
        because: text('En organisation är inte registrerad', 'An organisation is not in the register'),
        missing,
      })
}

function unique(ids: readonly OrganisationId[]): OrganisationId[] {
  return [...new Set(ids)]
}

function teachersKnown({ profile, facts }: Plan): Finding {
  const rule = `${profile.separation.rule}.teachers-known`
  const { known, evidence } = facts.teachers
  if (known) return passed(rule, text('Lärarlistan är hel', 'The list of teachers is whole'), evidence)
  return short(rule, {
    outcome: 'missing',
    because: text(
      'Vilka som undervisat är inte känt: listan saknas, är tom, ofullständig eller har okända personer',
      'Who taught is not known: the list is absent, empty, incomplete or has unknown persons',
    ),
    missing: text(
      'En hel lista över dem som undervisat, från en källa som får intyga det',
      'A whole list of those who taught, from a source that may vouch for it',
    ),
    evidence,
  })
}

const scorerProblems: Readonly<
  Record<ScorerProblem, { because: Text; outcome: 'failed' | 'missing' | 'could-not-check' }>
> = {
  teacher: {
    outcome: 'failed',
    because: text('Bedömaren har undervisat den lärande', 'The scorer has taught the learner'),
  },
  unknown: {
    outcome: 'could-not-check',
    because: text('En bedömare eller en arbetsgivare är inte känd', 'A scorer or an employer is not known'),
  },
  nobody: { outcome: 'missing', because: text('Ingen bedömare angiven', 'No scorer named') },
  employer: {
    outcome: 'failed',
    because: text('Bedömaren har samma arbetsgivare som den lärande', "The scorer has the learner's employer"),
  },
  'teachers-unknown': {
    outcome: 'could-not-check',
    because: text(
      'Utan känd lärarlista kan bedömaren inte åtskiljas',
      'Without a known list of teachers the scorer cannot be told apart',
    ),
  },
}

function scorers(plan: Plan): Finding[] {
  const rule = `${plan.profile.separation.rule}.scorer`
  const { demand } = plan.profile.separation
  const missing = demand.scorersNotEmployer
    ? text(
        'Bedömare som inte undervisat och har en annan arbetsgivare än den lärande',
        "Scorers who have not taught and have another employer than the learner's",
      )
    : text('En bedömare som inte undervisat den lärande', 'A scorer who has not taught the learner')
  const problems = plan.chosen.flatMap((judged) => {
    const problem = scorerProblem(plan, judged)
    return problem === undefined
      ? []
      : [short(rule, { ...scorerProblems[problem], missing, evidence: [judged.result.id] })]
  })
  if (plan.chosen.length === 0) {
    return [
      short(rule, { outcome: 'missing', because: text('Inget resultat att pröva', 'No result to judge'), missing }),
    ]
  }
  const evidence = plan.chosen.map(({ result }) => result.id)
  return problems.length > 0
    ? problems
    : [passed(rule, text('Bedömaren är åtskild', 'The scorer is separate'), evidence)]
}

function confirmer({ input, profile, route, participation }: Plan): Finding[] {
  const by = participation?.attendance?.confirmedBy
  if (by === undefined || (route !== 'gathering' && route !== 'project')) return []
  const rule = `${profile.separation.rule}.confirmer`
  const evidence = participation === undefined ? [] : [participation.id]
  const missing = text(
    'Bekräftelse av en känd person utan jäv, inte den lärande',
    'Confirmation by a known person without conflict, not the learner',
  )
  if (isUnknown(by)) {
    return [
      short(rule, {
        outcome: 'could-not-check',
        because: text('Den som bekräftar är inte känd', 'Who confirms is not known'),
        missing,
        evidence,
      }),
    ]
  }
  if (actsAreVoid(input.register, by, input.case.learner)) {
    return [
      short(rule, {
        outcome: 'failed',
        because: text(
          'Den lärande eller en jävig person har bekräftat',
          'The learner or somebody with a conflict has confirmed',
        ),
        missing,
        evidence,
      }),
    ]
  }
  return [
    passed(
      rule,
      text('Bekräftat av någon annan än den lärande', 'Confirmed by somebody other than the learner'),
      evidence,
    ),
  ]
}
