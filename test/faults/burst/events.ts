/** What a burst is made of: several systems tell at once, some of it twice and some of it false. */
import { randomUUID } from 'node:crypto'
import type { EventDraft, Sent } from '#dev/demo/emitters.ts'
import * as f from '#dev/demo/facts.ts'
import { wide } from '../../../bench/width.ts'
import { evening, joined } from '../../e2e/courses.ts'
import type { Ground } from '../ground.ts'

export interface BurstEvents {
  /** In the order in which they are published; false ones and repetitions among them. */
  readonly messages: readonly Sent[]
  /** What must end in the inbox, each once. */
  readonly good: readonly Sent[]
  /** What must end as dead letters. */
  readonly bad: readonly Sent[]
  /** How many of the messages are repetitions of good ones. */
  readonly repeated: number
}

/** Receipts awaited at a time. */
const width = 256
/** Learners of the demo register about whom nobody decides meanwhile. */
const learners = ['09', '10', '11', '13']

/**
 * Signs so many events, ahead: of ten, eight tell of four people who joined a webinar, which opens four cases of band E, and two are
 * facts about a course elsewhere. One in ten comes twice; besides, for every hundred there is one signed by a stranger.
 */
export function prepareBurst({ emitters }: Pick<Ground, 'emitters'>, run: string, size: number): BurstEvents {
  const good: Sent[] = []
  const bad: Sent[] = []
  const messages: Sent[] = []
  for (let group = 0; good.length < size; group += 1) {
    const drafts = groupOf(run, group)
    const sent = drafts.map((draft) => emitters.prepare(draft))
    const forged = group % 10 === 0 ? drafts.slice(-1).map((draft) => forge({ emitters }, draft)) : []
    good.push(...sent)
    bad.push(...forged)
    messages.push(...sent, ...sent.slice(0, 1), ...forged)
  }
  return { messages, good, bad, repeated: messages.length - good.length - bad.length }
}

function forge({ emitters }: Pick<Ground, 'emitters'>, draft: EventDraft): Sent {
  return emitters.prepare(draft, { signature: 'other-key' })
}

function groupOf(run: string, group: number): EventDraft[] {
  const people = [0, 1, 2, 3].map((seat) => ({
    learner: `${run}-${group * 4 + seat}`,
    achievement: 'validering-information',
    offering: `${run}-${group >> 6}`,
  }))
  const known = { learner: learners[group % learners.length] ?? '09', achievement: 'steril-beredning' }
  const elsewhere = { ...known, offering: `${run}-course-${group}` }
  const parts = [{ id: 'teori', compulsory: true, attended: true }]
  return [
    ...people.map((at) => f.attended('webb', at, { setting: 'online', where: 'Zoom, möte 4711', ...joined }, evening)),
    ...people.map((at) => f.completed('webb', at)),
    f.attended('klinikskolan', elsewhere, {
      activity: 'course',
      form: 'completed',
      setting: 'on-site',
      where: 'Klinikskolan',
      routine: 'närvaro K3',
      parts,
    }),
    f.supervised('provtjanst', elsewhere),
  ]
}

/**
 * Publishes all, as fast as the stream takes them; resolves when the last is stored. One of each source goes ahead: in the flood a
 * line that is only being opened would not say in time who it is.
 */
export async function publishBurst({ emitters }: Pick<Ground, 'emitters'>, { messages }: BurstEvents): Promise<void> {
  // Under an id of its own each, so that the stream does not take a repetition away before intake sees it.
  const publish = (message: Sent) => emitters.publish(message, randomUUID())
  const ahead = new Set(new Map([...messages.entries()].toReversed().map(([at, { source }]) => [source, at])).values())
  for (const at of ahead) await publish(messages[at] as Sent)
  await wide(
    messages.filter((_, at) => !ahead.has(at)),
    width,
    publish,
  )
}
