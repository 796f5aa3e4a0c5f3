/** Band E, the automatic path: somebody joined an information session, and the system that held it says so. */
import type { Sent } from '#dev/demo/emitters.ts'
import * as f from '#dev/demo/facts.ts'
import { daysAgo } from '#dev/demo/moments.ts'
import type { Ground } from './ground.ts'
import { untilTaken } from './until.ts'

export interface Webinar {
  /** What was seen of each participant; sent before, as who joined is known before the session is over. */
  readonly attendances: readonly Sent[]
  /** One each; opens the case. */
  readonly completions: readonly Sent[]
}

let participants = 0

/** Events of so many people who have never been here before. */
export function webinarOf({ sender }: Pick<Ground, 'sender'>, size: number): Webinar {
  const people = Array.from({ length: size }, () => {
    participants += 1
    const at = {
      learner: `b${participants}`,
      achievement: 'validering-information',
      offering: `bench-${participants - (participants % 1_000)}`,
    }
    return { attendance: attended(at), completion: f.completed('webb', at) }
  })
  // In the order in which a source would number them.
  const attendances = people.map(({ attendance }) => sender.prepare(attendance))
  return { attendances, completions: people.map(({ completion }) => sender.prepare(completion)) }
}

function attended(at: f.At) {
  const session = {
    activity: 'information-session',
    form: 'live',
    setting: 'online',
    where: 'Zoom, möte 4711',
    share: 0.95,
  }
  return f.attended('webb', at, session, { from: daysAgo(6, '16:00'), until: daysAgo(6, '18:00') })
}

/** Sends who attended and waits until it is in the record. */
export async function tellAttendance({ sender, admin }: Ground, { attendances }: Webinar): Promise<void> {
  await sender.send(attendances)
  await untilTaken(admin, attendances)
}
