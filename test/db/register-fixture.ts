/** A small register to apply, with a knob for each thing a test changes. */
import type { RegisterItem, RegisterToApply } from '#db/register-items.ts'
import { achievementItemId } from '#db/register-items.ts'
import type { Achievement, Appointment, Person } from '#domain/register.ts'
import { as, type Instant, type InstitutionId, type OrganisationId, type PersonId } from '#domain/words.ts'

export const long = { from: as<Instant>('2020-01-01T00:00:00.000Z') }
const school = as<OrganisationId>('skolan')
const text = (words: string) => ({ sv: words, en: words })

export const person = (id: string, name?: string): RegisterItem<'person'> => ({
  kind: 'person',
  id,
  body: { id: as<PersonId>(id), protected: false, employments: [], managers: [] } satisfies Person,
  ...(name === undefined ? {} : { personal: { name, birthDate: '1990-01-01' } }),
})

export const appointment = (
  id: string,
  of: string,
  rest: Partial<Pick<Appointment, 'role' | 'achievements' | 'order'>> = {},
): RegisterItem<'appointment'> => ({
  kind: 'appointment',
  id,
  body: { id, person: as<PersonId>(of), role: 'examiner', by: school, order: 1, ...long, ...rest },
})

export const achievement = (id: string, version: number, words = id): RegisterItem<'achievement'> => ({
  kind: 'achievement',
  id: achievementItemId(id, version),
  body: {
    id,
    version,
    band: 'E',
    name: text(words),
    description: text(words),
    criteria: text(words),
    outcomes: [],
    structured: false,
    trains: school,
    examines: school,
    awards: school,
    owner: { organisation: school },
    participation: 'online',
    languages: ['sv'],
    stackable: false,
    workloadHours: 2.5,
    test: true,
  } satisfies Achievement,
})

export const organisation: RegisterItem<'organisation'> = {
  kind: 'organisation',
  id: school,
  body: { id: school, name: text('Skolan'), country: 'SE', roles: ['trains'], higherEducation: false },
}

export const conflict = (id: string, of: string, learner?: string): RegisterItem<'conflict'> => ({
  kind: 'conflict',
  id,
  body: {
    person: as<PersonId>(of),
    declaredAt: long.from,
    reason: 'kin',
    ...(learner === undefined ? {} : { learner: as<PersonId>(learner) }),
  },
})

export function registerOf(
  institution: InstitutionId,
  items: readonly RegisterItem[],
  rest: Partial<Pick<RegisterToApply, 'references' | 'links'>> = {},
): RegisterToApply {
  return {
    institution: {
      id: institution,
      origin: `log.example.test/${institution}`,
      body: { name: { sv: 'Norrsken', en: 'Norrsken' } },
    },
    items: [organisation, ...items],
    references: [],
    links: [],
    ...rest,
  }
}
