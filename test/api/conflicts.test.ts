/** Conflicts of interest and changes of the register, with every process of the house running: who may no longer act, no longer does. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseLeaf } from '#audit/entry.ts'
import { inInstitution } from '#db/client.ts'
import { readItems } from '#db/register-read.ts'
import type { CaseId, PersonId } from '#domain/words.ts'
import { courseC, offeringOf } from '../e2e/courses.ts'
import { norrsken } from '../e2e/emitters.ts'
import type { CaseView } from '../e2e/people.ts'
import { type System, startSystem } from '../e2e/system.ts'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(async () => {
  await system.dispose()
})

let learner = 0
/** A case of its own learner that waits for its examiner. */
async function toDecide(key: string): Promise<{ id: CaseId; view: CaseView; asked: string; person: string }> {
  learner += 1
  const at = offeringOf(['01', '06', '09', '11', '13', '15', '16'][learner - 1] ?? '01', 'handledning-i-varden', key)
  const id = await system.tell(courseC(at))
  const view = await system.until(id, (one) => system.people.asked(one) !== undefined)
  return { id, view, asked: system.people.asked(view) ?? '', person: view.deciders[0]?.person ?? '' }
}
const declare = (sub: string, id: CaseId, body: object, headers = {}) =>
  system.people.post(sub, `/cases/${id}/conflicts`, { reason: 'near-relation', ...body }, headers)
const entriesOf = async (id: CaseId) => {
  const rows = await system.admin<{ leaf: Uint8Array }[]>`
    select e.leaf from audit.entry e join cases c on c.trail = e.trail where c.id = ${id} order by e.n`
  return rows.map(({ leaf }) => parseLeaf(leaf))
}
const anotherAsked = (id: CaseId, before: string) =>
  system.until(id, (one) => ![undefined, before].includes(system.people.asked(one)))

test('an examiner who declares a conflict is replaced by the next of the list, who decides', async () => {
  const { id, view, asked, person } = await toDecide('own')
  const declared = await declare(asked, id, {})
  expect([declared.status, declared.body]).toMatchObject([200, { caseId: id, delivery: 'delivered' }])

  const now = await anotherAsked(id, asked)
  expect(now.deciders.map((one) => one.person)).not.toContain(person)
  expect(now.evidenceVersion).toBe(view.evidenceVersion + 1)
  expect((await system.people.get(asked, `/cases/${id}`)).status).toBe(404)
  expect((await entriesOf(id)).filter(({ type }) => type === 'conflict.declared/1')).toMatchObject([
    {
      actor: { kind: 'human', role: 'examiner', authn: { auth_time: expect.any(Number) } },
      act: { reason: 'near-relation' },
      data: { evidenceVersion: now.evidenceVersion },
    },
  ])

  await system.apply((register) => register)
  const inForce = await inInstitution(system.open('bevis_api'), norrsken, (tx) => readItems(tx, 'conflict'))
  expect(inForce.map((one) => one.person)).toContain(person as PersonId)

  await system.decideAsAsked(id, { outcome: 'approve', reason: 'outcomes-shown' })
  await system.until(id, ({ state }) => state === 'issued')
  const late = await declare('officer-1', id, { person })
  expect([late.status, late.body]).toMatchObject([409, { code: 'wrong_state', state: 'issued' }])
})

test('a case of the same learner that is just at the gates is asked again: it may be about to appoint who is partial', async () => {
  const { id, person } = await toDecide('meanwhile')
  learner -= 1
  const other = await toDecide('at-the-gates')
  await system.admin`update cases set state = 'judging' where id = ${other.id}`
  await system.admin`update case_appointment set ended_at = clock_timestamp() where case_id = ${other.id}`
  expect((await declare('officer-1', id, { person })).status).toBe(200)
  const [now] = await system.admin`select evidence_version as version from cases where id = ${other.id}`
  expect(now?.['version']).toBe(other.view.evidenceVersion + 1)
})

