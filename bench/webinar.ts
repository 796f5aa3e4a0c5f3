/** Band E, the automatic path: somebody joined an information session, and the system that held it says so. */
import type { Sent } from '#dev/demo/emitters.ts'
import * as f from '#dev/demo/facts.ts'
import { daysAgo } from '#dev/demo/moments.ts'
import { waitUntil } from '#dev/servers/processes.ts'
import type { Ground } from './ground.ts'

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
  const before = await countOf(admin, 'inbox')
  await sender.send(attendances)
  await untilCount(admin, 'inbox', before + attendances.length)
}

export async function countOf(admin: Ground['admin'], what: 'inbox' | 'credential' | 'cases'): Promise<number> {
  const [row] = await admin<{ n: number }[]>`select count(*)::int as n from ${admin(what)}`
  return row?.n ?? 0
}

/** @returns when it had come to so many, by this machine's clock. @throws Error when it does not within ten minutes */
export async function untilCount(
  admin: Ground['admin'],
  what: 'inbox' | 'credential' | 'cases',
  wanted: number,
): Promise<number> {
  if (!(await waitUntil(async () => (await countOf(admin, what)) >= wanted, 600_000)))
    throw new Error(`${await countOf(admin, what)} of ${wanted} in ${what} after ten minutes`)
  return performance.now()
}
