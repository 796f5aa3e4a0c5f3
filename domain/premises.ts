/** Place and equipment of an examination, physical or virtual (levels.md, lokal och utrustning). */
import type { ProctoringReport } from '#domain/evidence.ts'
import type { Profile } from '#domain/policy/profile.ts'
import type { JudgedResult } from '#domain/results.ts'

export type PremisesProblem = 'not-named' | 'not-confirmed' | 'not-approved' | 'equipment'

/** What is wrong with the place of this result, or undefined when the band's demand holds. */
export function premisesProblem(
  { profile }: { readonly profile: Profile },
  { report }: JudgedResult,
): PremisesProblem | undefined {
  switch (profile.premises.demand.demands) {
    case 'approved':
      return report === undefined ? 'not-named' : approved(report)
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

function approved(report: ProctoringReport): PremisesProblem | undefined {
  const { setting, place, environment, equipment = [] } = report
  if (setting === 'online') {
    if (environment?.approved !== true) return 'not-approved'
    return confirmed(report)
  }
  if (place?.approved !== true) return 'not-approved'
  if (!place.confirmed) return 'not-confirmed'
  return equipment.length > 0 && equipment.every((station) => station.confirmed) ? undefined : 'equipment'
}
