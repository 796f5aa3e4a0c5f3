import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ApiWorld, createApiWorld, publicUrl } from './world.ts'

describe('what anybody may read', () => {
  let w: ApiWorld
  beforeAll(async () => {
    w = await createApiWorld()
  })
  afterAll(() => w.dispose())

  test('the process says that it lives and that it can work', async () => {
    expect(await (await w.ask(undefined, '/livez')).text()).toBe('ok\n')
    expect(await (await w.ask(undefined, '/readyz')).text()).toBe('ok\n')
    const [shutdown, ...lines] = (await (await w.ask(undefined, '/readyz?verbose')).text()).trim().split('\n')
    expect(shutdown).toBe('[+]shutdown ok')
    expect(lines).toEqual([
      '[+]postgres ok',
      '[+]migrations ok',
      '[-]temporal failed: away, work waits for it',
      'readyz check passed',
    ])
    expect(await (await w.ask(undefined, '/readyz/verification?verbose')).text()).not.toContain('temporal')
  })

  test('an institution shows its issuer profile under the id that its credentials carry', async () => {
    const response = await w.ask(undefined, '/institutions/norrsken', {
      headers: { origin: 'https://elsewhere.example' },
    })
    expect(response.status).toBe(200)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(await response.json()).toMatchObject({
      id: `${publicUrl}/institutions/norrsken`,
      type: ['Profile'],
      name: 'norrsken universitet',
      url: 'https://norrsken.example',
    })
  })

  test('an institution nobody registered does not exist', async () => {
    for (const path of ['/institutions/nowhere', '/institutions/nowhere/keys', '/institutions/Not%20a%20slug']) {
      const response = await w.ask(undefined, path)
      expect(response.status, path).toBe(404)
      expect(response.headers.get('content-type')).toContain('application/problem+json')
      expect(await response.json()).toMatchObject({
        code: 'not_found',
        status: 404,
        type: `${publicUrl}/problems/not_found`,
      })
    }
  })

  test('problem types can be looked up, in both languages', async () => {
    expect(await (await w.ask(undefined, '/problems/stale')).json()).toMatchObject({ code: 'stale', status: 409 })
    expect((await w.ask(undefined, '/problems/constructor')).status).toBe(404)
  })

  test('words follow Accept-Language, codes do not', async () => {
    const swedish = await w.ask(undefined, '/nowhere', { headers: { 'accept-language': 'sv-SE, en;q=0.5' } })
    const english = await w.ask(undefined, '/nowhere', { headers: { 'accept-language': 'fr, en;q=0.1' } })
    expect(await swedish.json()).toMatchObject({ code: 'not_found', title: 'Finns inte' })
    expect(await english.json()).toMatchObject({ code: 'not_found', title: 'Not found' })
  })

  test('a credential that is none fails its first check, and nothing is said to have passed', async () => {
    const response = await w.ask(undefined, '/v1/verify', { body: { credential: 'not.a.jwt' } })
    expect(await response.json()).toMatchObject({ result: 'refused', checks: [{ id: 'structure', outcome: 'failed' }] })
  })

  test('a demand is judged with the credential, and never met by one that is none', async () => {
    for (const demand of ['LoA >= 3, bands {A}', { loa: 3, bands: ['A'] }]) {
      const response = await w.ask(undefined, '/v1/verify', { body: { credential: 'not.a.jwt', require: demand } })
      expect(await response.json()).toMatchObject({
        result: 'refused',
        demand: {
          required: 'LoA >= 3, bands {A}',
          result: 'not-met',
          clauses: [{ result: 'could-not-check' }, { result: 'could-not-check' }],
        },
      })
    }
  })

  test('a demand that cannot be understood is told with every fault, in the caller’s language', async () => {
    const headers = { 'accept-language': 'sv' }
    const body = { credential: 'not.a.jwt', require: 'EQF >= 6, LoA > 3' }
    const response = await w.ask(undefined, '/v1/verify', { body, headers })
    expect([response.status, await response.json()]).toMatchObject([
      400,
      {
        errors: [
          { pointer: '/require', code: 'unknown-member', detail: expect.stringContaining('går inte att kräva') },
          { pointer: '/require', code: 'wrong-operator', hint: 'Skriv LoA >= n.' },
        ],
      },
    ])
    for (const nothing of [{}, { eqf: 6 }, { loa: 9 }])
      expect((await w.ask(undefined, '/v1/verify', { body: { ...body, require: nothing } })).status).toBe(400)
  })

  test('without the database it says so, tells its keeper, and gives nothing away', async () => {
    await w.db.close()
    const response = await w.ask(undefined, '/institutions/norrsken')
    const problem = (await response.json()) as { traceId: string }
    expect([response.status, problem]).toMatchObject([503, { code: 'unavailable' }])
    expect(response.headers.get('retry-after')).toBe('5')
    const unready = await w.ask(undefined, '/readyz')
    expect([unready.status, await unready.text()]).toEqual([
      503,
      expect.stringContaining('[-]postgres failed: CONNECTION_ENDED'),
    ])
    expect((await w.ask(undefined, '/readyz/verification')).status).toBe(503)
    expect((await w.ask(undefined, '/livez')).status).toBe(200)
    expect(w.troubles[0]).toMatchObject({ traceId: problem.traceId, error: { error_code: 'CONNECTION_ENDED' } })
    expect(JSON.stringify([problem, w.troubles])).not.toMatch(/norrsken'|select|params/)
  })
})
