/** Rows "supervision", "premises and equipment" and "coverage": how the needed results came about and what they show. */
import { passed, short, text } from '#domain/gates/finding.ts'
import type { Finding } from '#domain/gates/verdict.ts'
import { type Plan, uncovered } from '#domain/plan.ts'
import { type PremisesProblem, premisesProblem } from '#domain/premises.ts'
import type { JudgedResult } from '#domain/results.ts'
import { type SupervisionProblem, supervisionProblem } from '#domain/supervision.ts'
import type { Text } from '#domain/words.ts'

type Failing = { readonly because: Text; readonly outcome: 'failed' | 'missing' | 'could-not-check' }

const supervisionProblems: Readonly<Record<SupervisionProblem, Failing>> = {
  unsupervised: {
    outcome: 'missing',
    because: text('Ingen räknad rapport om övervakning', 'No supervision report that counts'),
  },
  way: {
    outcome: 'missing',
    because: text('Inte övervakat på det sätt bandet kräver', 'Not supervised in the way the band demands'),
  },
  'invigilator-scored': {
    outcome: 'failed',
    because: text('En provvakt har också bedömt', 'An invigilator also scored'),
  },
  'no-invigilator': { outcome: 'missing', because: text('Ingen provvakt angiven', 'No invigilator named') },
  unknown: {
    outcome: 'could-not-check',
    because: text(
      'En provvakt eller bedömare är inte känd, så de kan vara samma person',
      'An invigilator or scorer is not known, so they could be the same person',
    ),
  },
  conflict: { outcome: 'failed', because: text('Provvakten är jävig', 'The invigilator has a conflict of interest') },
  absent: { outcome: 'failed', because: text('Den lärande var frånvarande', 'The learner was absent') },
}

const premisesProblems: Readonly<Record<PremisesProblem, Failing>> = {
  'not-named': {
    outcome: 'missing',
    because: text('Lokalen eller miljön är inte namngiven', 'The place or environment is not named'),
  },
  'not-confirmed': {
    outcome: 'missing',
    because: text('Lokalen, rummet eller enheten är inte bekräftad', 'The place, room or device is not confirmed'),
  },
  'not-approved': {
    outcome: 'missing',
    because: text('Lokalen eller miljön är inte godkänd', 'The place or environment is not approved'),
  },
  equipment: {
    outcome: 'missing',
    because: text('Utrustningen är inte bekräftad per station', 'Equipment is not confirmed per station'),
  },
}

export function supervisionRow(plan: Plan): Finding[] {
  const { rule, demand, text: says } = plan.profile.supervision
  if (demand.ways === 'none')
    return [passed(rule, text('Bandet kräver ingen övervakning', 'The band demands no supervision'))]
  return perResult(
    plan,
    { rule, says, ok: text('Övervakat enligt bandet', 'Supervised as the band demands') },
    (judged) => {
      const problem = supervisionProblem(plan, judged)
      return problem === undefined ? undefined : supervisionProblems[problem]
    },
  )
}

export function premisesRow(plan: Plan): Finding[] {
  const { rule, demand, text: says } = plan.profile.premises
  if (demand.demands === 'where' || demand.demands === 'none') return [where(plan)]
  return perResult(
    plan,
    { rule, says, ok: text('Lokal och utrustning enligt bandet', 'Place and equipment as the band demands') },
    (judged) => {
      const problem = premisesProblem(plan, judged)
      return problem === undefined ? undefined : premisesProblems[problem]
    },
  )
}

/** Place, platform, event or resource named somewhere, by the report, the attendance or the definition. */
function where({ input, profile, facts, participation }: Plan): Finding {
  const { rule, text: says } = profile.premises
  const { achievement } = input
  const report = facts.reports.find(({ place, environment }) => place !== undefined || environment !== undefined)
  const attended =
    participation?.attendance?.where === undefined
      ? facts.participations.find((fact) => fact.attendance?.where !== undefined)
      : participation
  const declared = profile.band === 'F' ? achievement.resource : achievement.eventDescription
  const evidence = [...(report === undefined ? [] : [report.id]), ...(attended === undefined ? [] : [attended.id])]
  if (evidence.length > 0 || (declared !== undefined && profile.band !== 'D-E')) {
    return passed(rule, text('Namngiven', 'Named'), evidence)
  }
  return short(rule, { outcome: 'missing', because: text('Inte namngiven', 'Not named'), missing: says })
}

