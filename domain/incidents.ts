/** What happened at an examination and what a person found about it. Without it a machine's flag would decide, or nobody. */
import type { CaseInput } from '#domain/case.ts'
import type { Incident, ProctoringReport } from '#domain/evidence.ts'
import type { Facts } from '#domain/facts.ts'
import { actsAreVoid, isUnknown } from '#domain/people.ts'
import type { EvidenceId } from '#domain/words.ts'

/** `flagged`: a machine flag waits for a human finding. `suspected`: an irregularity waits for who may decide. */
export type IncidentState = 'flagged' | 'suspected' | 'deviation' | 'clear'

export interface JudgedIncident {
  readonly occasion: string
  readonly state: IncidentState
  readonly evidence: readonly EvidenceId[]
}

/**
 * Every incident of the case, once however often its source told of it. What speaks against the learner counts from any
 * report and any person; what clears them only by a known person whose acts are not void, so that one more declared conflict
 * never clears anybody (levels.md: jäv).
 */
export function judgeIncidents(input: CaseInput, { named }: Facts): JudgedIncident[] {
  const told = named.reports.flatMap((report) => report.incidents.map((incident) => ({ report, incident })))
  return [...new Set(told.map(keyOf))].map((key) => {
    const tellings = told.filter((one) => keyOf(one) === key)
    return {
      occasion: tellings[0]?.report.occasion ?? '',
      state: stateOf(
        input,
        tellings.map(({ incident }) => incident),
      ),
      evidence: [...new Set(tellings.map(({ report }) => report.id))].toSorted(),
    }
  })
}

/** Suspicion outweighs a deviation: what is not decided yet is not yet a deviation. */
export function worstAt(incidents: readonly JudgedIncident[], occasion: string | undefined): IncidentState {
  const states = incidents.filter((one) => one.occasion === occasion).map(({ state }) => state)
  return (['suspected', 'flagged', 'deviation'] as const).find((state) => states.includes(state)) ?? 'clear'
}

function keyOf({ report, incident }: { report: ProctoringReport; incident: Incident }): string {
  return JSON.stringify([report.source.emitter, report.occasion, incident.id])
}

function stateOf(input: CaseInput, tellings: readonly Incident[]): IncidentState {
  const findings = tellings.flatMap(({ finding }) => (finding === undefined ? [] : [finding]))
  const says = (result: (typeof findings)[number]['result']) => findings.some((finding) => finding.result === result)
  const cleared = findings.some(
    ({ by, result }) =>
      result === 'no-deviation' && !isUnknown(by) && !actsAreVoid(input.register, by, input.case.learner),
  )
  if (says('suspected-irregularity')) return 'suspected'
  if (says('deviation')) return tellings.some(isGrave) ? 'deviation' : 'clear'
  if (cleared) return 'clear'
  // A grave incident told by a person is a suspicion until somebody has decided; a machine's is a flag.
  if (tellings.some((telling) => !telling.machine && isGrave(telling))) return 'suspected'
  return findings.length > 0 || tellings.some(({ machine }) => machine) ? 'flagged' : 'clear'
}

function isGrave({ severity }: Incident): boolean {
  return severity === 'major' || severity === 'critical'
}
