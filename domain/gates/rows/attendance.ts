/** Row "attendance" (närvarokontroll): took part, in what, under which routine. */

import type { Attendance } from '#domain/evidence.ts'
import { passed, short, text } from '#domain/gates/finding.ts'
import type { Finding } from '#domain/gates/verdict.ts'
import type { Plan } from '#domain/plan.ts'
import { completable } from '#domain/policy/cell.ts'
import { wasPresent } from '#domain/results.ts'
import type { EvidenceId, Text } from '#domain/words.ts'

export function attendanceRow(plan: Plan): Finding[] {
  const { rule, text: says } = plan.profile.attendance
  const problem = problemOf(plan)
  const evidence = evidenceOf(plan)
  if (problem === undefined)
    return [passed(rule, text('Närvaro enligt bandet', 'Attendance as the band demands'), evidence)]
  return [short(rule, { outcome: 'missing', because: problem, missing: says, evidence })]
}

function problemOf(plan: Plan): Text | undefined {
  switch (plan.profile.attendance.demand.demands) {
    case 'routine':
      return routine(plan) ?? partsDone(plan) ?? atTheExam(plan)
    case 'compulsory-parts':
      return partsDone(plan) ?? atTheExam(plan)
    case 'roster':
      return onRoster(plan)
    case 'authenticated':
      return tookPartInRoute(plan)
    case 'took-part':
      return tookPart(plan)
    case 'access':
      return plan.participation === undefined && plan.facts.completions.length === 0
        ? text('Ingen tillgång belagd', 'No access on record')
        : undefined
  }
}

/** The routine's version, in the training and at the exam. */
function routine({ facts, chosen }: Plan): Text | undefined {
  const training = attendances(facts).some((attendance) => attendance.routine !== undefined)
  const exam = chosen.length > 0 && chosen.every(({ report }) => report?.routine !== undefined)
  return training && exam ? undefined : text('Närvarorutin med version saknas', 'No versioned attendance routine')
}

function partsDone({ facts }: Plan): Text | undefined {
  const parts = attendances(facts).flatMap((attendance) => attendance.parts ?? [])
  if (parts.length === 0) return text('Inga delar redovisade', 'No parts on record')
  const attended = new Set(parts.filter((part) => part.attended).map((part) => part.id))
  const open = [...new Set(parts.filter((part) => part.compulsory && !attended.has(part.id)).map((part) => part.id))]
  if (open.length === 0) return undefined
  return text(
    `Obligatoriska delar utan närvaro: ${open.join(', ')}`,
    `Compulsory parts not attended: ${open.join(', ')}`,
  )
}

function atTheExam({ chosen }: Plan): Text | undefined {
  const present = chosen.length > 0 && chosen.every(wasPresent)
  return present ? undefined : text('Ingen närvarolista från provet', 'No roster from the exam')
}

function onRoster(plan: Plan): Text | undefined {
  const roster = attendances(plan.facts).some((attendance) => attendance.roster === true)
  return roster ? undefined : atTheExam(plan)
}

function tookPartInRoute({ route, profile, participation, chosen }: Plan): Text | undefined {
  if (route === 'results') return chosen.length > 0 ? undefined : text('Inget test taget', 'No test taken')
  const attendance = participation?.attendance
  if (attendance === undefined || attendance.form === 'access') return text('Deltog inte', 'Did not take part')
  if (route === 'project') return undefined
  if (attendance.discussion !== true) return text('Inget bidrag till diskussionen', 'No contribution to the discussion')
  const { share } = profile.attendance.demand
  return (attendance.share ?? 0) >= share
    ? undefined
    : text(`Deltog mindre än ${share * 100} % av tiden`, `Took part for less than ${share * 100} % of the time`)
}

/** An event that was not joined live was watched afterwards: that is access, not taking part (levels.md, E | F). */
function tookPart({ participation }: Plan): Text | undefined {
  const attendance = participation?.attendance
  const fulfilled = attendance?.form === 'completed' && completable.includes(attendance.activity)
  return attendance?.form === 'live' || fulfilled
    ? undefined
    : text('Varken deltog direkt eller fullföljde', 'Neither joined live nor completed')
}

function attendances(facts: Plan['facts']): Attendance[] {
  return facts.participations.flatMap(({ attendance }) => (attendance === undefined ? [] : [attendance]))
}

function evidenceOf({ facts, chosen, participation }: Plan): EvidenceId[] {
  const own = participation === undefined ? facts.participations : [participation]
  const attended = own.filter((fact) => fact.attendance !== undefined)
  return [...attended.map(({ id }) => id), ...chosen.flatMap(({ report }) => (report === undefined ? [] : [report.id]))]
}
