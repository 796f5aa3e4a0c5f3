/** Row "assessment": was the right kind of assessment taken and passed, by whom it must be? */
import { passed, short, text } from '#domain/gates/finding.ts'
import { flagged, suspected } from '#domain/gates/pause.ts'
import type { Finding } from '#domain/gates/verdict.ts'
import type { Plan } from '#domain/plan.ts'
import { type JudgedResult, meetsStandard, type Standing } from '#domain/results.ts'
import type { Text } from '#domain/words.ts'

export function assessmentRow(plan: Plan): Finding[] {
  switch (plan.profile.assessment.demand.needs) {
    case 'summative-practical':
      return [...standing(plan), kinds(plan), ...thirdParty(plan)]
    case 'formative-and-summative':
      return [...standing(plan), kinds(plan), formative(plan), ...thirdParty(plan)]
    case 'route':
      return plan.route === 'results' ? oneTest(plan) : [routeTaken(plan)]
    case 'taking-part':
      return [tookPart(plan)]
    case 'access':
      return [access(plan)]
  }
}

/** Why a result does not count, and what would make it count. */
const standings: Readonly<
  Record<
    Exclude<Standing, 'counts'>,
    { because: Text; missing: Text; outcome: 'failed' | 'missing' | 'could-not-check' }
  >
> = {
  'not-passed': {
    outcome: 'failed',
    because: text('Resultatet är inte godkänt', 'The result is not a pass'),
    missing: text('Ett godkänt resultat, till exempel efter omprov', 'A passed result, for instance after a re-sit'),
  },
  void: {
    outcome: 'failed',
    because: text(
      'Alla som bedömt är jäviga, så bedömningen är ogiltig',
      'Everybody who scored has a conflict of interest, so the scores are void',
    ),
    missing: text('Ny bedömning av någon utan jäv', 'A new assessment by somebody without a conflict'),
  },
  flagged,
  suspected,
  deviation: {
    outcome: 'failed',
    because: text('Allvarlig avvikelse fastställd vid provet', 'A grave deviation was found at the exam'),
    missing: text('Ett nytt provtillfälle', 'A new examination occasion'),
  },
  absent: {
    outcome: 'failed',
    because: text('Den lärande var inte där enligt provrapporten', 'The learner was absent according to the report'),
    missing: text('Närvaro vid ett provtillfälle', 'Presence at an examination occasion'),
  },
}

function standing({ profile, chosen }: Plan): Finding[] {
  const bad = chosen.flatMap((judged) =>
    judged.standing === 'counts' ? [] : [{ ...standings[judged.standing], id: judged.result.id }],
  )
  return bad.map(({ outcome, because, missing, id }) =>
    short(`${profile.assessment.rule}.standing`, { outcome, because, missing, evidence: [id] }),
  )
}

function kinds({ profile, chosen }: Plan): Finding {
  const { rule, demand, text: says } = profile.assessment
  const enough =
    demand.needs === 'formative-and-summative' ? chosen.length > 0 : chosen.some(({ practical }) => practical)
  const evidence = idsOf(chosen)
  if (enough)
    return passed(
      rule,
      text('Summativ bedömning enligt bandet finns', 'Summative assessment as the band demands is on record'),
      evidence,
    )
  const because =
    chosen.length === 0
      ? text('Inget summativt resultat', 'No summative result')
      : text('Ingen summativ del är praktisk', 'No summative part is practical')
  return short(rule, { outcome: 'missing', because, missing: says, evidence })
}

/** Only a formative test itself: a summative one stands in for it in D–E alone. */
function formative({ profile, results }: Plan): Finding {
  const rule = `${profile.assessment.rule}.formative`
  const test = results.find(({ result, standing: stands }) => result.purpose === 'formative' && stands === 'counts')
  if (test !== undefined) return passed(rule, text('Formativt test taget', 'Formative test taken'), [test.result.id])
  const because = text('Inget godkänt formativt test', 'No passed formative test')
  return short(rule, { outcome: 'missing', because, missing: text('Ett formativt test', 'A formative test') })
}

