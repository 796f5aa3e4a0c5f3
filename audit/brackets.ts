/**
 * Between which moments an entry came into a log, by time-stamps of authorities outside and not by anybody's clock in the house
 * (audit-log §6.3); without it a backdated entry would differ from an honest one by nothing.
 */

/** One verified time-stamp. Times are RFC 3339 in UTC with milliseconds. */
export interface Anchor {
  /** Size of the checkpoint that was stamped: it covers the entries below. */
  readonly size: number
  /** Position of the entry that tells of the time-stamp and names its digest. */
  readonly index: number
  readonly genTime: string
  /** How far off that may be by the authority's own word, in milliseconds. */
  readonly accuracyMs?: number
}

export interface Bracket {
  /** It had no place in the log yet at this time. */
  readonly after?: string
  /** It stood in the log at this time. */
  readonly before?: string
}

/**
 * The narrowest bracket that the anchors give for the entry at `index`. A checkpoint that covers it was stamped before `before`; an
 * entry that knows of the stamp of `after` stands below it, so it was placed later. What an entry says happened earlier may still be
 * true: the bracket is of its place in the log.
 */
export function bracketOf(index: number, anchors: readonly Anchor[]): Bracket {
  const after = anchors.filter((one) => one.index < index).map((one) => shifted(one, -1))
  const before = anchors.filter((one) => index < one.size).map((one) => shifted(one, 1))
  return {
    ...(after.length === 0 ? {} : { after: after.reduce((one, other) => (other > one ? other : one)) }),
    ...(before.length === 0 ? {} : { before: before.reduce((one, other) => (other < one ? other : one)) }),
  }
}

/**
 * An entry has its place a moment after it was written, and clocks differ by a little; beyond this no log that works explains it: its
 * issuing stands still when entries wait that long (audit-log §6.1).
 */
const toleranceMs = 60_000

/** What an entry's own time (`at`) says against its bracket. */
export function bracketProblem(at: string, { after, before }: Bracket): 'backdated' | 'dated-ahead' | undefined {
  const written = Date.parse(at)
  if (before !== undefined && written > Date.parse(before) + toleranceMs) return 'dated-ahead'
  return after !== undefined && written < Date.parse(after) - toleranceMs ? 'backdated' : undefined
}

/** The latest or earliest moment the authority may have meant. */
function shifted({ genTime, accuracyMs = 0 }: Anchor, sign: 1 | -1): string {
  return new Date(Date.parse(genTime) + sign * accuracyMs).toISOString()
}