test('an officer declares another’s, an approver only their own, and nobody a stranger’s', async () => {
  const { id, asked, person } = await toDecide('another')
  const theirs = await declare(asked, id, { person: 'pers_examiner_2' })
  expect([theirs.status, theirs.body]).toMatchObject([403, { code: 'role_required' }])
  const stranger = await declare('officer-1', id, { person: 'pers_nobody' })
  expect([stranger.status, stranger.body]).toMatchObject([422, { code: 'unknown_person' }])
  expect((await declare('officer-1', id, { person, reason: 'In words' })).status).toBe(400)

  const key = { 'idempotency-key': 'once' }
  const first = await declare('officer-1', id, { person }, key)
  expect(first.status).toBe(200)
  const now = await anotherAsked(id, asked)
  const again = await declare('officer-1', id, { person }, key)
  expect(again.body).toEqual(first.body)
  expect((await system.people.view(id)).view.evidenceVersion).toBe(now.evidenceVersion)
  const other = await declare('officer-1', id, { person, reason: 'other-reason' }, key)
  expect([other.status, other.body]).toMatchObject([422, { code: 'idempotency_key_reused' }])
})

test('an officer who is partial has no say about others: they could pick the examiner', async () => {
  const { id, person } = await toDecide('partial')
  expect((await declare('officer-1', id, {})).status).toBe(200)
  const refused = await declare('officer-1', id, { person })
  expect([refused.status, refused.body]).toMatchObject([403, { code: 'separation' }])
})

test('an appointment that ends in the register ends in the case, and a new student asks nobody anything', async () => {
  const { id, view, asked, person } = await toDecide('ended')
  await system.apply((register) => {
    const [somebody] = register.people
    if (somebody === undefined) throw new Error('the demo register has no people')
    const fresh = { ...somebody, id: 'pers_fresh' as PersonId, references: [{ scheme: 'webb', value: 'w-fresh' }] }
    return { ...register, people: [...register.people, fresh] }
  })
  expect((await system.people.view(id)).view.evidenceVersion).toBe(view.evidenceVersion)

  await system.apply((register) => ({
    ...register,
    appointments: register.appointments.filter((one) => one.person !== person),
  }))
  const now = await anotherAsked(id, asked)
  expect(now.deciders.map((one) => one.person)).not.toContain(person)
  expect((await entriesOf(id)).filter(({ type }) => type === 'facts.changed/1')).toMatchObject([
    { act: { reason: 'register-applied' }, data: { evidenceVersion: view.evidenceVersion + 1 } },
  ])
})

test('two accounts that the register makes one human being are no longer examiner and learner', async () => {
  const { id, view, asked, person } = await toDecide('linked')
  await system.apply((register) => ({
    ...register,
    linked: [...register.linked, [person as PersonId, view.learner.id as PersonId]],
  }))
  const now = await anotherAsked(id, asked)
  expect(now.deciders.map((one) => one.person)).not.toContain(person)
})

test('a mandate that changes has every running case judged again, and no other', async () => {
  const running =
    await system.admin`select id, evidence_version as version from cases where state = 'deciding' order by id`
  const ended = await system.admin`select id, evidence_version as version from cases where state = 'issued' order by id`
  await system.apply((register) => ({
    ...register,
    mandates: register.mandates.map((one) => ({ ...one, reference: `${one.reference} (rev.)` })),
  }))
  const versions = (ids: readonly unknown[]) =>
    system.admin`select id, evidence_version as version from cases where id = any(${ids as string[]}) order by id`
  expect(running.length).toBeGreaterThan(0)
  expect([...(await versions(running.map((row) => row['id'])))]).toEqual(
    running.map((row) => ({ id: row['id'], version: row['version'] + 1 })),
  )
  expect([...(await versions(ended.map((row) => row['id'])))]).toEqual([...ended])
  const waiting = await system.admin`
    select target from outbox where kind = 'signal' and target = any(${running.map((row) => `case/norrsken/${row['id']}`)})`
  expect(new Set(waiting.map((row) => row['target'])).size).toBe(running.length)
})
