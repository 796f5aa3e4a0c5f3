import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Register } from '#config/register/load.ts'
import type { CaseId } from '#domain/words.ts'
import { courseC, offeringOf } from './courses.ts'
import { expectSound } from './sound.ts'
import { type System, startSystem } from './system.ts'

let system: System
beforeAll(async () => {
  system = await startSystem({ register: impatient })
})
afterAll(async () => {
  await system.dispose()
})

/** Weeks become seconds; an institution may shorten what the table gives. */
function impatient(register: Register): Register {
  const [example] = register.tightenings
  if (example === undefined) throw new Error('no tightening to go by')
  const hurry = {
    ...example,
    id: 'brattom',
    band: 'C2-D',
    row: 'durations',
    demand: { evidence: 3, approval: 6, reminder: 4, officer: 3 },
  } as const
  return { ...register, tightenings: [...register.tightenings, hurry] }
}

const tutoring = (learner: string, key: string) => offeringOf(learner, 'handledning-i-varden', key)

async function trailOf(id: CaseId): Promise<{ type: string; reason: string | undefined }[]> {
  const rows = await system.admin`select convert_from(e.leaf, 'utf8') as leaf from audit.entry e
    join cases c on c.trail = e.trail where c.id = ${id} order by e.n`
  return rows.map(({ leaf }) => {
    const { type, act } = JSON.parse(String(leaf)) as { type: string; act: { reason?: string } }
    return { type, reason: act.reason }
  })
}

const codeOf = (waiting: { readonly for: unknown } | undefined) => (waiting?.for as { for?: string } | undefined)?.for

/** Ends a case that would go on calling for an officer. */
async function withdraw(id: CaseId): Promise<void> {
  const decision = { outcome: 'withdraw', reason: 'learner-asked', text: 'Deltagaren har bett om det.' }
  await expect.poll(async () => (await system.people.decide('officer-1', id, decision)).status).toBeLessThan(300)
  await system.until(id, ({ state }) => state === 'withdrawn')
}

test('evidence that does not come hands the case to an officer, who is called again and again', async () => {
  const id = await system.tell(courseC(tutoring('09', 'late'), { outcomes: ['lr1', 'lr2', 'lr3'] }))
  const waiting = await system.until(id, ({ state }) => state === 'waiting' || state === 'stopped')
  expect(waiting.waiting).toMatchObject({ since: expect.any(String), until: expect.any(String) })
  const stopped = await system.until(id, ({ state }) => state === 'stopped')
  expect(codeOf(stopped.waiting)).toBe('officer')
  const until = stopped.waiting?.until ?? ''
  expect(until > (stopped.waiting?.since ?? '')).toBe(true)
  const louder = await system.until(id, (view) => (view.waiting?.until ?? '') > until)
  expect(louder.state).toBe('stopped')
  expect(louder.waiting?.since).toBe(stopped.waiting?.since)
  const escalations = async () => (await trailOf(id)).filter(({ type }) => type === 'case.escalated/1').length
  await expect.poll(escalations).toBeGreaterThanOrEqual(2)
  expect(await trailOf(id)).toContainEqual({ type: 'case.stopped/1', reason: expect.any(String) })
  await withdraw(id)
})

test('an approver is reminded, then loses the task to an officer', async () => {
  const id = await system.tell(courseC(tutoring('10', 'silent')))
  const asked = await system.until(id, ({ state }) => state === 'deciding')
  expect(codeOf(asked.waiting)).toBe('approver')
  expect(asked.waiting).toMatchObject({ since: expect.any(String), until: expect.any(String) })
  const stopped = await system.until(id, ({ state }) => state === 'stopped')
  expect(codeOf(stopped.waiting)).toBe('officer')
  expect(stopped.deciders).toEqual([])
  const trail = await trailOf(id)
  expect(trail.filter(({ type }) => type === 'approver.reminded/1')).toHaveLength(1)
  expect(trail).toContainEqual({ type: 'case.stopped/1', reason: 'approval-overdue' })
  await withdraw(id)
})

test('afterwards everything is sound', () => expectSound(system))
