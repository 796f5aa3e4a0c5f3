/** Remembers what was worked out last, so that the same key or list is not unpacked for each of a thousand credentials; bounded. */

/**
 * `make`, asked once per name as long as the name is among the `limit` last used. What it makes must depend on the name alone; a
 * rejected promise is kept like any other, so `make` answers instead of throwing.
 */
export function lastUsed<Made>(limit: number, make: (name: string) => Made): (name: string) => Made {
  const known = new Map<string, Made>()
  return (name) => {
    const made = known.has(name) ? (known.get(name) as Made) : make(name)
    // A map keeps the order of insertion: taken out and put back, it is the youngest.
    known.delete(name)
    known.set(name, made)
    const [oldest] = known.keys()
    if (known.size > limit && oldest !== undefined) known.delete(oldest)
    return made
  }
}
