/** What can be earned in these tests, and who may report it later. */
import type { RegisterItem } from '#db/register-items.ts'
import type { Achievement } from '#domain/register.ts'
import { as, type OrganisationId } from '#domain/words.ts'

const home = as<OrganisationId>('norrsken')
export const achievementId = 'stroke-care'

/** Promises C2–D: one appointed person approves, and must not have taught the learner. */
export function achievement(): RegisterItem & { readonly body: Achievement } {
  const text = { sv: 'Strokevård', en: 'Stroke care' }
  const body: Achievement = {
    id: achievementId,
    version: 1,
    band: 'C2-D',
    name: text,
    description: text,
    criteria: text,
    outcomes: [{ id: 'o1', text, type: 'knowledge' }],
    structured: true,
    workloadHours: 40,
    trains: home,
    examines: home,
    awards: home,
    owner: { organisation: home },
    participation: 'online',
    languages: ['sv'],
    stackable: false,
    listApproval: true,
    test: true,
  }
  return { kind: 'achievement', id: `${achievementId}@1`, body }
}

/** Promises E, so that its events need no signature. */
export function openLecture(): RegisterItem {
  const { body } = achievement()
  return { kind: 'achievement', id: 'open-lecture@1', body: { ...body, id: 'open-lecture', band: 'E' } }
}

/** The emitter that was forgotten. */
export function openCourses(): RegisterItem {
  const name = { sv: 'Öppna kurser', en: 'Open courses' }
  return {
    kind: 'emitter',
    id: 'open-courses',
    body: {
      id: 'open-courses',
      name,
      owner: { organisation: home },
      kinds: ['completion'],
      introducesLearners: false,
      signed: 'optional',
      keys: [],
    },
  }
}
