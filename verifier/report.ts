/** What a verification of a package answers. Nothing defaults to passed: what was not looked at is told as such. */
import type { Bracket } from '#audit/brackets.ts'
import type { PackageProfile } from '#audit/package/profiles.ts'
import type { Answer, CheckOutcome } from '#credentials/verifying/report.ts'
import type { CriteriaJudgement } from '#domain/criteria.ts'
import type { PairJudgement } from '#domain/duties.ts'
import type { Text } from '#domain/words.ts'

export { type Answer, type CheckOutcome, couldNotCheck, failed, passed } from '#credentials/verifying/report.ts'

/** Of the package as a whole, in the order they are made (audit-log §7.4). */
export const packageChecks = [
  /** Archive or folder: limits, names, no two readings. */
  'container',
  'manifest',
  /** Every file as the manifest says, nothing unlisted, nothing missing. */
  'files',
  /** Signature of the log, by the verifier's own policy. */
  'checkpoint',
  /** Quorum of witnesses, by the verifier's own policy. */
  'witnesses',
  /** Stamped checkpoints of earlier sizes are beginnings of this log. */
  'consistency',
  /** Time-stamps of an outside authority. */
  'anchors',
  'sample',
  /** A whole log, computed anew. */
  'log',
  /** Nothing claims to be younger than the time it is verified at. */
  'clock',
] as const

/** Of each trail. */
export const trailChecks = [
  'canonical',
  'identity',
  'sequence',
  'chain',
  'seals',
  'unique',
  'types',
  'time',
  /** Every entry stands in the log, in the trail's order. */
  'inclusion',
  /** The trail had exactly so many entries at a stated size of the log. */
  'completeness',
  /** Every `at` lies between the time-stamps around it. */
  'brackets',
  'disclosures',
  /** Gates in their order, each once per version; clearance and signature only after them. */
  'order',
  /** Legal moves only (domain/issuance/transitions.ts). */
  'moves',
  /** Every recorded judgement comes out the same again. */
  'replay',
  'separation',
  'documents',
] as const

export type CheckId = (typeof packageChecks)[number] | (typeof trailChecks)[number]

export interface Check extends Answer {
  readonly id: CheckId
  /** Trail, for checks of one. */
  readonly trail?: string
}

export interface TimelineEntry {
  readonly n: number
  /** In the log, from 0; absent where that could not be established. */
  readonly index?: number
  readonly at: string
  readonly type: string
  /** What happened, for people. */
  readonly says: Text
  readonly meaning: string
  readonly outcome: string
  readonly reason?: string
  readonly actor: { readonly ref: string; readonly kind: string; readonly role: string; readonly name?: string }
  readonly bracket: Bracket
  /** What was opened, by name. */
  readonly disclosed: readonly { readonly name: string; readonly value: string }[]
  /** Digests that stay closed. */
  readonly closed: number
}

/** Who did what: persons as the log calls them, or by name where the package tells it. */
export interface DutyLine {
  readonly duty: string
  readonly says: Text
  readonly who: readonly string[]
}

export interface PairLine extends Omit<PairJudgement, 'pair' | 'persons'> {
  readonly pair: PairJudgement['pair'] | 'E4' | 'E5'
  readonly who: readonly string[]
}

export interface TrailReport {
  readonly trail: string
  readonly case: string
  readonly checks: readonly Check[]
  readonly timeline: readonly TimelineEntry[]
  readonly duties: readonly DutyLine[]
  readonly pairs: readonly PairLine[]
  /** F3: whether the criteria were there before the assessment began. Beside the checks, for no rule of the gates demands it. */
  readonly criteria: CriteriaJudgement
}

export interface PackageReport {
  readonly outcome: CheckOutcome
  /** One sentence, first of all. */
  readonly verdict: Text
  /**
   * What a passed package shows: its entries and that every gate judges the same again; its entries alone; or less, because the verifier
   * did without. Absent when it has not passed.
   */
  readonly shows?: 'judgements' | 'entries' | 'part'
  /** Whose checks were demanded; absent where the manifest cannot be read. */
  readonly demanded?: { readonly profile: PackageProfile; readonly by: 'verifier' | 'package' }
  /** What the package says of itself; the log proves none of it. */
  readonly stated?: {
    readonly kind: string
    readonly profile: PackageProfile
    readonly purpose: string
    readonly made: string
    readonly requester: string
  }
  /** What the log's signature and witnesses stand for. */
  readonly proved?: {
    readonly log: string
    readonly size: number
    readonly root: string
    readonly witnesses: readonly { readonly name: string; readonly time: string }[]
  }
  readonly checks: readonly Check[]
  readonly trails: readonly TrailReport[]
}

export const text = (sv: string, en: string): Text => ({ sv, en })

/** Both languages of what is said of one, else of what is said of none or several. */
export function counted(
  count: number,
  one: readonly [sv: string, en: string],
  several: readonly [sv: string, en: string],
): readonly [sv: string, en: string] {
  return count === 1 ? one : several
}

/** A few of many, for a sentence. */
export function few(items: readonly (string | number)[]): string {
  return items.length <= 3 ? items.join(', ') : `${items.slice(0, 3).join(', ')} … (${items.length})`
}
