/** The register as single items, as the database keeps their history; without it a change of one name would look like a new register. */
import type { InstitutionId, PersonId } from '#domain/words.ts'
import type { Register, RegisteredPerson } from './load.ts'

/**
 * A register flattened: what `applyRegister` of `db/register.ts` takes. Units stand in the institution's body, names and birth
 * dates apart from the person's body, because they are stored encrypted (contracts §10).
 */
export function registerItems(register: Register) {
  const { id, origin, ...institution } = register.institution
  return {
    institution: { id: id satisfies InstitutionId, origin, body: { ...institution, units: register.units } },
    items: [
      ...register.organisations.map((body) => ({ kind: 'organisation' as const, id: body.id, body })),
      ...register.people.map(personItem),
      ...register.appointments.map((body) => ({ kind: 'appointment' as const, id: body.id, body })),
      ...register.accreditations.map((body) => ({ kind: 'accreditation' as const, id: body.id, body })),
      ...register.mandates.map((body) => ({ kind: 'mandate' as const, id: body.id, body })),
      ...register.conflicts.map((body) => ({ kind: 'conflict' as const, id: conflictId(body), body })),
      ...register.emitters.map((body) => ({ kind: 'emitter' as const, id: body.id, body })),
      ...register.achievements.map((body) => ({
        kind: 'achievement' as const,
        id: `${body.id}@${body.version}`,
        body,
      })),
      ...register.tightenings.map((body) => ({ kind: 'tightening' as const, id: body.id, body })),
    ],
    references: register.people.flatMap(({ id: person, references }) => references.map((ref) => ({ ...ref, person }))),
    links: register.linked,
  }
}

function personItem({ name, birthDate, ...person }: RegisteredPerson) {
  const { id, employments, managers } = person
  const personal = { name, ...(birthDate === undefined ? {} : { birthDate }) }
  const body = { id, protected: person.protected, employments, managers }
  return { kind: 'person' as const, id, body, personal }
}

/** A conflict is its persons and its moment; declared again, it is another one. */
function conflictId(conflict: Register['conflicts'][number]): string {
  const learner: PersonId | 'everybody' = conflict.learner ?? 'everybody'
  return `${conflict.person}:${learner}:${conflict.declaredAt}`
}
