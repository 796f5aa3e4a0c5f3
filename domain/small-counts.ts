/** Counts that could single somebody out are not told. Without it a table of one learner's course would be a table about that learner. */

export interface Count {
  readonly name: string
  readonly count: number
}

export interface ToldCount {
  readonly name: string
  /** Null where the number would single out a few. */
  readonly count: number | null
}

/** Fewer than this many of a kind are not told apart. */
export const smallest = 5

/**
 * Hides numbers below `smallest`. Where that hides a single number, the next smallest goes too: else the hidden one could be
 * had by subtracting from a sum that stands elsewhere.
 */
export function tellCounts(counts: readonly Count[]): ToldCount[] {
  const rising = counts.filter(({ count }) => count > 0).toSorted((a, b) => a.count - b.count)
  const small = rising.filter(({ count }) => count < smallest).length
  const hidden = new Set(rising.slice(0, small === 1 ? 2 : small).map(({ name }) => name))
  return counts
    .filter(({ count }) => count > 0)
    .map(({ name, count }) => ({ name, count: hidden.has(name) ? null : count }))
}
