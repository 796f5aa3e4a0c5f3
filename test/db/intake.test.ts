import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { collectInputs } from '#db/case-input.ts'
import { inInstitution } from '#db/client.ts'
import { listDeadLetters } from '#db/dead-letters.ts'
import { closeReview, listReviews } from '#db/reviews.ts'
import { loaTableVersion } from '#domain/policy/loa-table.ts'
import type { CaseId } from '#domain/words.ts'
import { type Taken, takeIn } from '#workers/intake/take-in.ts'
import { type EventDraft, type IntakeGround, makeIntakeGround, norrsken, webb } from './intake-ground.ts'

let ground: IntakeGround
beforeAll(async () => {
  ground = await makeIntakeGround()
})
afterAll(() => ground.dispose())

async function send(...drafts: EventDraft[]) {
  const messages = await Promise.all(drafts.map((draft) => ground.message(draft)))
  const done = await takeIn(ground.as('bevis_intake'), 'COMPLETIONS', messages)
  for (const one of done.taken) if (one.kind === 'not-now') throw one.error
  return done
}

const offering = () => `offering-${randomUUID()}`
/** A learner of their own in an offering of their own. */
const anew = () => ({ learner: `w-${randomUUID()}`, offering: offering() })

function idOf(taken: Taken): CaseId {
  if (taken.kind !== 'case') throw new Error(`no case but ${JSON.stringify(taken)}`)
  return taken.caseId
}

async function inputOf(id: CaseId) {
  const [input] = await inInstitution(ground.as('bevis_pipeline'), norrsken, (tx) => collectInputs(tx, [id]))
  if (input === undefined) throw new Error('nothing collected')
  return input
}

async function stateOf(id: CaseId) {
  const [row] = await ground.admin`select state, evidence_version as "evidenceVersion", event_key as "eventKey",
    (select count(*)::int from audit.entry e where e.trail = c.trail) as entries from cases c where id = ${id}`
  return { ...row } as { state: string; evidenceVersion: number; eventKey: Uint8Array; entries: number }
}

async function only(result: ReturnType<typeof send>) {
  const { taken } = await result
  const [first] = taken
  if (first === undefined) throw new Error('nothing was taken in')
  return first
}

test('a completion opens a case with its evidence, its first entry, and a workflow to be started', async () => {
  const taken = await only(send(webb.completion({ learner: 'w-0001', offering: offering() })))
  expect(taken).toMatchObject({ kind: 'case', isNew: true })
  const id = taken.kind === 'case' ? taken.caseId : ''
  const [row] =
    await ground.admin`select state, step, evidence_version, promised, person, trail from cases where id = ${id}`
  expect(row).toMatchObject({ state: 'received', evidence_version: 1, promised: 'D-E', person: 'pers_learner_01' })
  const entries = await ground.admin`select type, actor_kind from audit.entry where trail = ${row?.['trail']}`
  expect([...entries]).toEqual([{ type: 'case.opened/1', actor_kind: 'service' }])
  const rows = await ground.admin`select kind, target from outbox where id like ${`%${id}%`} order by kind`
  expect(rows.map((one) => one['kind'])).toEqual(['event', 'start'])
  expect(rows[1]?.['target']).toBe(`case/norrsken/${id}`)
})

test('the same event again is counted and changes nothing', async () => {
  const event = webb.completion(anew())
  const first = await only(send(event))
  const id = idOf(first)
  const before = await stateOf(id)
  const again = await send(event, event)
  expect(again.taken).toEqual([
    { kind: 'duplicate', cases: [id] },
    { kind: 'duplicate', cases: [id] },
  ])
  expect(again.wakeUps).toMatchObject([{ kind: 'start', cases: [id] }])
  expect(await stateOf(id)).toEqual(before)
  const [row] =
    await ground.admin`select repeats from inbox where kind = 'completion' and event_key = ${before.eventKey}`
  expect(row?.['repeats']).toBe(2)
})

test('an event spelled differently is the same event when its content is', async () => {
  const draft = webb.completion(anew())
  const message = await ground.message(draft)
  const spelled = JSON.stringify(JSON.parse(Buffer.from(message.payload).toString()), null, 2)
  const db = ground.as('bevis_intake')
  const { taken } = await takeIn(db, 'COMPLETIONS', [message, { ...message, payload: Buffer.from(spelled) }])
  expect(taken.map((one) => one.kind)).toEqual(['case', 'duplicate'])
})