function thirdParty({ input, profile, chosen }: Plan): Finding[] {
  const { demand, rule } = profile.assessment
  const { achievement } = input
  const isThirdParty = chosen.every(
    ({ result }) => result.organisation === achievement.examines && result.organisation !== achievement.trains,
  )
  const isToStandard = chosen.every((judged) => meetsStandard(input, judged))
  const findings = [
    demand.thirdParty &&
      fact(
        { rule: `${rule}.third-party`, holds: isThirdParty && chosen.length > 0, chosen },
        text('Bedömd av tredje part', 'Assessed by the third party'),
      ),
    demand.standard &&
      fact(
        { rule: `${rule}.standard`, holds: isToStandard && chosen.length > 0, chosen },
        text('Bedömd mot branschstandardens version', "Assessed against the industry standard's version"),
      ),
  ]
  return findings.filter((finding) => finding !== false)
}

function fact(
  { rule, holds, chosen }: { rule: string; holds: boolean; chosen: readonly JudgedResult[] },
  what: Text,
): Finding {
  const evidence = idsOf(chosen)
  if (holds) return passed(rule, what, evidence)
  const because = text(`Saknas: ${what.sv.toLowerCase()}`, `Lacking: ${what.en.toLowerCase()}`)
  return short(rule, { outcome: chosen.length === 0 ? 'missing' : 'failed', because, missing: what, evidence })
}

function oneTest({ profile, chosen }: Plan): Finding[] {
  const { rule, text: says } = profile.assessment
  const [judged] = chosen
  if (judged?.standing === 'counts')
    return [passed(rule, text('Väg 1: godkänt test', 'Route 1: a passed test'), [judged.result.id])]
  if (judged === undefined) {
    return [
      short(rule, {
        outcome: 'missing',
        because: text('Inget test, ingen diskussion, inget projekt', 'No test, no discussion, no project'),
        missing: says,
      }),
    ]
  }
  const { outcome, because, missing } = standings[judged.standing]
  return [short(rule, { outcome, because, missing, evidence: [judged.result.id] })]
}

function routeTaken({ profile, route, participation }: Plan): Finding {
  const { rule, text: says } = profile.assessment
  const attendance = participation?.attendance
  const evidence = participation === undefined ? [] : [participation.id]
  const took =
    attendance !== undefined && attendance.form !== 'access' && (route === 'project' || attendance.form === 'live')
  if (took)
    return passed(
      rule,
      route === 'project'
        ? text('Väg 3: projekt eller liknande', 'Route 3: project or the like')
        : text('Väg 2: gruppdiskussion i stunden', 'Route 2: live with group discussion'),
      evidence,
    )
  const because = text('Deltog inte i stunden', 'Did not take part live')
  return short(rule, { outcome: 'missing', because, missing: says, evidence })
}

function tookPart({ profile, participation }: Plan): Finding {
  const { rule, demand, text: says } = profile.assessment
  const attendance = participation?.attendance
  if (
    participation !== undefined &&
    attendance !== undefined &&
    demand.activities.includes(attendance.activity) &&
    attendance.form !== 'access'
  ) {
    return passed(rule, text('Deltog', 'Took part'), [participation.id])
  }
  return short(rule, {
    outcome: 'missing',
    because: text('Inget deltagande belagt', 'No taking part on record'),
    missing: says,
  })
}

function access({ profile, participation, facts }: Plan): Finding {
  const { rule, text: says } = profile.assessment
  const evidence = [
    ...(participation === undefined ? [] : [participation.id]),
    ...facts.completions.map(({ id }) => id),
  ]
  if (evidence.length > 0) return passed(rule, text('Hade tillgång', 'Had access'), evidence)
  return short(rule, {
    outcome: 'missing',
    because: text('Ingen tillgång belagd', 'No access on record'),
    missing: says,
  })
}

function idsOf(chosen: readonly JudgedResult[]) {
  return chosen.map(({ result }) => result.id)
}
