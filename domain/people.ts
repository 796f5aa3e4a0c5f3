/** Who is who, and who may not act for whom. Without it separation would compare account names instead of persons. */
import type { Conflict, Person, RegisterView, Validity } from '#domain/register.ts'
import type { Instant, OrganisationId, PersonId, UnitId } from '#domain/words.ts'

/** A reference nobody is known by; it could be anybody, so it never proves that somebody is not somebody. */
export function isUnknown(person: PersonId): boolean {
  return person.startsWith('unknown:')
}

/** True when both ids are the same human being, also through linked identities. */
export function samePerson(register: RegisterView, a: PersonId, b: PersonId): boolean {
  return a === b || aliases(register, a).has(b)
}

/** Every id of this human being. */
export function aliases(register: RegisterView, person: PersonId): ReadonlySet<PersonId> {
  const found = new Set([person])
  const reach = [person]
  for (let id = reach.pop(); id !== undefined; id = reach.pop()) {
    for (const other of linkedTo(register, id)) {
      if (!found.has(other)) reach.push(other)
      found.add(other)
    }
  }
  return found
}

function linkedTo(register: RegisterView, id: PersonId): PersonId[] {
  return register.linked.flatMap(([a, b]) => (a === id ? [b] : b === id ? [a] : []))
}

export function isAmong(register: RegisterView, person: PersonId, others: readonly PersonId[]): boolean {
  const all = aliases(register, person)
  return others.some((other) => all.has(other))
}

/** A declared conflict always counts (levels.md). */
export function conflictOf(register: RegisterView, person: PersonId, learner: PersonId): Conflict | undefined {
  return register.conflicts.find(
    (conflict) =>
      samePerson(register, conflict.person, person) &&
      (conflict.learner === undefined || samePerson(register, conflict.learner, learner)),
  )
}

/** Acts on oneself and acts under a conflict of interest are void. */
export function actsAreVoid(register: RegisterView, person: PersonId, learner: PersonId): boolean {
  return samePerson(register, person, learner) || conflictOf(register, person, learner) !== undefined
}

export function isValidAt(validity: Validity, at: Instant): boolean {
  return validity.from <= at && (validity.until === undefined || at < validity.until)
}

export interface Employment {
  readonly organisation: OrganisationId
  readonly unit?: UnitId
}

/** Employments of a person under any of their ids, or undefined where the register does not know the person. */
export function employmentsAt(register: RegisterView, person: PersonId, at: Instant): Employment[] | undefined {
  const records = recordsOf(register, person)
  if (records.length === 0) return undefined
  return records.flatMap((record) => record.employments.filter((employment) => isValidAt(employment, at)))
}

/** One reports to the other, directly or through others. Undefined where either is not known. */
export function inLine(register: RegisterView, a: PersonId, b: PersonId): boolean | undefined {
  if (recordsOf(register, a).length === 0 || recordsOf(register, b).length === 0) return undefined
  return isAmong(register, b, superiors(register, a)) || isAmong(register, a, superiors(register, b))
}

/** The line upwards, as far as the register knows it. */
function superiors(register: RegisterView, person: PersonId): PersonId[] {
  const found = new Set<PersonId>()
  const reach = [person]
  for (let id = reach.pop(); id !== undefined; id = reach.pop()) {
    for (const manager of recordsOf(register, id).flatMap(({ managers }) => managers)) {
      if (!found.has(manager)) reach.push(manager)
      found.add(manager)
    }
  }
  return [...found]
}

function recordsOf(register: RegisterView, person: PersonId): Person[] {
  const all = aliases(register, person)
  return register.persons.filter((record) => all.has(record.id))
}

/** Same legal body, or bodies under one owner. Undefined where one is not in the register. */
export function sameOwner(register: RegisterView, a: OrganisationId, b: OrganisationId): boolean | undefined {
  if (a === b) return true
  const one = register.organisations.find((organisation) => organisation.id === a)
  const two = register.organisations.find((organisation) => organisation.id === b)
  if (one === undefined || two === undefined) return undefined
  return one.ownerGroup !== undefined && one.ownerGroup === two.ownerGroup
}
