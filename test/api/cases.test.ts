import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CaseId } from '#domain/words.ts'
import { caseToDecide, receiveCase } from './cases.ts'
import { type ApiWorld, createApiWorld, type Somebody } from './world.ts'

const base = '/v1/institutions/norrsken/cases'

describe('cases', () => {
  let w: ApiWorld
  let received: CaseId
  let deciding: CaseId
  beforeAll(async () => {
    w = await createApiWorld()
    received = await receiveCase(w, { offering: 'first' })
    deciding = await caseToDecide(w, { offering: 'second' })
  })
  afterAll(() => w.dispose())

  const list = async (who: Somebody, query = '') => {
    const response = await w.ask(who, `${base}${query}`)
    expect(response.status, query).toBe(200)
    return (await response.json()) as { items: { id: string; state: string }[]; next: string | null }
  }
  const idsOf = async (who: Somebody, query = '') => (await list(who, query)).items.map(({ id }) => id)

  test('are all an officer’s, last changed first; an approver’s are those they are appointed to', async () => {
    expect(await idsOf('officer')).toEqual([deciding, received])
    expect(await idsOf('reviewer')).toEqual([deciding])
    expect(await idsOf('reviewer', '?achievement=other')).toEqual([])
    expect(await idsOf('decider')).toEqual([])
    expect(await idsOf('officer', '?mine=true')).toEqual([])
  })

  test('are found by state, band, achievement and a reference of the learner', async () => {
    expect(await idsOf('officer', '?state=received')).toEqual([received])
    expect(await idsOf('officer', '?band=A')).toEqual([])
    expect(await idsOf('officer', '?achievement=stroke-care&band=C2-D')).toHaveLength(2)
    expect(await idsOf('officer', '?learnerScheme=oidc&learner=learner')).toHaveLength(2)
    expect(await idsOf('officer', '?learnerScheme=oidc&learner=nobody')).toEqual([])
    expect((await w.ask('officer', `${base}?learner=learner`)).status).toBe(400)
    expect(await idsOf('reviewer', '?learnerScheme=oidc&learner=learner')).toEqual([deciding])
  })

  test('come page by page, each once', async () => {
    const first = await list('officer', '?limit=1')
    const second = await list('officer', `?limit=1&cursor=${encodeURIComponent(first.next ?? '')}`)
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual([deciding, received])
    expect(second.next).toBeNull()
  })

  test('of another institution do not exist here', async () => {
    for (const path of ['', '/trail', '/evidence']) {
      expect((await w.ask('officer', `${base}/case_other${path}`)).status).toBe(404)
      expect((await w.ask('officer', `${base}/nonsense${path}`)).status).toBe(404)
      expect((await w.ask('officer', `/v1/institutions/sorsken/cases/${deciding}${path}`)).status).toBe(403)
    }
  })

  test('unchanged are not sent again', async () => {
    const etag = (await w.ask('officer', `${base}/${deciding}`)).headers.get('etag') ?? ''
    const again = await w.ask('officer', `${base}/${deciding}`, { headers: { 'if-none-match': etag } })
    expect([again.status, await again.text()]).toEqual([304, ''])
  })

  test('show their evidence as a list; reading one leaves a mark in the institution’s trail', async () => {
    const path = `${base}/${deciding}/evidence`
    const { items } = (await (await w.ask('reviewer', path)).json()) as { items: { id: string; kind: string }[] }
    expect(items).toHaveLength(2)
    expect(items[0]).not.toHaveProperty('event')
    const taught = items.find(({ kind }) => kind === 'participation')
    const read = await (await w.ask('reviewer', `${path}/${taught?.id}?purpose=case-work`)).json()
    expect(read).toMatchObject({ kind: 'participation', event: { data: { offering: 'second' } }, computed: {} })
    expect((await w.ask('reviewer', `${base}/${received}/evidence/${taught?.id}`)).status).toBe(404)
    expect((await w.ask('officer', `${base}/${received}/evidence/${taught?.id}`)).status).toBe(404)
    expect((await w.ask('reviewer', `${path}/${taught?.id}?purpose=curiosity`)).status).toBe(400)

    const rows = await w.open('bevis_api').sql.begin(async (sql) => {
      await sql`select set_config('app.institution', 'norrsken', true)`
      return sql`select convert_from(leaf, 'UTF8')::jsonb as leaf from audit.entry where type = 'evidence.viewed/1'`
    })
    expect(rows.map(({ leaf }) => leaf)).toMatchObject([
      {
        actor: { kind: 'human', role: 'external-reviewer' },
        act: { meaning: 'evidence-viewed' },
        data: { purpose: 'case-work', case: deciding, id: taught?.id },
      },
    ])
  })

  test('give their trail to officers with what stands behind the digests, to approvers without', async () => {
    type Trail = {
      log: string
      entries: { n: number; leaf: string; entry: { type: string } }[]
      disclosures: unknown[]
    }
    const officer = (await (await w.ask('officer', `${base}/${deciding}/trail`)).json()) as Trail
    const reviewer = (await (await w.ask('reviewer', `${base}/${deciding}/trail`)).json()) as Trail
    expect(officer.log).toBe('bevis.example/norrsken')
    expect(officer.entries.map(({ n }) => n)).toEqual(officer.entries.map((_, index) => index + 1))
    expect(reviewer.entries).toEqual(officer.entries)
    expect(officer.disclosures.length).toBeGreaterThan(0)
    expect(reviewer.disclosures).toEqual([])
    const [first] = officer.entries
    expect(JSON.parse(Buffer.from(first?.leaf ?? '', 'base64url').toString())).toEqual(first?.entry)
  })

  test('an operator sees none of them', async () => {
    expect((await w.ask('operator', base)).status).toBe(403)
    expect(await (await w.ask('operator', '/v1/institutions/norrsken/unresolved-events')).json()).toEqual({
      items: [],
      next: null,
    })
  })
})
