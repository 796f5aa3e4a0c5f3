/** What a list of measurements says: without the spread a figure would look firmer than it is. */

export interface Spread {
  readonly min: number
  readonly median: number
  readonly max: number
}

/** The value below which the share `q` (0 to 1) of the values lie, by nearest rank. @throws RangeError for no values */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const found = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)]
  if (found === undefined) throw new RangeError('no values, no quantile')
  return found
}

/** The middle value; between two, their mean. @throws RangeError for no values */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [below = Number.NaN, above = Number.NaN] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]]
  if (sorted.length === 0) throw new RangeError('no values, no median')
  return (below + above) / 2
}

export function spread(values: readonly number[]): Spread {
  return { min: Math.min(...values), median: median(values), max: Math.max(...values) }
}
