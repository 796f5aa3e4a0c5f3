/** The register of complaints over the API: received, acknowledged, handled by somebody apart, closed with measures; told in the log alone. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Entry, parseLeaf } from '#audit/entry.ts'
import { readTrail } from '#db/audit-log.ts'
import { inInstitution } from '#db/client.ts'
import { readInstitution } from '#db/institution.ts'
import { refusedCase } from './cases.ts'
import { type ApiWorld, createApiWorld, institution, type Somebody } from './world.ts'

const base = '/v1/institutions/norrsken/complaints'
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

function receive(changes: object = {}, { who = 'officer' as Somebody, key = '' } = {}) {
  count += 1
  const told = { category: 'late-answer', received: today, reference: 'KL-2026/7' }
  return w.ask(who, base, { body: { ...told, ...changes }, headers: { 'idempotency-key': key || `k${count}` } })
}
const received = async (changes: object = {}) => ((await (await receive(changes)).json()) as Shown).id
const acknowledge = (id: string, who: Somebody = 'officer') =>
  w.ask(who, `${base}/${id}/acknowledge`, { body: { reference: 'KL-2026/8' } })
const progress = (id: string, step: string, { who = 'officer' as Somebody, key = step } = {}) =>
  w.ask(who, `${base}/${id}/progress`, { body: { step, reference: 'KL-2026/9' }, headers: { 'idempotency-key': key } })
const close = (id: string, changes: object = {}, who: Somebody = 'officer') =>
  w.ask(who, `${base}/${id}/close`, {
    body: { outcome: 'justified', measures: ['answer-sooner'], reference: 'KL-2026/12', ...changes },
  })
const list = async (query = '') => (await (await w.ask('officer', `${base}?${query}`)).json()) as { items: Shown[] }

async function told(id: string): Promise<Entry[]> {
  return inInstitution(w.db, institution, async (tx) => {
    const { trail } = await readInstitution(tx)
    return (await readTrail(tx, trail))
      .map(({ leaf }) => parseLeaf(leaf))
      .filter(({ data }) => data?.['complaint'] === id)
  })
}

describe('a complaint', () => {
  test('about the service goes its way in the institution’s trail, each step by a person, each once', async () => {
    const id = await received()
    for (const again of [1, 2]) expect((await acknowledge(id)).status, String(again)).toBe(200)
    for (const step of ['statement-asked-for', 'statement-came', 'statement-came'])
      expect((await progress(id, step)).status).toBe(200)
    for (const again of [1, 2]) expect((await close(id)).status, String(again)).toBe(200)
    expect(await (await w.ask('officer', `${base}/${id}`)).json()).toMatchObject({
      category: 'late-answer',
      persons: [],
      state: 'closed',
      receivedBy: 'pers_officer',
      acknowledged: { reference: 'KL-2026/8', by: 'pers_officer' },
      progress: [{ step: 'statement-asked-for' }, { step: 'statement-came' }],
      closed: { outcome: 'justified', measures: ['answer-sooner'], reference: 'KL-2026/12' },
    })
    expect((await told(id)).map(({ type, actor }) => [type, actor.kind, actor.role])).toEqual(
      ['received', 'acknowledged', 'progressed', 'progressed', 'closed'].map((step) => [
        `complaint.${step}/1`,
        'human',
        'officer',
      ]),
    )
  })

  test('takes its steps in their order, and none after it is closed', async () => {
    const id = await received()
    for (const early of [await progress(id, 'asked'), await close(id)])
      expect([early.status, await early.json()]).toMatchObject([409, { code: 'wrong_state', state: 'received' }])
    await acknowledge(id)
    expect((await acknowledge(id, 'second-officer')).status).toBe(409)
    await close(id, { outcome: 'unjustified', measures: [] })
    expect((await close(id)).status).toBe(409)
    expect((await progress(id, 'asked')).status).toBe(409)
    expect(await told(id)).toHaveLength(3)
  })

  test('closed by two at once is closed once, and the other is told', async () => {
    const id = await received()
    await acknowledge(id)
    const both = await Promise.all([close(id), close(id, {}, 'second-officer')])
    expect(new Set(both.map(({ status }) => status))).toEqual(new Set([200, 409]))
    expect(await told(id)).toHaveLength(3)
  })

  test('is handled by nobody it is about, nor by whoever took part in the case it is about', async () => {
    const about = await received({ persons: ['pers_second-officer'] })
    expect((await acknowledge(about, 'second-officer')).status).toBe(200)
    for (const answer of [
      await progress(about, 'asked', { who: 'second-officer' }),
      await close(about, {}, 'second-officer'),
    ])
      expect([answer.status, await answer.json()]).toMatchObject([
        403,
        { code: 'handler_refused', findings: [{ rule: 'handler.not-about' }] },
      ])
    expect((await close(about)).status).toBe(200)
    const { caseId } = await refusedCase(w, { offering: 'course-1' })
    const id = await received({ case: caseId })
    await acknowledge(id)
    const own = await close(id)
    expect([own.status, await own.json()]).toMatchObject([403, { findings: [{ rule: 'handler.not-named' }] }])
    expect((await close(id, {}, 'second-officer')).status).toBe(200)
  })

  test('that was right is closed only with measures', async () => {
    const id = await received()
    await acknowledge(id)
    for (const outcome of ['justified', 'partly-justified'])
      expect((await close(id, { outcome, measures: [] })).status, outcome).toBe(422)
    expect((await close(id, { outcome: 'withdrawn', measures: [] })).status).toBe(200)
  })

  test('names no person in the log but by pseudonym, and takes no free text', async () => {
    const id = await received({ persons: ['pers_examiner'] })
    expect(JSON.stringify(await told(id))).not.toContain('examiner')
    for (const changes of [
      { category: 'Anna answers too late' },
      { reference: 'From Anna Andersson' },
      { text: 'Anna answers too late' },
      { received: '2999-01-01' },
    ])
      expect((await receive(changes)).status, JSON.stringify(changes)).toBe(400)
    for (const changes of [{ case: 'case_none' }, { persons: ['pers_nobody'] }])
      expect((await receive(changes)).status, JSON.stringify(changes)).toBe(404)
  })

  test('sent again under its key is the one received before', async () => {
    const [one, again] = [await receive({}, { key: 'same' }), await receive({}, { key: 'same' })]
    expect(await again.json()).toEqual(await one.json())
    expect((await receive({ category: 'other' }, { key: 'same' })).status).toBe(422)
  })
})

describe('the register of complaints', () => {
  test('shows what is open and what is overdue by the days that are asked for', async () => {
    const lastMonth = new Date(Date.now() - 40 * 86_400_000).toISOString().slice(0, 10)
    const old = await received({ received: lastMonth })
    const ids = async (query: string) => (await list(query)).items.map(({ id }) => id)
    expect(await ids('state=overdue')).toEqual([old])
    expect(await ids('state=overdue&days=60')).toEqual([])
    expect((await list('state=open')).items.map(({ state }) => state)).not.toContain('closed')
    const all = await ids('limit=200')
    expect([all[0], all.length > 5]).toEqual([old, true])
    await acknowledge(old)
    await close(old)
    expect(await ids('state=overdue')).toEqual([])
    expect(await ids('state=closed')).toContain(old)
  })

  test('is nothing for others than quality officers', async () => {
    for (const who of ['operator', 'reviewer', 'privacy', 'stranger'] as const) {
      expect((await w.ask(who, base)).status, who).toBe(403)
      expect((await receive({}, { who })).status, who).toBe(403)
    }
  })
})
