/** Place and equipment of an examination, physical or virtual (levels.md, lokal och utrustning). */
import type { AssessmentResult, ProctoringReport } from '#domain/evidence.ts'
import type { Profile } from '#domain/policy/profile.ts'
import type { JudgedResult } from '#domain/results.ts'

export type PremisesProblem = 'not-named' | 'not-confirmed' | 'not-approved' | 'equipment'

/** What is wrong with the place of this result, or undefined when the band's demand holds. */
export function premisesProblem(
  { profile }: { readonly profile: Profile },
  { report, result }: JudgedResult,
): PremisesProblem | undefined {
  switch (profile.premises.demand.demands) {
    case 'approved':
      return report === undefined ? 'not-named' : approved(report, result)
    case 'confirmed':
      return report === undefined || !isNamed(report) ? 'not-named' : confirmed(report)
    case 'named':
      return report !== undefined && isNamed(report) ? undefined : 'not-named'
    case 'where':
    case 'none':
      return undefined
  }
}

function isNamed({ place, environment }: ProctoringReport): boolean {
  return place !== undefined || environment !== undefined
}

function confirmed({ setting, place, environment }: ProctoringReport): PremisesProblem | undefined {
  if (setting === 'on-site') return place?.confirmed === true ? undefined : 'not-confirmed'
  return environment?.roomChecked === true && environment.deviceChecked ? undefined : 'not-confirmed'
}

function approved(report: ProctoringReport, result: AssessmentResult): PremisesProblem | undefined {
  const { setting, place, environment } = report
  if (setting === 'online') return environment?.approved === true ? confirmed(report) : 'not-approved'
  if (place?.approved !== true) return 'not-approved'
  if (!place.confirmed) return 'not-confirmed'
  return isEquipped(report, result) ? undefined : 'equipment'
}

/** Per station: each one told of is confirmed, and each one the practical result names is among them. */
function isEquipped({ equipment = [] }: ProctoringReport, { forms, items = [] }: AssessmentResult): boolean {
  const stations = items.filter(({ kind }) => kind === 'station').map(({ id }) => id)
  const confirmedAt = equipment.filter((one) => one.confirmed).map(({ station }) => station)
  const isPractical = forms.includes('practical') || stations.length > 0
  return (
    equipment.length === confirmedAt.length &&
    (equipment.length > 0 || !isPractical) &&
    stations.every((station) => confirmedAt.includes(station))
  )
}
