import { afterAll, beforeAll, expect, test } from 'vitest'
import { caseToDecide } from './cases.ts'
import { type ApiWorld, createApiWorld, type Somebody } from './world.ts'

const base = '/v1/institutions/norrsken'

let w: ApiWorld
beforeAll(async () => {
  w = await createApiWorld()
})
afterAll(() => w.dispose())

const read = async (who: Somebody, path: string) => {
  const response = await w.ask(who, base + path)
  return (await response.json()) as { items: Record<string, unknown>[]; next: string | null; prev: string | null }
}
const tagOf = async (id: string) =>
  (await w.ask('officer', `${base}/cases/${id}/appointments`)).headers.get('etag') ?? ''
const end = async (id: string, role = 'external-reviewer', tag?: string) => {
  const response = await w.ask('officer', `${base}/cases/${id}/appointments/${role}/end`, {
    headers: { 'if-match': tag ?? (await tagOf(id)) },
    body: { reason: 'absent' },
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

test('an officer ends an appointment: it stays in both lists with its end, and the case is judged again', async () => {
  const id = await caseToDecide(w, { offering: 'ended' })
  const before = (await (await w.ask('officer', `${base}/cases/${id}`)).json()) as { evidenceVersion: number }
  const held = { caseId: id, role: 'external-reviewer', person: 'pers_reviewer', rule: 'draw.rotation/1' }
  const drawn = await read('reviewer', `/cases/${id}/appointments`)
  expect(drawn.items).toEqual([{ ...held, from: expect.any(String) }])

  expect(await end(id, 'decision-maker')).toMatchObject({ status: 403, body: { code: 'not_appointed' } })
  expect(await end(id)).toMatchObject({ status: 200, body: { person: 'pers_reviewer', delivery: 'pending' } })
  expect(await end(id)).toMatchObject({ status: 403, body: { code: 'not_appointed' } })

  expect((await w.ask('reviewer', `${base}/cases/${id}`)).status).toBe(404)
  const over = { ...held, because: 'absent', until: expect.any(String) }
  expect((await read('officer', `/cases/${id}/appointments`)).items).toMatchObject([over])
  expect((await read('officer', '/appointments?person=pers_reviewer')).items).toMatchObject([over])
  expect((await read('officer', '/appointments?person=pers_reviewer&state=held')).items).toEqual([])
  const after = (await (await w.ask('officer', `${base}/cases/${id}`)).json()) as { evidenceVersion: number }
  expect(after.evidenceVersion).toBe(before.evidenceVersion + 1)
  const trail = (await (await w.ask('officer', `${base}/cases/${id}/trail`)).json()) as { entries: { entry: object }[] }
  expect(trail.entries.at(-1)?.entry).toMatchObject({
    type: 'approver.ended/1',
    actor: { kind: 'human', role: 'officer' },
    act: { reason: 'absent' },
    data: { role: 'external-reviewer', evidenceVersion: after.evidenceVersion },
  })
})

test('an appointment is ended as it was read: a stale tag ends nothing', async () => {
  const id = await caseToDecide(w, { offering: 'read' })
  const path = `${base}/cases/${id}/appointments`
  const etag = await tagOf(id)
  expect((await w.ask('officer', path, { headers: { 'if-none-match': etag } })).status).toBe(304)
  const bare = await w.ask('officer', `${path}/external-reviewer/end`, { body: { reason: 'absent' } })
  expect(bare.status).toBe(428)
  expect(await end(id, 'external-reviewer', '"older"')).toMatchObject({
    status: 412,
    body: { code: 'precondition_failed', now: { items: [{ person: 'pers_reviewer' }] } },
  })
  expect((await end(id, 'external-reviewer', etag)).status).toBe(200)
  expect(await end(id, 'external-reviewer', etag)).toMatchObject({ status: 412 })
})

test('a person’s appointments come page by page in both directions', async () => {
  for (const offering of ['one', 'two', 'three']) await caseToDecide(w, { offering })
  const list = (query: string) => read('officer', `/appointments?person=pers_reviewer&${query}`)
  const all = await list('')
  const first = await list('limit=2')
  const second = await list(`limit=2&cursor=${encodeURIComponent(first.next ?? '')}`)
  expect([...first.items, ...second.items]).toEqual(all.items.slice(0, 4))
  const back = await list(`limit=2&cursor=${encodeURIComponent(second.prev ?? '')}`)
  expect(back.items).toEqual(first.items)
})
