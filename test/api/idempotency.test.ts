import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inInstitution } from '#db/client.ts'
import { storeDeadLetters } from '#db/dead-letters.ts'
import { claimRequest } from '#db/kept-requests.ts'
import { type Planted, plant } from './planted.ts'
import { type ApiWorld, createApiWorld, institution, personOf, type Somebody } from './world.ts'

const base = '/v1/institutions/norrsken'

describe('a request under a key of the caller’s own', () => {
  let w: ApiWorld
  let planted: Planted
  beforeAll(async () => {
    w = await createApiWorld()
    planted = await plant(w, institution)
  })
  afterAll(() => w.dispose())

  const letter = async (): Promise<string> => {
    const said = { stream: 'COMPLETIONS', subject: 'completions.norrsken.x', code: 'unreadable', problems: [] }
    const stored = { ...said, payload: Buffer.from(`{${Math.random()}`), headers: {} }
    const [id = ''] = await inInstitution(w.open('bevis_intake'), institution, (tx) => storeDeadLetters(tx, [stored]))
    return id
  }
  const post = async (who: Somebody, path: string, key: string, body?: object, etag = '"any"') => {
    const headers = { 'idempotency-key': key, 'if-match': etag }
    const response = await w.ask(who, base + path, { method: 'POST', headers, ...(body === undefined ? {} : { body }) })
    return { status: response.status, body: (await response.json()) as { code?: string } }
  }
  const discard = (id: string, key: string, reason: string) =>
    post('operator', `/dead-letters/${id}/discard`, key, { reason })
  const rows = () =>
    inInstitution(w.db, institution, (tx) =>
      tx.execute<{ answer: Uint8Array | null }>(sql`select answer from kept_request`),
    )
  const age = (by: string) =>
    inInstitution(w.db, institution, (tx) =>
      tx.execute(sql`update kept_request set started_at = started_at - ${by}::interval`),
    )

  test('is answered the second time as the first, and carried out once; another’s key is another key', async () => {
    const read = await w.ask('officer', `${base}/revocations/${planted['revocations']}`)
    const path = `/revocations/${planted['revocations']}/refuse`
    const first = await post('officer', path, 'k', undefined, read.headers.get('etag') ?? '')
    expect(first.status).toBe(200)
    expect(await post('officer', path, 'k')).toEqual(first)
    for (const [who, key] of [
      ['officer', 'k2'],
      ['second-officer', 'k'],
    ] as const)
      expect(await post(who, path, key)).toMatchObject({ status: 409, body: { code: 'wrong_state' } })
  })

  test('with another body is refused, and a refusal leaves the key free', async () => {
    const id = await letter()
    expect((await discard(id, 'd', 'In words')).status).toBe(400)
    expect((await discard(id, 'd', 'a-duplicate')).status).toBe(200)
    expect(await discard(id, 'd', 'another-reason')).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    })
  })

  test('waits for the one that is being carried out, but not for one whose process died', async () => {
    const id = await letter()
    const body = JSON.stringify({ reason: 'a-duplicate' })
    const path = `${base}/dead-letters/${id}/discard`
    const begun = { person: personOf('operator'), path, key: 'p', body }
    expect(await inInstitution(w.db, institution, (tx) => claimRequest(tx, begun))).toEqual({ kind: 'claimed' })
    expect(await discard(id, 'p', 'a-duplicate')).toMatchObject({ status: 409, body: { code: 'request_in_progress' } })
    await age('6 seconds')
    expect((await discard(id, 'p', 'other')).status).toBe(422)
    expect((await discard(id, 'p', 'a-duplicate')).status).toBe(200)
  })

  test('is kept sealed, for a day', async () => {
    const id = await letter()
    expect((await discard(id, 's', 'a-duplicate')).status).toBe(200)
    const kept = await rows()
    expect(kept.length).toBeGreaterThan(1)
    for (const { answer } of kept) expect(Buffer.from(answer ?? []).toString('latin1')).not.toMatch(/dead_|discarded/)
    await age('24 hours')
    expect((await discard(id, 's', 'other')).status).toBe(200)
    expect(await rows()).toHaveLength(1)
  })
})
