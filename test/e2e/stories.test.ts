import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EventDraft } from '#dev/demo/emitters.ts'
import * as f from '#dev/demo/facts.ts'
import { daysAgo } from '#dev/demo/moments.ts'
import type { CaseId } from '#domain/words.ts'
import { courseA, courseB, courseC, discussed, offeringOf, webinar, withdrawn } from './courses.ts'
import { caseOpenedBy, type Sent } from './emitters.ts'
import { expectSound } from './sound.ts'
import { type System, startSystem } from './system.ts'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(async () => {
  await system.dispose()
})

const approve = { outcome: 'approve', reason: 'outcomes-shown' }
const clinical = (learner: string, key: string) => offeringOf(learner, 'klinisk-bedomning', key)
const tutoring = (learner: string, key: string) => offeringOf(learner, 'handledning-i-varden', key)
const sterile = (learner: string, key: string) => offeringOf(learner, 'steril-beredning', key)

/** An order that looks random and is the same in every run. */
function shuffled(events: readonly EventDraft[], seed: string): EventDraft[] {
  const rank = (index: number) => createHash('sha256').update(`${seed}/${index}`).digest('hex')
  return events
    .map((event, index) => ({ event, rank: rank(index) }))
    .toSorted((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ event }) => event)
}

async function trailOf(id: CaseId): Promise<string[]> {
  const rows = await system.admin`select e.type from audit.entry e join cases c on c.trail = e.trail
    where c.id = ${id} order by e.n`
  return rows.map(({ type }) => String(type))
}

describe('the order of events', () => {
  test.each(['first', 'second', 'third', 'fourth'])('does not matter: %s shuffle', async (seed) => {
    const id = await system.tell(shuffled(webinar(offeringOf('09', 'etik-webbinarium', seed), discussed), seed))
    const view = await system.until(id, ({ state }) => state === 'issued')
    expect([view.level, view.credentials.length]).toEqual(['D-E', 1])
    expect((await trailOf(id)).slice(-2)).toEqual(['credential.delivered/1', 'trail.sealed/1'])
  })

  test('evidence may come before its completion', async () => {
    const events = courseB(clinical('09', 'before'))
    const id = await system.tell([...events.slice(1), ...events.slice(0, 1)])
    await system.decideAsAsked(id, approve)
    expect((await system.until(id, ({ state }) => state === 'issued')).level).toBe('B-C1')
  })

  test('the same events once more change nothing', async () => {
    const from = system.emitters.sent.length
    const id = await system.tell(webinar(offeringOf('10', 'etik-webbinarium', 'repeat'), discussed))
    await system.until(id, ({ state }) => state === 'issued')
    const before = await trailOf(id)
    const repeats = async () => {
      const [row] = await system.admin`select coalesce(sum(repeats), 0)::int as n from inbox`
      return Number(row?.['n'])
    }
    const [had, sent] = [await repeats(), system.emitters.sent.slice(from)]
    for (const message of sent) await system.emitters.again(message)
    await expect.poll(repeats).toBe(had + sent.length)
    expect(await trailOf(id)).toEqual(before)
  })
})

describe('evidence that comes late', () => {
  test('the report of the examination day lifts C2-D to the promised B-C1', async () => {
    const at = clinical('10', 'late')
    const id = await system.tell(courseB(at, { report: { identity: f.roster(2) } }))
    expect((await system.until(id, ({ state }) => state === 'waiting')).evidenceLevel).toBe('C2-D')
    await system.emitters.send(f.documentChecked('provtjanst', at))
    await system.decideAsAsked(id, approve)
    expect((await system.until(id, ({ state }) => state === 'issued')).level).toBe('B-C1')
  })

  test('an approval given before is renewed', async () => {
    const at = sterile('11', 'renewed')
    const id = await system.tell(courseA(at))
    const first = await system.decideAsAsked(id, approve)
    await system.until(id, (view) => (system.people.asked(view) ?? first) !== first)
    await system.emitters.send(f.documentChecked('provtjanst', at))
    const role = await system.until(id, (view) => system.people.asked(view)?.startsWith('reviewer') === true)
    expect(role.state).toBe('deciding')
    await system.decideAsAsked(id, approve)
    await system.decideAsAsked(id, approve)
    const view = await system.until(id, ({ state }) => state === 'issued')
    expect(view.level).toBe('A')
    expect(view.decisions.filter(({ outcome }) => outcome === 'approve')).toHaveLength(3)
  })
})

