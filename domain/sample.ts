/** Drawing a sample that anybody can draw again; without it "we picked some" would be a claim (audit-log §12, J4). */

/** One that may be drawn. */
export interface Member {
  readonly id: string
  /** What it shares with others of its stratum; the same number of texts for all, none where there are no strata. */
  readonly stratum: readonly string[]
}

export interface Drawn {
  /** In the order drawn: stratum by stratum in ascending order. */
  readonly ids: readonly string[]
  readonly counts: readonly {
    readonly stratum: readonly string[]
    readonly population: number
    readonly drawn: number
  }[]
}

/**
 * Draws `size` members, at most all: as many of each stratum as `sharesOf` says, within a stratum as `shuffled` does. The same
 * population, size and seed give the same sample.
 *
 * @param seed 32 hexadecimal digits, not all zero
 */
export function drawFrom(
  population: readonly Member[],
  { size, seed }: { readonly size: number; readonly seed: string },
): Drawn {
  const next = generator(seed)
  const strata = strataOf(population)
  const shares = sharesOf(
    strata.map(({ ids }) => ids.length),
    Math.min(size, population.length),
  )
  const drawn = strata.map(({ ids }, index) => shuffled(ids, { count: shares[index] ?? 0, next }))
  return {
    ids: drawn.flat(),
    counts: strata.map(({ stratum, ids }, index) => ({
      stratum,
      population: ids.length,
      drawn: drawn[index]?.length ?? 0,
    })),
  }
}

interface Stratum {
  readonly stratum: readonly string[]
  readonly ids: string[]
}

/** Ascending by their texts' JSON. */
function strataOf(population: readonly Member[]): Stratum[] {
  const byKey = new Map<string, Stratum>()
  for (const { id, stratum } of population) {
    const key = JSON.stringify(stratum)
    const found = byKey.get(key)
    if (found === undefined) byKey.set(key, { stratum, ids: [id] })
    else found.ids.push(id)
  }
  return [...byKey].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one)
}

/**
 * How many of each stratum: first one of each, largest strata first while there are enough to go round; each further one goes to the
 * stratum that is furthest below its exact share. Ties go to the earlier stratum.
 */
function sharesOf(sizes: readonly number[], wanted: number): number[] {
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const shares = sizes.map(() => 0)
  const bySize = sizes.map((_, index) => index).toSorted((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0) || a - b)
  let left = wanted
  for (const index of bySize.slice(0, left)) {
    shares[index] = 1
    left -= 1
  }
  for (; left > 0; left -= 1) {
    const [next] = sizes
      .map((size, index) => ({
        index,
        short: (size * wanted) / total - (shares[index] ?? 0),
        isFull: shares[index] === size,
      }))
      .filter(({ isFull }) => !isFull)
      .toSorted((a, b) => b.short - a.short || a.index - b.index)
    if (next === undefined) break
    shares[next.index] = (shares[next.index] ?? 0) + 1
  }
  return shares
}

/** The first `count` of a Fisher–Yates shuffle of the ids in ascending order. */
export function shuffled<Id extends string>(
  ids: readonly Id[],
  { count, next }: { readonly count: number; readonly next: () => number },
): Id[] {
  const left = ids.toSorted()
  const drawn: Id[] = []
  for (const size = Math.min(count, left.length); drawn.length < size; ) {
    const [one] = left.splice(below(left.length, next), 1)
    if (one !== undefined) drawn.push(one)
  }
  return drawn
}

/** Without the bias that a remainder of 2^32 would leave. */
function below(limit: number, next: () => number): number {
  const fair = 2 ** 32 - (2 ** 32 % limit)
  for (;;) {
    const word = next()
    if (word < fair) return word % limit
  }
}

/** xoshiro128** by Blackman and Vigna, in unsigned 32-bit words; its state is the seed as four big-endian words. */
export function generator(seed: string): () => number {
  const word = (at: number) => Number.parseInt(seed.slice(at * 8, at * 8 + 8), 16) >>> 0
  let [a, b, c, d] = [word(0), word(1), word(2), word(3)]
  return () => {
    const result = Math.imul(rotated(Math.imul(b, 5), 7), 9) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = rotated(d, 11)
    return result
  }
}

function rotated(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits))
}