test('the same id with other content is quarantined and harms neither the case nor its neighbours', async () => {
  const here = anew()
  const event = webb.completion(here)
  const id = idOf(await only(send(event)))
  const before = await stateOf(id)
  const forged = { ...event, data: { ...event.data, completedAt: '2026-09-02T15:00:00Z' } }
  const { taken } = await send(forged, webb.login(here), forged)
  expect(taken.map((one) => one.kind)).toEqual(['quarantined', 'evidence', 'quarantined'])
  expect(await stateOf(id)).toEqual({ ...before, evidenceVersion: 2, entries: 2 })
  const letters = await inInstitution(ground.as('bevis_api'), norrsken, (tx) =>
    listDeadLetters(tx, { code: 'same-id-other-content' }, { limit: 10 }),
  )
  expect(letters).toMatchObject([{ state: 'open', repeats: 1, problems: [{ pointer: '/id' }] }])
})

test('evidence without a case waits and is there when the case opens', async () => {
  const here = anew()
  const { taken } = await send(webb.login(here), webb.participation(here))
  expect(taken).toEqual([
    { kind: 'evidence', cases: [] },
    { kind: 'evidence', cases: [] },
  ])
  const waiting = await ground.admin`select count(*)::int as n from inbox where state = 'waiting'
    and event_key in (select event_key from evidence where offering = ${here.offering})`
  expect(waiting[0]?.['n']).toBe(2)
  const id = idOf(await only(send(webb.completion(here))))
  const input = await inputOf(id)
  expect(input.evidence.map((fact) => fact.kind).toSorted()).toEqual(['completion', 'identity', 'participation'])
  const left = await ground.admin`select count(*)::int as n from inbox where state = 'waiting'
    and event_key in (select event_key from evidence where offering = ${here.offering})`
  expect(left[0]?.['n']).toBe(0)
  expect(await stateOf(id)).toMatchObject({ evidenceVersion: 3, entries: 3 })
})

test('a second completion for the same award is evidence of the same case', async () => {
  const here = anew()
  const id = idOf(await only(send(webb.completion(here))))
  const second = await only(send(webb.completion(here)))
  expect(second).toEqual({ kind: 'case', caseId: id, isNew: false })
  const { taken } = await send(webb.completion({ ...here, attempt: 2 }))
  expect(taken).toMatchObject([{ kind: 'case', isNew: true }])
})

test('evidence of one occasion does not reach the case of another, evidence without occasion reaches both', async () => {
  const here = anew()
  const id = idOf(await only(send(webb.completion({ ...here, occasion: 'o-1' }))))
  const { taken } = await send(
    webb.login({ ...here, occasion: 'o-1' }),
    webb.login({ ...here, occasion: 'o-2' }),
    webb.login(here),
  )
  expect(taken).toMatchObject([{ cases: [id] }, { cases: [] }, { cases: [id] }])
  expect((await inputOf(id)).evidence).toHaveLength(3)
})

test('teaching of another offering is read for separation and wakes the case', async () => {
  const learner = `w-${randomUUID()}`
  const id = idOf(await only(send(webb.completion({ learner, offering: offering() }))))
  const { taken, wakeUps } = await send(webb.participation({ learner, offering: offering(), teacher: 'N-1002' }))
  expect(taken).toEqual([{ kind: 'evidence', cases: [id] }])
  expect(wakeUps).toMatchObject([{ kind: 'signal', cases: [id] }])
  const input = await inputOf(id)
  expect(input.evidence.map((fact) => fact.kind).toSorted()).toEqual(['completion', 'participation'])
  expect(input.register.persons.map((person) => person.id)).toContain('pers_teacher_1')
})

