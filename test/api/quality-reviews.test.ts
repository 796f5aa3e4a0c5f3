/** Reviews of the quality assurance over the API: recorded once for ever, followed up, and told in the institution's own trail. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Entry, parseLeaf } from '#audit/entry.ts'
import { readTrail } from '#db/audit-log.ts'
import { inInstitution } from '#db/client.ts'
import { readInstitution } from '#db/institution.ts'
import type { QualityReview } from '#db/quality-reviews.ts'
import { type ApiWorld, createApiWorld, institution, type Somebody } from './world.ts'

const base = '/v1/institutions/norrsken/quality-reviews'
const review = {
  from: '2026-01-01',
  until: '2026-07-01',
  looked: [`report:${'A'.repeat(43)}`],
  findings: ['late-decisions', 'few-second-markers'],
  actions: [
    { action: 'remind-sooner', due: '2026-09-01' },
    { action: 'train-scorers', due: '2026-10-01' },
  ],
  reference: 'KVAL-2026/12',
}

let w: ApiWorld
beforeAll(async () => {
  w = await createApiWorld()
})
afterAll(() => w.dispose())

const record = (body: object, key: string, who: Somebody = 'officer') =>
  w.ask(who, base, { body, headers: { 'idempotency-key': key } })
const close = (id: string, body: object, who: Somebody = 'officer') => w.ask(who, `${base}/${id}/closings`, { body })
const listed = async (): Promise<QualityReview[]> =>
  ((await (await w.ask('officer', base)).json()) as { items: QualityReview[] }).items

async function told(): Promise<Entry[]> {
  return inInstitution(w.db, institution, async (tx) => {
    const { trail } = await readInstitution(tx)
    return (await readTrail(tx, trail))
      .map(({ leaf }) => parseLeaf(leaf))
      .filter(({ type }) => type.startsWith('quality'))
  })
}

describe('a review', () => {
  test('is an entry by a person, with what was looked at, what was found and what is to be done by when', async () => {
    const answer = await record(review, 'first')
    expect(answer.status).toBe(201)
    const { id } = (await answer.json()) as QualityReview
    const [entry, ...more] = await told()
    expect(more).toEqual([])
    expect(entry).toMatchObject({
      type: 'quality.reviewed/1',
      actor: { kind: 'human', role: 'officer' },
      data: { review: id, ...review, actions: ['remind-sooner', 'train-scorers'], due: ['2026-09-01', '2026-10-01'] },
    })
    expect(await listed()).toMatchObject([{ id, ...review }])
  })

  test('sent again is the one recorded before', async () => {
    expect((await record(review, 'first')).status).toBe(201)
    expect(await told()).toHaveLength(1)
  })

  test('is closed action by action, each by somebody, once for ever', async () => {
    const [{ id } = { id: '' }] = await listed()
    const done = { action: 'remind-sooner', outcome: 'done', reference: 'KVAL-2026/31' }
    expect((await close(id, done)).status).toBe(200)
    expect((await close(id, done)).status).toBe(200)
    expect((await close(id, { ...done, outcome: 'dropped' })).status).toBe(409)
    expect((await close(id, done, 'second-officer')).status).toBe(409)
    const [shown] = await listed()
    expect(shown?.actions[0]).toMatchObject({ closed: { outcome: 'done', reference: 'KVAL-2026/31' } })
    expect(shown?.actions[0]?.closed?.by).toBe(shown?.recordedBy)
    expect(shown?.actions[1]).toEqual({ action: 'train-scorers', due: '2026-10-01' })
    expect((await told()).map(({ type, act }) => [type, act.outcome])).toEqual([
      ['quality.reviewed/1', 'success'],
      ['quality.action-closed/1', 'done'],
    ])
  })

  test('names only packages that have left the house', async () => {
    expect((await record({ ...review, looked: [`export:${'B'.repeat(43)}`] }, 'unknown')).status).toBe(404)
    expect(await told()).toHaveLength(2)
  })

  test.each([
    ['a period that ends before it begins', { until: '2025-01-01' }],
    ['nothing that was looked at', { looked: [] }],
    ['one action twice', { actions: [review.actions[0], review.actions[0]] }],
    ['free text as a finding', { findings: ['Anna decides too late'] }],
    ['a day that is none', { from: '2026-02-30' }],
  ])('with %s is refused', async (_what, change) => {
    expect((await record({ ...review, ...change }, 'bad')).status).toBe(400)
    expect(await told()).toHaveLength(2)
  })

  test('that nobody recorded, or an action it does not have, cannot be closed', async () => {
    const [{ id } = { id: '' }] = await listed()
    const done = { action: 'other', outcome: 'done', reference: 'KVAL-2026/31' }
    expect((await close(id, done)).status).toBe(404)
    expect((await close('qrev_nobody', done)).status).toBe(404)
  })
})
