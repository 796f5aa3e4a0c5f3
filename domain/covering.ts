/** Sets of things that together give all that is needed. Without it one early sitting could hide a later one that holds. */

interface Question<T> {
  /** In the order of preference. */
  readonly from: readonly T[]
  readonly needs: readonly string[]
  readonly gives: (one: T) => readonly string[]
}

/** More alternatives than this are not looked at, however many results somebody sends. */
const mostSets = 48
const mostSteps = 4_000

/**
 * Sets without a superfluous member that give every need, preferred members first. Empty when there are none. The same
 * question always has the same answer.
 */
export function coveringSets<T>({ from, needs, gives }: Question<T>): T[][] {
  const given = from.map((one) => new Set(gives(one)))
  const found = new Map<string, readonly number[]>()
  let steps = 0
  const search = (chosen: readonly number[], open: readonly string[]): void => {
    steps += 1
    if (found.size >= mostSets || steps > mostSteps) return
    const [need] = open
    if (need === undefined) {
      const set = chosen.toSorted((a, b) => a - b)
      found.set(set.join(' '), set)
      return
    }
    for (const [index, needsGiven] of given.entries()) {
      if (needsGiven.has(need))
        search(
          [...chosen, index],
          open.filter((other) => !needsGiven.has(other)),
        )
    }
  }
  search([], needs)
  const sets = [...found.values()]
  const smallest = sets.filter((set) => !sets.some((other) => isProperPart(other, set)))
  return smallest.map((set) => from.filter((_, index) => set.includes(index)))
}

/** The members that together give most, where not everything can be given. */
export function bestPart<T>({ from, needs, gives }: Question<T>): T[] {
  const open = new Set(needs)
  return from.filter((one) => gives(one).filter((need) => open.delete(need)).length > 0)
}

function isProperPart(part: readonly number[], whole: readonly number[]): boolean {
  return part.length < whole.length && part.every((index) => whole.includes(index))
}
