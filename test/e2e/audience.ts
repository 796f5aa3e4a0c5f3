/** A hall full of learners, for sessions that many complete together. */
import type { Register } from '#config/register/load.ts'
import type { EventDraft } from '#dev/demo/emitters.ts'
import { as, type PersonId } from '#domain/words.ts'
import { joined, offeringOf, webinar } from './courses.ts'

export const seats = Array.from({ length: 200 }, (_, index) => `p${index}`)

/** A register with enough learners for a full hall. */
export function withAudience(register: Register): Register {
  const audience = seats.map((seat) => ({
    id: as<PersonId>(`pers_${seat}`),
    name: `Publik ${seat}`,
    references: [{ scheme: 'webb', value: `w-00${seat}` }],
    employments: [],
    managers: [],
    protected: false,
  }))
  return { ...register, people: [...register.people, ...audience] }
}

export const session = (seat: string, key: string) => offeringOf(seat, 'validering-information', key)

/** Both facts of somebody who only joined: band E. */
export function joining(seat: string, key: string): { completion: EventDraft; attendance: EventDraft } {
  const [completion, attendance] = webinar(session(seat, key), joined, { login: false })
  if (completion === undefined || attendance === undefined) throw new Error('a webinar is told by two events')
  return { completion, attendance }
}
