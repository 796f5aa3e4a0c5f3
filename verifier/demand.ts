/**
 * Which checks must have been made. A package shows what its readers' profile opens (audit/package/profiles.ts) and cannot show more; what
 * its reader was promised only the reader knows, for whoever hands over a poorer package calls it by a poorer profile.
 */
import { openings, type PackageProfile } from '#audit/package/profiles.ts'
import type { Check, CheckId } from '#verifier/report.ts'
import type { Trust } from '#verifier/trust.ts'

/** Demanded of every package whatever its profile, but for time-stamps, which are of whoever says which authorities they trust. */
const ofTime: ReadonlySet<CheckId> = new Set(['anchors', 'brackets'])
/** What it takes to judge the gates again: inputs. */
export const ofJudgement: ReadonlySet<CheckId> = new Set(['replay', 'separation'])
const ofDocuments: ReadonlySet<CheckId> = new Set(['documents'])

export interface Demanded {
  readonly profile: PackageProfile
  /** Whether the reader said so, or the package, which may say anything. */
  readonly by: 'verifier' | 'package'
}

/** The reader's word, else the package's. */
export function demandedOf({ profile }: Trust, stated: PackageProfile): Demanded {
  return profile === undefined ? { profile: stated, by: 'package' } : { profile, by: 'verifier' }
}

/** True for a check without which there is no "passed". Without a manifest that can be read everything is demanded. */
export function isDemanded({ id }: Pick<Check, 'id'>, { without, stamp }: Trust, demanded?: Demanded): boolean {
  if (without?.has(id) === true) return false
  if (ofTime.has(id)) return stamp !== undefined
  const { opens } = openings[demanded?.profile ?? 'court']
  if (ofJudgement.has(id)) return opens.includes('inputs')
  return ofDocuments.has(id) ? opens.includes('credentials') : true
}
