import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseLeaf } from '#audit/entry.ts'
import { readTrail } from '#db/audit-log.ts'
import { inInstitution } from '#db/client.ts'
import { storeDeadLetters } from '#db/dead-letters.ts'
import { readInstitution } from '#db/institution.ts'
import { type ApiWorld, createApiWorld, institution } from './world.ts'

const base = '/v1/institutions/norrsken/dead-letters'

describe('dead letters', () => {
  let w: ApiWorld
  let ids: string[]
  beforeAll(async () => {
    w = await createApiWorld()
    ids = await inInstitution(w.open('bevis_intake'), institution, (tx) =>
      storeDeadLetters(
        tx,
        [1, 2, 3].map((n) => ({
          stream: 'COMPLETIONS',
          subject: 'completions.norrsken.lms',
          code: n === 3 ? 'bad-signature' : 'invalid-event',
          problems: [
            { code: 'missing', pointer: '/data/learner', detail: 'is missing', advice: 'say whom it is about' },
          ],
          payload: Buffer.from(`{"n":${n}}`),
          headers: { 'Nats-Msg-Id': `m${n}` },
        })),
      ),
    )
  })
  afterAll(() => w.dispose())

  const page = async (query: string) => {
    const response = await w.ask('operator', `${base}?${query}`)
    expect(response.status).toBe(200)
    return (await response.json()) as { items: { id: string; code: string }[]; next: string | null }
  }

  test('are listed page by page, each once', async () => {
    const first = await page('limit=2')
    expect(first.items).toHaveLength(2)
    const second = await page(`limit=2&cursor=${encodeURIComponent(first.next ?? '')}`)
    expect(second.next).toBeNull()
    expect([...first.items, ...second.items].map(({ id }) => id).toSorted()).toEqual(ids.toSorted())
  })

  test('are found by their code', async () => {
    expect((await page('code=bad-signature')).items.map(({ id }) => id)).toEqual([ids[2]])
  })

  test('a cursor is good for its own filters only, and cannot be made up', async () => {
    const { next } = await page('limit=1')
    for (const query of [`limit=1&code=invalid-event&cursor=${next}`, 'cursor=W10.AAAA', 'cursor=x']) {
      const response = await w.ask('operator', `${base}?${query}`)
      expect([response.status, await response.json()]).toMatchObject([400, { code: 'invalid_cursor' }])
    }
  })

  test('show their bytes, and what the sender can do', async () => {
    const shown = await (await w.ask('officer', `${base}/${ids[0]}`)).json()
    expect(shown).toMatchObject({ headers: { 'Nats-Msg-Id': 'm1' }, problems: [{ advice: 'say whom it is about' }] })
    expect(Buffer.from((shown as { payload: string }).payload, 'base64url').toString()).toBe('{"n":1}')
    expect((await w.ask('officer', `${base}/dead_other`)).status).toBe(404)
  })

  test('are discarded with a reason, and only once for good', async () => {
    const path = `${base}/${ids[1]}/discard`
    expect((await w.ask('operator', path, { body: { reason: 'Not a code' } })).status).toBe(400)
    const closed = await w.ask('operator', path, { body: { reason: 'sender-corrected' } })
    expect(await closed.json()).toEqual({ id: ids[1], state: 'discarded' })
    expect((await w.ask('operator', path, { body: { reason: 'sender-corrected' } })).status).toBe(200)
    expect((await page('state=open')).items.map(({ id }) => id)).not.toContain(ids[1])
    const told = await inInstitution(w.db, institution, async (tx) => readTrail(tx, (await readInstitution(tx)).trail))
    expect(
      told.map(({ leaf }) => parseLeaf(leaf)).filter(({ type }) => type === 'dead-letter.discarded/1'),
    ).toMatchObject([
      {
        actor: { kind: 'human', role: 'operator', authn: { auth_time: expect.any(Number) } },
        act: { reason: 'sender-corrected' },
        data: { deadLetter: ids[1] },
      },
    ])
  })
})
