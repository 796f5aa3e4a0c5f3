import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { applyRegister } from '#db/register.ts'
import { openLecture } from './achievement.ts'
import { type ApiWorld, applier, createApiWorld, institution, registerOf, type Somebody } from './world.ts'

const base = '/v1/institutions/norrsken'

interface Page {
  readonly items: { readonly id: string }[]
  readonly next: string | null
  readonly prev: string | null
}

describe('the register', () => {
  let w: ApiWorld
  beforeAll(async () => {
    w = await createApiWorld()
    const { items } = registerOf(institution)
    const changed = [...items.filter(({ id }) => id !== 'appointed-decider'), openLecture()]
    await applyRegister(w.db, { ...registerOf(institution), items: changed }, { by: applier })
  })
  afterAll(() => w.dispose())

  const read = async <T>(who: Somebody, path: string): Promise<T> => {
    const response = await w.ask(who, `${base}${path}`)
    expect(response.status, path).toBe(200)
    return (await response.json()) as T
  }
  const statusOf = async (who: Somebody, path: string) => (await w.ask(who, `${base}${path}`)).status

  test('tells everybody who works here what institution this is, and is not sent twice', async () => {
    const response = await w.ask('reviewer', base)
    expect(await response.json()).toMatchObject({ id: 'norrsken', revision: 2, origin: 'bevis.example/norrsken' })
    const etag = response.headers.get('etag') ?? ''
    const again = await w.ask('reviewer', base, { headers: { 'if-none-match': `"other", W/${etag}` } })
    expect([again.status, again.headers.get('etag')]).toEqual([304, etag])
  })

  test('shows what is in force, and what stood in an earlier revision', async () => {
    const ids = async (query = '') =>
      (await read<Page>('operator', `/register/appointment${query}`)).items.map(({ id }) => id)
    expect(await ids()).not.toContain('appointed-decider')
    expect(await ids('?revision=1')).toContain('appointed-decider')
    expect(await read('operator', '/register/appointment/appointed-decider')).toMatchObject({
      inForce: false,
      versions: [{ revisionFrom: 1, revisionUntil: 2, origin: 'register' }],
    })
    expect(await read('operator', '/revisions')).toMatchObject({
      items: [
        { revision: 2, added: 1, changed: 0, removed: 1 },
        { revision: 1, removed: 0 },
      ],
      next: null,
      prev: null,
    })
    expect(await statusOf('operator', '/register/appointment/nobody')).toBe(404)
    expect(await statusOf('operator', '/register/nonsense')).toBe(404)
    expect(await statusOf('reviewer', '/register/appointment')).toBe(403)
  })

  test('comes page by page in both directions', async () => {
    const all = await read<Page>('officer', '/register/person')
    const first = await read<Page>('officer', '/register/person?limit=3')
    const second = await read<Page>(
      'officer',
      `/register/person?limit=3&cursor=${encodeURIComponent(first.next ?? '')}`,
    )
    const back = await read<Page>('officer', `/register/person?limit=3&cursor=${encodeURIComponent(second.prev ?? '')}`)
    expect([...first.items, ...second.items]).toEqual(all.items.slice(0, 6))
    expect([back.items, back.prev]).toEqual([first.items, null])
    const older = await read<Page>('officer', '/revisions?limit=1')
    const last = await read<Page>('officer', `/revisions?limit=1&cursor=${encodeURIComponent(older.next ?? '')}`)
    const newest = await read<Page>('officer', `/revisions?limit=1&cursor=${encodeURIComponent(last.prev ?? '')}`)
    expect([last.next, newest.items, newest.prev]).toEqual([null, older.items, null])
  })

  test('names a person only to an officer who looks at that person, and says in the trail who looked', async () => {
    expect(JSON.stringify(await read('officer', '/register/person'))).not.toContain('Test ')
    expect(await read('officer', '/register/person/pers_learner?purpose=support')).toMatchObject({
      name: 'Test learner',
    })
    expect(await statusOf('operator', '/register/person')).toBe(403)
    expect(await statusOf('operator', '/register/person/pers_learner')).toBe(403)
    const rows = await w.open('bevis_api').sql.begin(async (sql) => {
      await sql`select set_config('app.institution', 'norrsken', true)`
      return sql`select convert_from(leaf, 'UTF8')::jsonb as leaf from audit.entry where type = 'person.viewed/1'`
    })
    expect(rows.map(({ leaf }) => leaf)).toMatchObject([{ actor: { kind: 'human' }, data: { purpose: 'support' } }])
    expect(JSON.stringify(rows)).not.toContain('pers_learner')
  })

  test('lists what can be earned, and shows a version also when it is no longer in force', async () => {
    const ids = async (query = '') => (await read<Page>('reviewer', `/achievements${query}`)).items.map(({ id }) => id)
    expect(await ids()).toEqual(['open-lecture', 'stroke-care'])
    expect(await ids('?band=E')).toEqual(['open-lecture'])
    await applyRegister(w.db, registerOf(institution), { by: applier })
    expect(await ids()).toEqual(['stroke-care'])
    expect(await read('reviewer', '/achievements/open-lecture/versions/1')).toMatchObject({ inForce: false, band: 'E' })
    expect(await statusOf('reviewer', '/achievements/open-lecture/versions/2')).toBe(404)
  })

  test('says what each band demands here, cell by cell, and which cells were tightened', async () => {
    const because = { sv: 'Beslut.', en: 'A decision.' }
    const demand = { atLeast: 3 } as const
    const body = { id: 'loa', band: 'C2-D', row: 'loa', demand, because, reference: 'Dnr 1' } as const
    const tightening = { kind: 'tightening' as const, id: 'loa', body }
    const { items } = registerOf(institution)
    await applyRegister(w.db, { ...registerOf(institution), items: [...items, tightening] }, { by: applier })
    const here = await read<{ demands: Record<string, { tightened: boolean }> }>('reviewer', '/profiles/C2-D')
    expect(here.demands['loa']).toMatchObject({ demand: { atLeast: 3 }, tightened: true })
    expect(here.demands['separation']?.tightened).toBe(false)
    const table = (await (await w.ask(undefined, '/v1/levels')).json()) as { items: { band: string }[] }
    expect(table.items.map(({ band }) => band)).toEqual(['A', 'B-C1', 'C2-D', 'D-E', 'E', 'F'])
    expect((await read<Page>('operator', '/profiles')).items).toHaveLength(6)
  })
})
