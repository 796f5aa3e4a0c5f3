/** What makes a case wait for a person, also where the level would hold without it (levels.md: open flag, suspected irregularity). */
import { short, text } from '#domain/gates/finding.ts'
import type { Finding } from '#domain/gates/verdict.ts'
import { judgeIncidents } from '#domain/incidents.ts'
import type { Plan } from '#domain/plan.ts'

/** One finding per incident that nobody has decided, unless a needed result says so already. Levels are computed without these. */
export function pauses(plan: Plan): Finding[] {
  const told = plan.chosen
    .filter(({ standing }) => standing === 'flagged' || standing === 'suspected')
    .map(({ result }) => result.occasion)
  return judgeIncidents(plan.input, plan.facts)
    .filter(({ occasion }) => !told.includes(occasion))
    .flatMap(({ state, evidence }) => {
      if (state === 'flagged') return [short(`${plan.profile.assessment.rule}.flag`, { ...flagged, evidence })]
      if (state === 'suspected') return [short(`${plan.profile.assessment.rule}.suspicion`, { ...suspected, evidence })]
      return []
    })
}

/** A machine flag waits for a human finding and fails nobody. */
export const flagged = {
  outcome: 'missing',
  because: text(
    'En maskinell flagga är inte prövad av en människa',
    'A machine flag has not been looked at by a person',
  ),
  missing: text('En människas utlåtande om flaggan', 'A human finding on the flag'),
} as const

export const suspected = {
  outcome: 'could-not-check',
  because: text('Misstänkt oegentlighet, ännu inte avgjord', 'A suspected irregularity is not decided yet'),
  missing: text('Beslut av den som får avgöra misstanken', 'A decision by who may decide on the suspicion'),
} as const
