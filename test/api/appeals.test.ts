/** Appeals over the API: lodged, acknowledged, decided by somebody who took no part, closed with what followed; told in the case's own trail. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Entry, parseLeaf } from '#audit/entry.ts'
import { readTrail } from '#db/audit-log.ts'
import { caseRows } from '#db/cases.ts'
import { inInstitution } from '#db/client.ts'
import { applyRegister } from '#db/register.ts'
import type { CaseId } from '#domain/words.ts'
import { caseToDecide, receiveCase, refusedCase } from './cases.ts'
import { type ApiWorld, applier, createApiWorld, institution, personOf, registerOf, type Somebody } from './world.ts'

const base = '/v1/institutions/norrsken/appeals'
const today = new Date().toISOString().slice(0, 10)

interface Shown {
  readonly id: string
  readonly state: string
  readonly overdue: boolean
  readonly [member: string]: unknown
}

let w: ApiWorld
let count = 0
beforeAll(async () => {
  w = await createApiWorld()
})
afterAll(() => w.dispose())

const next = () => {
  count += 1
  return `course-${count}`
}
const refused = (teacher?: Somebody) =>
  refusedCase(w, { offering: next(), ...(teacher === undefined ? {} : { teacher }) })

function lodge(caseId: CaseId, changes: object = {}, { who = 'officer' as Somebody, key = 'k1' } = {}) {
  const told = { case: caseId, kind: 'reconsideration', against: 'outcome', received: today, reference: 'OMP-2026/1' }
  return w.ask(who, base, { body: { ...told, ...changes }, headers: { 'idempotency-key': `${caseId}:${key}` } })
}
const lodged = async (caseId: CaseId, changes: object = {}) =>
  ((await (await lodge(caseId, changes)).json()) as Shown).id
const step = (who: Somebody, id: string, what: 'acknowledge' | 'decide' | 'close', body: object) =>
  w.ask(who, `${base}/${id}/${what}`, { body })
const acknowledge = (id: string, who: Somebody = 'officer') => step(who, id, 'acknowledge', { reference: 'OMP-2026/2' })
const judgement = { outcome: 'upheld', reason: 'criteria-misread', reference: 'OMP-2026/3' }
const decide = (id: string, who: Somebody = 'second-officer', changes: object = {}) =>
  step(who, id, 'decide', { ...judgement, ...changes })
const close = (id: string, followed: readonly string[], who: Somebody = 'officer') =>
  step(who, id, 'close', { followed, reference: 'OMP-2026/4' })
const show = async (id: string) => (await (await w.ask('officer', `${base}/${id}`)).json()) as Shown
const list = async (query = '') =>
  (await (await w.ask('officer', `${base}?${query}`)).json()) as { items: Shown[]; next: string | null }

async function trailOf(caseId: CaseId): Promise<Entry[]> {
  return inInstitution(w.db, institution, async (tx) => {
    const [row] = await caseRows(tx, [caseId])
    return (await readTrail(tx, row?.trail ?? '')).map(({ leaf }) => parseLeaf(leaf))
  })
}
const told = async (caseId: CaseId) => (await trailOf(caseId)).filter(({ type }) => type.startsWith('appeal.'))

describe('an appeal', () => {
  test('goes its way in the case’s own trail, each step by a person, and the trail ends sealed', async () => {
    const { caseId, decision } = await refused()
    const answer = await lodge(caseId, { against: decision })
    expect(answer.status).toBe(201)
    const { id } = (await answer.json()) as Shown
    expect(await (await acknowledge(id)).json()).toMatchObject({ state: 'acknowledged' })
    expect(await (await decide(id)).json()).toMatchObject({ state: 'decided', decided: { by: 'pers_second-officer' } })
    const followed = await receiveCase(w, { offering: next() })
    expect(await (await close(id, [followed])).json()).toMatchObject({
      state: 'closed',
      closed: { followed: [followed] },
    })
    expect(await show(id)).toMatchObject({
      caseId,
      kind: 'reconsideration',
      against: decision,
      reference: 'OMP-2026/1',
      lodgedBy: 'pers_officer',
      decided: { outcome: 'upheld', reason: 'criteria-misread', reference: 'OMP-2026/3' },
    })
    expect(
      (await told(caseId)).map(({ type, actor, act, data }) => [type, actor.kind, act.outcome, data?.['appeal']]),
    ).toEqual([
      ['appeal.lodged/1', 'human', 'success', id],
      ['appeal.acknowledged/1', 'human', 'success', id],
      ['appeal.decided/1', 'human', 'upheld', id],
      ['appeal.closed/1', 'human', 'success', id],
    ])
    expect((await trailOf(caseId)).at(-1)?.type).toBe('trail.sealed/1')
  })

  test('is decided by nobody who only recorded something in the case, or has a conflict with the learner', async () => {
    const caseId = await caseToDecide(w, { offering: next() })
    const declared = await w.ask('second-officer', `/v1/institutions/norrsken/cases/${caseId}/conflicts`, {
      body: { person: 'pers_decider', reason: 'kinship' },
      headers: { 'idempotency-key': 'k' },
    })
    expect(declared.status).toBeLessThan(300)
    const path = `/v1/institutions/norrsken/cases/${caseId}`
    const read = await w.ask('officer', path)
    const { seen } = (await read.json()) as { seen: object }
    const decided = await w.ask('officer', `${path}/decisions`, {
      headers: { 'if-match': read.headers.get('etag') ?? '', 'idempotency-key': 'k' },
      body: { outcome: 'withdraw', reason: 'asked-for', text: 'Asked for by the learner.', seen },
    })
    const { decision } = (await decided.json()) as { decision: string }
    const id = await lodged(caseId, { against: decision })
    await acknowledge(id)
    expect(await (await decide(id)).json()).toMatchObject({ findings: [{ rule: 'handler.not-named' }] })

    const other = await refused()
    const against = await lodged(other.caseId)
    await acknowledge(against)
    const register = registerOf(institution)
    const partial = {
      person: personOf('second-officer'),
      learner: personOf('learner'),
      declaredAt: '2026-01-01T00:00:00.000Z',
      reason: 'kinship',
    }
    await applyRegister(
      w.db,
      { ...register, items: [...register.items, { kind: 'conflict', id: 'c', body: partial }] } as never,
      { by: applier },
    )
    expect(await (await decide(against)).json()).toMatchObject({ findings: [{ rule: 'handler.officer' }] })
    await applyRegister(w.db, register, { by: applier })
    expect((await decide(against)).status).toBe(200)
  })

  test('takes its steps in their order, each once; the same again is the one that stands', async () => {
    const { caseId } = await refused()
    const id = await lodged(caseId)
    expect((await decide(id)).status).toBe(409)
    expect((await close(id, [])).status).toBe(409)
    for (const again of [1, 2]) expect((await acknowledge(id)).status, String(again)).toBe(200)
    expect((await acknowledge(id, 'second-officer')).status).toBe(409)
    for (const again of [1, 2])
      expect((await decide(id, 'second-officer', { outcome: 'dismissed' })).status, String(again)).toBe(200)
    const otherwise = await decide(id)
    expect([otherwise.status, await otherwise.json()]).toMatchObject([409, { code: 'wrong_state', state: 'decided' }])
    for (const again of [1, 2]) expect((await close(id, [])).status, String(again)).toBe(200)
    expect((await close(id, [], 'second-officer')).status).toBe(409)
    expect(await told(caseId)).toHaveLength(4)
  })

  test('decided by two at once has one decision, and the other is told', async () => {
    const { caseId } = await refused()
    const id = await lodged(caseId)
    await acknowledge(id)
    const both = await Promise.all(['upheld', 'dismissed'].map((outcome) => decide(id, 'second-officer', { outcome })))
    expect(new Set(both.map(({ status }) => status))).toEqual(new Set([200, 409]))
    expect((await told(caseId)).filter(({ type }) => type === 'appeal.decided/1')).toHaveLength(1)
  })

  test('that is upheld is closed only with what followed: later, carried out, and about the same person', async () => {
    const { caseId, decision } = await refused()
    const before = await receiveCase(w, { offering: next() })
    const id = await lodged(caseId)
    await acknowledge(id)
    await decide(id, 'second-officer', { outcome: 'partly-upheld' })
    for (const followed of [[], [before], [decision], [caseId], ['revo_none'], ['case_none']]) {
      const answer = await close(id, followed)
      expect([answer.status, await answer.json()], String(followed)).toMatchObject([
        422,
        { code: 'follow_up_demanded', unfit: followed },
      ])
    }
    const after = await receiveCase(w, { offering: next() })
    expect((await close(id, [after, before])).status).toBe(422)
    expect((await close(id, [after])).status).toBe(200)
  })

  test('can be against a decision in a running case, and against a decided appeal; one at a time', async () => {
    const { caseId } = await refused()
    const first = await lodged(caseId)
    const twice = await lodge(caseId, { reference: 'OMP-2026/9' }, { key: 'k2' })
    expect([twice.status, await twice.json()]).toMatchObject([
      409,
      { code: 'appeal_open', appeal: first, state: 'lodged' },
    ])
    const early = await lodge(caseId, { against: first }, { key: 'k3' })
    expect([early.status, await early.json()]).toMatchObject([422, { code: 'nothing_to_appeal' }])
    await acknowledge(first)
    await decide(first, 'second-officer', { outcome: 'dismissed' })
    const second = await lodge(caseId, { against: first, kind: 'appeal' }, { key: 'k3' })
    expect(second.status).toBe(201)
    const { id } = (await second.json()) as Shown
    await acknowledge(id)
    expect(await (await decide(id)).json(), 'who decided the first').toMatchObject({
      findings: [{ rule: 'handler.not-named' }],
    })
  })

  test('is against nothing that was not decided, in no case of nobody’s, on no impossible day', async () => {
    const running = await caseToDecide(w, { offering: next() })
    for (const against of ['outcome', 'deci_none', 'revo_none', 'appl_none'])
      expect((await lodge(running, { against })).status, against).toBe(422)
    expect((await lodge('case_none' as CaseId)).status).toBe(404)
    const { caseId } = await refused()
    for (const received of ['2020-01-01', '2999-01-01', '2026-02-30'])
      expect((await lodge(caseId, { received })).status, received).toBe(400)
    for (const changes of [
      { reference: 'With Anna Andersson' },
      { kind: 'complaint' },
      { against: 'everything' },
      { note: 'free text' },
    ])
      expect((await lodge(caseId, changes)).status, JSON.stringify(changes)).toBe(400)
    expect(await told(caseId)).toEqual([])
  })

  test('sent again under its key is the one lodged before; another under the key is refused', async () => {
    const { caseId } = await refused()
    const [one, again] = [await lodge(caseId), await lodge(caseId)]
    expect([one.status, again.status]).toEqual([201, 201])
    expect(await again.json()).toEqual(await one.json())
    await inInstitution(w.open('bevis_api'), institution, (tx) => tx.execute('delete from kept_request' as never))
    expect((await lodge(caseId)).status).toBe(201)
    await inInstitution(w.open('bevis_api'), institution, (tx) => tx.execute('delete from kept_request' as never))
    expect((await lodge(caseId, { reference: 'OMP-2026/8' })).status).toBe(422)
    expect(await told(caseId)).toHaveLength(1)
  })

  // Whoever has taught the learner once has taught them in every case: last.
  test('is decided by nobody who decided, taught, was appointed, or recorded something in the case', async () => {
    const { caseId } = await refused('second-officer')
    const id = await lodged(caseId)
    expect((await acknowledge(id)).status).toBe(200)
    for (const [who, because] of [
      ['officer', 'handler.not-named'],
      ['second-officer', 'handler.not-named'],
    ] as const) {
      const answer = await decide(id, who)
      expect([answer.status, await answer.json()], who).toMatchObject([
        403,
        { code: 'handler_refused', findings: [{ rule: because }] },
      ])
    }
    expect((await show(id)).state).toBe('acknowledged')
    expect(await told(caseId)).toHaveLength(2)
  })
})

describe('the register of appeals', () => {
  test('shows them latest first, page by page, and which are open and overdue', async () => {
    const all = await list('limit=200')
    expect(all.items.length).toBeGreaterThan(5)
    const places = all.items.map(({ lodgedAt }) => String(lodgedAt))
    expect(places).toEqual(places.toSorted().toReversed())
    const first = await list('limit=2')
    const second = await list(`limit=2&cursor=${encodeURIComponent(first.next ?? '')}`)
    expect([...first.items, ...second.items]).toEqual(all.items.slice(0, 4))
    const states = (items: readonly Shown[]) => [...new Set(items.map(({ state }) => state))].toSorted()
    expect(states((await list('state=closed')).items)).toEqual(['closed'])
    expect(states((await list('state=open')).items)).not.toContain('closed')
    expect((await list('state=overdue')).items).toEqual([])
  })

  test('is nothing for others than quality officers, and another institution’s is not there', async () => {
    const [{ id } = { id: '' }] = (await list()).items
    for (const who of ['operator', 'reviewer', 'privacy'] as const) {
      expect((await w.ask(who, base)).status).toBe(403)
      expect((await acknowledge(id, who)).status).toBe(403)
    }
    expect((await w.ask('stranger', base)).status).toBe(403)
  })
})
