/** Rows as intake leaves them, made into patterns from which as many alike can be written; without it the floor would insert something else. */
import { createHash } from 'node:crypto'

export interface Column {
  readonly name: string
  readonly type: string
}

/** Rows of one table, every value as Postgres prints it. */
export interface Sample {
  /** Schema and name. */
  readonly table: string
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly (string | null)[])[]
}

/** Whose a name is: an event's, or the learner's whom many events are about. */
export type Owner = 'event' | 'learner'

/** What differs from one event to the next, as it stands in the sample: ids, keys in hexadecimal, uuids. */
export type Names = Readonly<Record<string, Owner>>

/** The new names' seeds, and the number its source gave the event. */
export interface Seeds extends Readonly<Record<Owner, string>> {
  readonly sequence: number
}

/** Text that stays, a name that is made anew (`hex` where it stands inside printed bytes), or the event's number. */
type Part = string | { readonly name: string; readonly owner: Owner; readonly hex: boolean } | { readonly number: true }

export interface Pattern {
  readonly table: string
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly (readonly Part[] | null)[])[]
}

/** Takes samples apart once, so that writing another row is no more than putting texts together. */
export function patternsOf(samples: readonly Sample[], names: Names): Pattern[] {
  const found = Object.keys(names).flatMap((name) => [name, hexOf(name)])
  const anyName = new RegExp(`(${found.join('|')})`)
  const partsOf = (cell: string | null, column: Column | undefined): Part[] | null => {
    if (cell === null) return null
    if (column?.name === 'sequence') return [{ number: true }]
    return cell.split(anyName).flatMap((text): Part[] => {
      const plain = names[text]
      if (plain !== undefined) return [{ name: text, owner: plain, hex: false }]
      const name = Object.keys(names).find((one) => hexOf(one) === text)
      const owner = name === undefined ? undefined : names[name]
      if (name !== undefined && owner !== undefined) return [{ name, owner, hex: true }]
      return text === '' ? [] : [text]
    })
  }
  return samples.map(({ table, columns, rows }) => ({
    table,
    columns,
    rows: rows.map((row) => row.map((cell, index) => partsOf(cell, columns[index]))),
  }))
}

/** The rows of a pattern under names of their own. */
export function rowsOf({ rows }: Pattern, seeds: Seeds): (string | null)[][] {
  const made = new Map<string, string>()
  const nameOf = (name: string, owner: Owner) => {
    const known = made.get(name) ?? renamed(name, seeds[owner])
    made.set(name, known)
    return known
  }
  const textOf = (part: Part) => {
    if (typeof part === 'string') return part
    if ('number' in part) return String(seeds.sequence)
    const name = nameOf(part.name, part.owner)
    return part.hex ? hexOf(name) : name
  }
  return rows.map((row) => row.map((cell) => cell?.map(textOf).join('') ?? null))
}

/** Another name of the same length and shape: its letters and digits from the seed, what divides or begins it as it was. */
export function renamed(name: string, seed: string): string {
  const prefix = /^[a-z]+_/.exec(name)?.[0] ?? ''
  const digits = createHash('sha256').update(`${seed}/${name}`).digest('hex')
  let used = 0
  const rest = name.slice(prefix.length).replaceAll(/[a-z0-9]/g, () => {
    used += 1
    return digits[(used - 1) % digits.length] ?? ''
  })
  return prefix + rest
}

function hexOf(text: string): string {
  return Buffer.from(text).toString('hex')
}
