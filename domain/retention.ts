/** How long each kind of data is kept, by whose decision: without it disposal would be somebody's habit, and early disposal nobody's fault (checklist I1). */
import type { ArchiveGround, ErasureBasis, ErasureClass } from '#domain/erasure.ts'
import { plusSeconds } from '#domain/time.ts'
import type { Instant } from '#domain/words.ts'

/** `forever`: never; `after-end`: so many days after the case ended; `until-expiry`: so many days after its last credential has expired. */
export const keepings = ['forever', 'after-end', 'until-expiry'] as const
export type Keeping = (typeof keepings)[number]

export interface RetentionRule {
  readonly id: string
  readonly classes: readonly ErasureClass[]
  readonly keep: Keeping
  readonly days: number
  readonly basis: ErasureBasis
  readonly archive?: ArchiveGround
  /** Reference of the decision by which it is kept so long and no longer. */
  readonly decision: string
}

/** What of a case says how long it is kept. */
export interface Kept {
  readonly endedAt: Instant
  /** When the last of its credentials expires; `never` where one does not, absent where there is none. */
  readonly expiresAt?: Instant | 'never'
}

const daySeconds = 86_400

/** When the rule lets a case's data go; undefined: never. */
export function dueOn({ keep, days }: RetentionRule, { endedAt, expiresAt = endedAt }: Kept): Instant | undefined {
  const from = keep === 'until-expiry' ? expiresAt : endedAt
  if (keep === 'forever' || from === 'never') return undefined
  return plusSeconds(from, days * daySeconds)
}

/** True when some of these classes must still be kept: a rule covers one, and its time has not come. */
export function isEarly(
  rules: readonly RetentionRule[],
  classes: readonly ErasureClass[],
  { kept, now }: { readonly kept: Kept; readonly now: Instant },
): boolean {
  return rules
    .filter((rule) => rule.classes.some((one) => classes.includes(one)))
    .some((rule) => {
      const due = dueOn(rule, kept)
      return due === undefined || due > now
    })
}