describe('a fact taken back', () => {
  const sentBy = (offering: string, type: string): Sent => {
    const found = system.emitters.sent.findLast(
      ({ payload }) => Buffer.from(payload).includes(offering) && Buffer.from(payload).includes(type),
    )
    if (found === undefined) throw new Error(`nothing of ${offering} was sent`)
    return found
  }

  test('re-judges a running case', async () => {
    const at = tutoring('12', 'taken-back')
    const id = await system.tell(courseC(at))
    await system.until(id, (view) => system.people.asked(view) !== undefined)
    const report = sentBy(at.offering, 'proctoring')
    await system.emitters.send(withdrawn('provtjanst', at, report.id))
    const view = await system.until(id, ({ state }) => state === 'waiting' || state === 'stopped')
    expect(view.evidenceLevel).not.toBe('C2-D')
  })

  test('puts an issued case on the officers’ list and leaves its credential as it is', async () => {
    const at = offeringOf('11', 'etik-webbinarium', 'regretted')
    const id = await system.tell(webinar(at, discussed))
    const { credentials } = await system.until(id, ({ state }) => state === 'issued')
    await system.emitters.send(withdrawn('webb', at, sentBy(at.offering, 'participation').id))
    const listed = async () => {
      const { body } = await system.people.get('officer-1', '/reviews')
      return (body as { items: { caseId: string }[] }).items.map(({ caseId }) => caseId)
    }
    await expect.poll(listed).toContain(id)
    const after = (await system.people.view(id)).view
    expect([after.state, after.credentials]).toEqual(['issued', credentials])
  })
})

describe('who is asked', () => {
  const list = ['examiner-1', 'teacher-1b', 'examiner-2', 'examiner-3']
  /** The recorded rule told once more: where in the list a case begins. */
  const startOf = (id: string) => Array.from(id).reduce((sum, one) => (sum * 31 + one.charCodeAt(0)) % 1_000_003, 7) % 4
  /** An event id whose case begins at that place. */
  const beginningAt = (place: number, key: string): string => {
    for (let n = 0; ; n++) {
      const id = `${key}-${n}`
      if (startOf(caseOpenedBy({ source: 'canvas-norrsken', id })) === place) return id
    }
  }
  const opening = (events: readonly EventDraft[], id: string) =>
    events.map((event) => (event.type.includes('completion') ? { ...event, id } : event))

  test('the teacher’s second account is passed over and the next of the list drawn, by the recorded rule', async () => {
    const id = await system.tell(opening(courseB(clinical('13', 'draw')), beginningAt(1, 'draw')))
    const view = await system.until(id, (now) => system.people.asked(now) !== undefined)
    expect(system.people.asked(view)).toBe(list[2])
    expect(view.deciders).toMatchObject([{ role: 'examiner', rule: 'draw.rotation/1' }])
    await system.decideAsAsked(id, approve)
    await system.until(id, ({ state }) => state === 'issued')
  })

  test('one who has declared a conflict with the learner is passed over too', async () => {
    const id = await system.tell(opening(courseB(clinical('03', 'conflict')), beginningAt(1, 'conflict')))
    const view = await system.until(id, (now) => system.people.asked(now) !== undefined)
    expect(system.people.asked(view)).toBe(list[3])
  })

  test('where nobody is eligible the case waits for an officer, who cannot appoint the ineligible', async () => {
    await system.apply((register) => ({
      ...register,
      appointments: register.appointments.filter(({ id }) => id !== 'examinator-kb-4'),
    }))
    // Learner 05 works in the unit of both examiners that are left.
    const id = await system.tell(courseB(clinical('05', 'nobody')))
    const stopped = await system.until(id, ({ state }) => state === 'stopped')
    expect(stopped.waiting?.for).toMatchObject({ for: 'officer' })
    expect(await trailOf(id)).not.toContain('decision.recorded/1')
    const appoint = (person: string) => ({
      outcome: 'appoint',
      reason: 'list-exhausted',
      appoint: { role: 'examiner', person },
    })
    await system.people.decide('officer-1', id, appoint('pers_examiner_1'))
    const still = await system.until(id, ({ state }) => state === 'stopped')
    expect(still.deciders).toEqual([])

    await system.apply((register) => register)
    await expect
      .poll(async () => {
        const { view } = await system.people.view(id)
        if (view.state === 'stopped') await system.people.decide('officer-1', id, appoint('pers_examiner_3'))
        return system.people.asked(view)
      })
      .toBe('examiner-3')
    await system.decideAsAsked(id, approve)
    expect((await system.until(id, ({ state }) => state === 'issued')).level).toBe('B-C1')
  })
})

