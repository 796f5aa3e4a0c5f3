/** Who is behind the pseudonyms of a package, for the profiles that may know (docs/audit-package.md, "persons.json"). */
import { howShown, openings, type PackageProfile } from '#audit/package/profiles.ts'
import type { RegisteredPerson } from '#db/queries/audit-package.ts'

export interface PersonLine {
  /** What entries call the person. */
  readonly ref?: string
  /** What inputs do. */
  readonly id?: string
  readonly name?: string
  readonly masked?: 'protected'
}

export interface Occurring {
  /** Who acted in entries, by pseudonym. */
  readonly people: ReadonlyMap<string, RegisteredPerson>
  readonly holder: RegisteredPerson
  /** Persons that opened inputs name by id. */
  readonly named: readonly (RegisteredPerson & { readonly ref?: string })[]
  readonly deciders: ReadonlySet<string>
}

/** Those the profile shows by name or as masked, by person; nobody else is told apart. */
export function personLines(
  profile: PackageProfile,
  { people, holder, named, deciders }: Occurring,
): ReadonlyMap<string, PersonLine> {
  const byKey = new Map<string, PersonLine>()
  if (openings[profile].names === 'nobody') return byKey
  const add = (person: RegisteredPerson, where: { ref?: string; id?: string }, decided: boolean) => {
    const isHolder = person.id === holder.id
    const shown = howShown(profile, { isProtected: person.protected !== false, isHolder, decided })
    if (shown === 'unnamed') return
    const said =
      shown === 'masked' ? { masked: 'protected' as const } : person.name === undefined ? {} : { name: person.name }
    byKey.set(person.id, { ...byKey.get(person.id), ...where, ...said })
  }
  for (const [ref, person] of people) add(person, { ref }, deciders.has(ref))
  for (const { ref, ...person } of named) add(person, { id: person.id, ...(ref === undefined ? {} : { ref }) }, false)
  add(holder, { id: holder.id }, false)
  return byKey
}

/** All lines of a package, each person once, in order. */
export function joinedLines(parts: readonly ReadonlyMap<string, PersonLine>[]): PersonLine[] {
  const joined = new Map<string, PersonLine>()
  for (const [person, line] of parts.flatMap((part) => [...part]))
    joined.set(person, { ...joined.get(person), ...line })
  const nameOf = ({ ref, id = '' }: PersonLine) => ref ?? id
  return [...joined.values()].toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
}