test('a withdrawn fact is out of every judgement, whichever came first, and a withdrawal cannot be withdrawn', async () => {
  for (const order of ['fact first', 'withdrawal first']) {
    const here = anew()
    const id = idOf(await only(send(webb.completion(here))))
    const login = webb.login(here)
    const withdrawal = webb.withdrawal({ ...here, withdraws: login.id ?? '' })
    const undoing = webb.withdrawal({ ...here, withdraws: withdrawal.id ?? '' })
    await send(...(order === 'fact first' ? [login] : [withdrawal]))
    await send(...(order === 'fact first' ? [withdrawal] : [login]))
    await send(undoing)
    expect((await inputOf(id)).evidence.map((fact) => fact.kind)).toEqual(['completion'])
    const [row] =
      await ground.admin`select count(*)::int as n from evidence where offering = ${here.offering} and withdrawn_by is not null`
    expect(row?.['n']).toBe(1)
    const types =
      await ground.admin`select e.type from audit.entry e join cases c on c.trail = e.trail where c.id = ${id}`
    expect(types.map((one) => one['type'])).toContain('evidence.withdrawn/1')
  }
})

test('a withdrawal after issuing puts the case on the officers’ list and leaves the case as it is', async () => {
  const here = anew()
  const id = idOf(await only(send(webb.completion(here))))
  const login = webb.login(here)
  await send(login)
  await ground.admin`update cases set state = 'issued' where id = ${id}`
  const { wakeUps } = await send(webb.withdrawal({ ...here, withdraws: login.id ?? '' }))
  expect(wakeUps).toEqual([])
  const reviews = await inInstitution(ground.as('bevis_api'), norrsken, (tx) => listReviews(tx, 50))
  expect(reviews.filter((one) => one.caseId === id)).toMatchObject([{ because: 'fact-withdrawn', evidenceVersion: 3 }])
  expect(await stateOf(id)).toMatchObject({ state: 'issued', evidenceVersion: 3 })
  const close = () => inInstitution(ground.as('bevis_api'), norrsken, (tx) => closeReview(tx, id, 3))
  expect([await close(), await close()]).toEqual([true, false])
})

test('the level of a login is the one credited when it came in', async () => {
  const here = anew()
  const id = idOf(await only(send(webb.completion(here))))
  await send(webb.login(here))
  const login = (await inputOf(id)).evidence.find((fact) => fact.kind === 'identity')
  expect(login?.kind === 'identity' && login.check).toMatchObject({ route: 'login', loa: 2, table: loaTableVersion })
})

test('nothing personal stands in clear in inbox, evidence, dead letters or leaves', async () => {
  const here = anew()
  const { learner } = here
  const event = webb.completion(here)
  await send(event, webb.login(here), { ...event, data: { ...event.data, completedAt: 'never' } })
  const [row] = await ground.admin`
    select (select count(*) from inbox where position(${Buffer.from(learner)}::bytea in payload) > 0)
      + (select count(*) from evidence where position(${Buffer.from(learner)}::bytea in body) > 0)
      + (select count(*) from dead_letter where position(${Buffer.from(learner)}::bytea in payload) > 0)
      + (select count(*) from dead_letter where problems::text like ${`%${learner}%`})
      + (select count(*) from audit.entry where position(${Buffer.from(learner)}::bytea in leaf) > 0)
      + (select count(*) from outbox where payload::text like ${`%${learner}%`}) as found`
  expect(Number(row?.['found'])).toBe(0)
})

test('collects what was taken in as the gates read it', async () => {
  const here = { learner: 'w-0002', offering: offering() }
  const { taken } = await send(webb.completion(here), webb.login(here), webb.participation(here))
  const [first] = taken
  const id = first?.kind === 'case' ? first.caseId : undefined
  if (id === undefined) throw new Error('no case')
  const [input] = await inInstitution(ground.as('bevis_pipeline'), norrsken, (tx) => collectInputs(tx, [id]))
  expect(input?.evidence.map((fact) => fact.kind).toSorted()).toEqual(['completion', 'identity', 'participation'])
  expect(input?.case).toMatchObject({ learner: 'pers_learner_02', promised: 'D-E', evidenceVersion: 3 })
  const login = input?.evidence.find((fact) => fact.kind === 'identity')
  expect(login).toMatchObject({ check: { route: 'login', loa: 2 }, source: { emitter: 'webb', signed: false } })
  const teaching = input?.evidence.find((fact) => fact.kind === 'participation')
  expect(teaching).toMatchObject({ teaching: { teachers: ['pers_teacher_4'], complete: true } })
  expect(input?.register.persons.map((person) => person.id)).toContain('pers_teacher_4')
})