export function coverageRow(plan: Plan): Finding[] {
  const { rule, demand, text: says } = plan.profile.coverage
  switch (demand.demands) {
    case 'none':
      return [passed(rule, text('Bandet kräver ingen täckning', 'The band demands no coverage'))]
    case 'one-passed':
      return [onePassed(plan)]
    case 'every-outcome-by-item':
    case 'every-outcome-summative':
      return [everyOutcome(plan, says), ...(demand.controlledTests ? [controlled(plan)] : [])]
  }
}

function everyOutcome(plan: Plan, says: Text): Finding {
  const { rule } = plan.profile.coverage
  const counting = plan.chosen.filter(({ standing }) => standing === 'counts')
  const open = uncovered(plan, counting)
  const evidence = counting.map(({ result }) => result.id)
  if (plan.input.achievement.outcomes.length === 0) {
    return short(rule, {
      outcome: 'failed',
      because: text('Inga läranderesultat är definierade', 'No learning outcomes are defined'),
      missing: says,
    })
  }
  if (open.length === 0) return passed(rule, text('Varje läranderesultat är visat', 'Every outcome is shown'), evidence)
  const list = open.join(', ')
  return short(rule, {
    outcome: 'missing',
    because: text(
      `Läranderesultat utan godkänt summativt resultat: ${list}`,
      `Outcomes without a passed summative result: ${list}`,
    ),
    missing: text(
      `Läranderesultat ${list} godkänt i ett summativt resultat`,
      `Outcome ${list} passed in a summative result`,
    ),
    evidence,
  })
}

/** A test inside the training that was taken under a routine of control. */
function controlled({ input, profile, results }: Plan): Finding {
  const rule = `${profile.coverage.rule}.controlled-tests`
  const inside = results.find(
    ({ result, standing }) =>
      result.controlled === true && standing === 'counts' && result.organisation !== input.achievement.examines,
  )
  if (inside !== undefined)
    return passed(rule, text('Prov i utbildningen kontrolleras', 'Tests inside the training are controlled'), [
      inside.result.id,
    ])
  const missing = text('Ett kontrollerat prov i utbildningen', 'A controlled test inside the training')
  return short(rule, {
    outcome: 'missing',
    because: text('Inget kontrollerat prov i utbildningen', 'No controlled test inside the training'),
    missing,
  })
}

function onePassed({ profile, route, chosen }: Plan): Finding {
  const { rule, text: says } = profile.coverage
  if (route !== 'results') return passed(rule, text('Vägen kräver inget prov', 'The route demands no test'))
  const [judged] = chosen
  if (judged?.standing === 'counts')
    return passed(rule, text('Ett godkänt resultat', 'One passed result'), [judged.result.id])
  return short(rule, { outcome: 'missing', because: text('Inget godkänt resultat', 'No passed result'), missing: says })
}

interface Says {
  readonly rule: string
  readonly says: Text
  readonly ok: Text
}

/** Every needed result must hold: the weakest link counts. */
function perResult(
  { chosen }: Plan,
  { rule, says, ok }: Says,
  problemOf: (judged: JudgedResult) => Failing | undefined,
): Finding[] {
  if (chosen.length === 0) {
    return [
      short(rule, {
        outcome: 'missing',
        because: text('Inget resultat att pröva', 'No result to judge'),
        missing: says,
      }),
    ]
  }
  const problems = chosen.flatMap((judged) => {
    const problem = problemOf(judged)
    return problem === undefined ? [] : [short(rule, { ...problem, missing: says, evidence: evidenceOf(judged) })]
  })
  return problems.length > 0 ? problems : [passed(rule, ok, chosen.flatMap(evidenceOf))]
}

function evidenceOf({ result, report }: JudgedResult) {
  return report === undefined ? [result.id] : [result.id, report.id]
}
