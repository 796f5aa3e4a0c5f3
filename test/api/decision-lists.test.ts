import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseLeaf } from '#audit/entry.ts'
import { readTrail } from '#db/audit-log.ts'
import { caseRows } from '#db/cases.ts'
import { inInstitution } from '#db/client.ts'
import { decisionsOf } from '#db/decisions.ts'
import { recordEvents } from '#db/intake.ts'
import { drawSample } from '#domain/list-approval.ts'
import type { CaseId } from '#domain/words.ts'
import { caseToDecide, completedAgain } from './cases.ts'
import { type ApiWorld, createApiWorld, institution } from './world.ts'

const base = '/v1/institutions/norrsken/decision-lists'

interface List {
  readonly id: string
  readonly seed: string
  readonly cases: { id: CaseId; sampled: boolean; opened: boolean; seen: { digest: string } }[]
}
interface Result {
  readonly results: { caseId: CaseId; outcome: string; decision?: string; because?: string }[]
}

let w: ApiWorld
let count = 0
beforeAll(async () => {
  w = await createApiWorld()
})
afterAll(() => w.dispose())

async function waiting(n: number): Promise<CaseId[]> {
  const ids: CaseId[] = []
  for (let i = 0; i < n; i += 1) ids.push(await caseToDecide(w, { offering: `listed-${(count += 1)}` }))
  return ids
}

async function draw(cases: readonly CaseId[]): Promise<List> {
  const response = await w.ask('reviewer', base, { body: { cases } })
  expect(response.status, await response.clone().text()).toBe(201)
  return (await response.json()) as List
}

const open = (list: List, id: CaseId) => w.ask('reviewer', `${base}/${list.id}/cases/${id}`)
const approve = (list: List, who: 'reviewer' | 'decider' = 'reviewer') =>
  w.ask(who, `${base}/${list.id}/approve`, { body: { reason: 'outcomes-shown' } })

async function openSample(list: List): Promise<void> {
  for (const { id, sampled } of list.cases) if (sampled) expect((await open(list, id)).status).toBe(200)
}

describe('approving a list', () => {
  test('takes the sample opened first, and leaves every case a decision of its own with what was seen', async () => {
    const ids = await waiting(6)
    const list = await draw(ids)
    const sample = list.cases.filter(({ sampled }) => sampled).map(({ id }) => id)
    expect(sample.toSorted()).toEqual(drawSample(ids, list.seed).toSorted())
    expect(sample).toHaveLength(5)
    expect(await draw(ids.toReversed())).toEqual(list)

    const early = await approve(list)
    expect([early.status, await early.json()]).toMatchObject([409, { code: 'sample_unopened', unopened: sample }])
    await openSample(list)
    const { results } = (await (await approve(list)).json()) as Result
    expect(results.map(({ caseId, outcome }) => [caseId, outcome])).toEqual(
      ids.toSorted().map((id) => [id, 'approved']),
    )

    await inInstitution(w.db, institution, async (tx) => {
      const decisions = await decisionsOf(tx, ids)
      for (const { id, seen } of list.cases)
        expect(decisions.filter(({ caseId }) => caseId === id)).toMatchObject([
          { outcome: 'approve', seen: seen.digest },
        ])
      const [row] = await caseRows(tx, ids.slice(0, 1))
      const entries = (await readTrail(tx, row?.trail ?? '')).map(({ leaf }) => parseLeaf(leaf))
      expect(entries.at(-1)).toMatchObject({
        type: 'decision.recorded/1',
        data: { list: list.id, listSeed: list.seed, listSize: 6, listOpened: 5 },
      })
    })
    expect(await (await approve(list)).json()).toMatchObject({ results })
  })

  test('refuses a case that has changed since, alone', async () => {
    const ids = await waiting(3)
    const list = await draw(ids)
    await openSample(list)
    const [moved = ''] = ids
    await recordEvents(w.open('bevis_intake'), institution, [completedAgain(`listed-${count - 2}`)])
    const { results } = (await (await approve(list)).json()) as Result
    expect(results.find(({ caseId }) => caseId === moved)).toEqual({
      caseId: moved,
      outcome: 'refused',
      because: 'stale',
    })
    expect(results.filter(({ outcome }) => outcome === 'approved')).toHaveLength(2)
  })

  test('is nobody else’s business, and takes no case that is not the caller’s', async () => {
    const ids = await waiting(1)
    const list = await draw(ids)
    expect((await approve(list, 'decider')).status).toBe(404)
    const foreign = await w.ask('decider', base, { body: { cases: [...ids, 'case_nowhere'] } })
    expect([foreign.status, await foreign.json()]).toMatchObject([
      422,
      {
        code: 'list_unfit',
        cases: [
          { id: 'case_nowhere', because: 'not-yours' },
          { id: ids[0], because: 'not-yours' },
        ].toSorted((a, b) => ((a.id ?? '') < (b.id ?? '') ? -1 : 1)),
      },
    ])
  })
})