describe('what people answer', () => {
  test('a case returned with marked items waits for the supplement and is then approved anew', async () => {
    const at = tutoring('14', 'returned')
    const id = await system.tell(courseC(at))
    await system.decideAsAsked(id, {
      outcome: 'return',
      reason: 'supplement-needed',
      text: 'Närvaron behöver styrkas.',
      markedItems: ['närvaro'],
    })
    const waiting = await system.until(id, ({ state }) => state === 'waiting')
    expect(waiting.waiting).toMatchObject({ for: { for: 'supplement' }, until: expect.any(String) })
    const again = { activity: 'course', form: 'completed', setting: 'blended', where: 'Canvas', roster: true }
    await system.emitters.send(f.attended('canvas-norrsken', at, again, { from: daysAgo(60), until: daysAgo(20) }))
    await system.decideAsAsked(id, approve)
    const view = await system.until(id, ({ state }) => state === 'issued')
    expect(view.decisions.map(({ outcome }) => outcome)).toEqual(['return', 'approve'])
  })

  test('a rejection ends the case without a credential', async () => {
    const id = await system.tell(courseC(tutoring('15', 'rejected')))
    await system.decideAsAsked(id, { outcome: 'reject', reason: 'outcomes-not-shown', text: 'Underlaget räcker inte.' })
    const view = await system.until(id, ({ state }) => state === 'refused')
    expect(view.credentials).toEqual([])
  })

  test('an officer refuses a case that stopped', async () => {
    const id = await system.tell(courseB(clinical('14', 'refused'), { scorers: [f.people.teacher1] }))
    await system.until(id, ({ state }) => state === 'stopped')
    const refusal = { outcome: 'refuse', reason: 'below-promise', text: 'Ingen oberoende bedömare.' }
    expect((await system.people.decide('officer-1', id, refusal)).status).toBeLessThan(300)
    expect((await system.until(id, ({ state }) => state === 'refused')).credentials).toEqual([])
  })

  test('an officer lets a case stand for a lower achievement, and every gate judges it by the rules of that one', async () => {
    const id = await system.tell(courseB(clinical('15', 'chosen'), { scorers: [f.people.teacher1] }))
    const stopped = await system.until(id, ({ state }) => state === 'stopped')
    const choice = { outcome: 'choose-achievement', reason: 'lower-level', text: 'Som handledarkurs.' }
    const achievement = { id: 'handledning-i-varden', version: 1 }
    expect((await system.people.decide('officer-1', id, { ...choice, achievement })).status).toBeLessThan(300)
    await system.decideAsAsked(id, approve)
    const view = await system.until(id, ({ state }) => state === 'issued')
    expect([view.level, view.promised]).toEqual(['C2-D', 'C2-D'])
    expect(view.seen.evidenceVersion).toBe(stopped.seen.evidenceVersion + 1)
  })
})

test('a protected identity is masked in the case and changes no level', async () => {
  const id = await system.tell(courseA(sterile('12', 'protected')))
  await system.decideAsAsked(id, approve)
  await system.decideAsAsked(id, approve)
  const view = await system.until(id, ({ state }) => state === 'issued')
  expect(view.level).toBe('A')
  expect(view.learner).toEqual({ id: 'pers_learner_12', protected: true })
})

test('afterwards everything is sound', () => expectSound(system))
