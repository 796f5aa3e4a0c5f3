import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { applyRegister } from '#db/register.ts'
import type { CaseId } from '#domain/words.ts'
import { caseToDecide, receiveCase } from './cases.ts'
import { type ApiWorld, applier, createApiWorld, institution, publicUrl, registerOf, type Somebody } from './world.ts'

const base = '/v1/institutions/norrsken/cases'

interface Listed {
  readonly items: { id: string; state: string }[]
  readonly next: string | null
  readonly prev: string | null
  readonly total?: { count: number; capped: boolean }
}

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
    return (await response.json()) as Listed
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

  test('are found by any identifier somebody may hold', async () => {
    const { log: _, trail } = (await (await w.ask('officer', `${base}/${deciding}/trail`)).json()) as {
      log: string
      trail: string
    }
    const evidence = (await (await w.ask('officer', `${base}/${deciding}/evidence`)).json()) as {
      items: { id: string; kind: string }[]
    }
    const completion = evidence.items.find(({ kind }) => kind === 'completion')?.id
    for (const name of [deciding, trail, completion, 'second'])
      expect(await idsOf('officer', `?q=${name}`), name).toEqual([deciding])
    expect(await idsOf('officer', '?q=stroke-care')).toHaveLength(2)
    expect(await idsOf('officer', '?source=lms&event=event-1')).toEqual([received])
    expect(await idsOf('officer', '?offering=first&attempt=1&test=true')).toEqual([received])
    for (const name of ['case_nobody', 'cred_nobody', 'evid_nobody', 'nowhere'])
      expect(await idsOf('officer', `?q=${name}`), name).toEqual([])
    expect(await idsOf('reviewer', `?q=${received}`)).toEqual([])
    expect((await w.ask('officer', `${base}?source=lms`)).status).toBe(400)
  })

  test('are found by a learner’s reference in any scheme the institution declares', async () => {
    const { institution: declared } = registerOf(institution)
    const referenceSchemes = [{ id: 'oidc', name: { sv: 'Inloggning', en: 'Login' } }]
    const body = { ...declared.body, referenceSchemes }
    await applyRegister(w.db, { ...registerOf(institution), institution: { ...declared, body } }, { by: applier })
    expect(await idsOf('officer', '?q=learner')).toHaveLength(2)
    expect(await idsOf('reviewer', '?q=learner')).toEqual([deciding])
  })

  test('are found by where they stand, for whom they wait, and when', async () => {
    expect(await idsOf('officer', '?waitingFor=approver')).toEqual([deciding])
    expect(await idsOf('officer', '?step=approval&ended=false')).toEqual([deciding])
    expect(await idsOf('officer', '?appointed=pers_reviewer')).toEqual([deciding])
    expect(await idsOf('officer', '?overdue=true')).toEqual([])
    expect(await idsOf('officer', '?overdue=false&ended=false')).toHaveLength(2)
    expect(await idsOf('officer', '?openedUntil=2020-01-01T00:00:00Z')).toEqual([])
    expect(await idsOf('officer', '?changedFrom=2020-01-01T00:00:00Z')).toHaveLength(2)
    expect((await w.ask('officer', `${base}?openedFrom=yesterday`)).status).toBe(400)
    expect((await w.ask('reviewer', `${base}?appointed=pers_reviewer`)).status).toBe(403)
  })

  test('come page by page in both directions, each once, with links', async () => {
    const all = await idsOf('officer')
    const response = await w.ask('officer', `${base}?limit=1`)
    const first = (await response.json()) as Listed
    expect([first.items[0]?.id, first.prev]).toEqual([all[0], null])
    const [, link = ''] = /^<([^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '') ?? []
    expect(link.startsWith(`${publicUrl}${base}?`)).toBe(true)
    const second = (await (await w.ask('officer', link.slice(publicUrl.length))).json()) as Listed
    expect([second.items[0]?.id, second.next]).toEqual([all[1], null])
    const back = await list('officer', `?limit=1&cursor=${encodeURIComponent(second.prev ?? '')}`)
    expect([back.items, back.prev, back.next === null]).toEqual([first.items, null, false])
    expect(await idsOf('officer', '?sort=opened&order=asc')).toEqual([received, deciding])
    expect(await idsOf('officer', '?sort=waitingUntil')).toEqual([])
    expect((await list('officer', '?count=capped&limit=1')).total).toEqual({ count: 2, capped: false })
  })

  test('a cursor that was bent, or belongs to other filters, is refused', async () => {
    const { next } = await list('officer', '?limit=1')
    const cursor = encodeURIComponent(next ?? '')
    for (const query of [`?limit=1&state=received&cursor=${cursor}`, `?limit=1&cursor=x${cursor}`, '?cursor=%00']) {
      const response = await w.ask('officer', `${base}${query}`)
      expect(response.status, query).toBe(400)
    }
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

  test('a trail and the evidence come page by page in both directions, with links; a page of a trail has its own disclosures', async () => {
    type Page = {
      items: { id: string }[]
      entries: { n: number }[]
      disclosures: { n: number }[]
      next: string | null
      prev: string | null
    }
    const read = async (path: string) => {
      const response = await w.ask('officer', `${base}/${deciding}/${path}`)
      return { ...((await response.json()) as Page), link: response.headers.get('link') }
    }
    const at = (cursor: string | null) => `limit=2&cursor=${encodeURIComponent(cursor ?? '')}`
    const all = await read('trail')
    const pages = [await read('trail?limit=2')]
    for (let page = pages[0]; page?.next != null; page = pages.at(-1)) pages.push(await read(`trail?${at(page.next)}`))
    expect(pages.flatMap(({ entries }) => entries)).toEqual(all.entries)
    expect(pages.flatMap(({ disclosures }) => disclosures)).toEqual(all.disclosures)
    expect(pages.length).toBe(Math.ceil(all.entries.length / 2))
    expect(pages[0]?.link).toMatch(/rel="next"$/)
    const back = await read(`trail?${at(pages[1]?.prev ?? '')}`)
    expect([back.entries, back.disclosures, back.prev]).toEqual([pages[0]?.entries, pages[0]?.disclosures, null])

    const facts = await read('evidence')
    const first = await read('evidence?limit=1')
    const second = await read(`evidence?limit=1&cursor=${encodeURIComponent(first.next ?? '')}`)
    expect([...first.items, ...second.items]).toEqual(facts.items)
    expect((await read(`evidence?limit=1&cursor=${encodeURIComponent(second.prev ?? '')}`)).items).toEqual(first.items)
    const elsewhere = await w.ask(
      'officer',
      `${base}/${received}/trail?cursor=${encodeURIComponent(pages[0]?.next ?? '')}`,
    )
    expect([elsewhere.status, await elsewhere.json()]).toMatchObject([400, { code: 'invalid_cursor' }])
  })

  test('a look at one leaves a mark, once per login and purpose; a list and an unchanged case leave none', async () => {
    const token = await w.token('second-officer')
    const path = `/v1/institutions/norrsken/cases/${received}`
    const look = (query = '', headers = {}) =>
      w.ask(undefined, `${path}${query}`, { headers: { authorization: `Bearer ${token}`, ...headers } })
    const marks = async () => {
      const log = await w.ask('officer', '/v1/institutions/norrsken/access-log?what=case&person=pers_second-officer')
      return ((await log.json()) as { items: object[] }).items
    }
    await w.ask('second-officer', base)
    expect(await marks()).toEqual([])
    const etag = (await look()).headers.get('etag') ?? ''
    await look()
    expect((await look('', { 'if-none-match': etag })).status).toBe(304)
    expect(await marks()).toMatchObject([{ what: 'case', caseId: received, role: 'officer', purpose: 'case-work' }])
    await look('?purpose=appeal')
    expect(await marks()).toMatchObject([{ purpose: 'appeal' }, { purpose: 'case-work' }])
  })

  test('an operator sees none of them', async () => {
    expect((await w.ask('operator', base)).status).toBe(403)
    expect(await (await w.ask('operator', '/v1/institutions/norrsken/unresolved-events')).json()).toEqual({
      items: [],
      next: null,
      prev: null,
    })
  })
})
