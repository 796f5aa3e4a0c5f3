/** The one achievement of these tests. */
import type { RegisterItem } from '#db/register-items.ts'
import type { Achievement } from '#domain/register.ts'
import { as, type OrganisationId } from '#domain/words.ts'

const home = as<OrganisationId>('norrsken')
export const achievementId = 'stroke-care'

/** Promises C2–D: one appointed person approves, and must not have taught the learner. */
export function achievement(): RegisterItem {
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
    test: true,
  }
  return { kind: 'achievement', id: `${achievementId}@1`, body }
}
