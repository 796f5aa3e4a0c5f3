import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseLeaf } from '#audit/entry.ts'
import { inInstitution } from '#db/client.ts'
import { edit, registerFiles } from './register-files.ts'
import { type ApiWorld, createApiWorld, institution, type Somebody } from './world.ts'

const base = '/v1/institutions/norrsken'

let w: ApiWorld
beforeAll(async () => {
  w = await createApiWorld()
})
afterAll(() => w.dispose())

interface Shown {
  readonly id: string
  readonly state: string
  readonly seen: string
  readonly revision: number
  readonly code: string
  readonly diff: { readonly revision: number; readonly items: { kind: string; id: string; change: string }[] }
  readonly errors: { pointer: string; code: string }[]
}

let sent = 0
const tagOf = async (id: string) =>
  (await w.ask('operator', `${base}/register-proposals/${id}`)).headers.get('etag') ?? ''
/** `path` may begin with a proposal: then as it reads now, or as it was read (`tag`). */
const post = async (who: Somebody, path: string, body: object, tag?: string) => {
  sent += 1
  const [, id] = path.split('/')
  const headers = {
    'idempotency-key': `k${sent}`,
    ...(id === undefined ? {} : { 'if-match': tag ?? (await tagOf(id)) }),
  }
  const response = await w.ask(who, `${base}/register-proposals${path}`, { headers, body })
  return { status: response.status, body: (await response.json()) as Shown }
}
const propose = (who: Somebody, files: Record<string, string>) => post(who, '', { files, reason: 'new-examiner' })
const show = async (id: string) => (await (await w.ask('operator', `${base}/register-proposals/${id}`)).json()) as Shown
const revision = async () => ((await (await w.ask('officer', base)).json()) as { revision: number }).revision
const entries = async () => {
  const rows = await inInstitution(w.db, institution, (tx) =>
    tx.execute<{ leaf: Uint8Array }>(sql`select leaf from audit.entry where type like 'register.%' order by n`),
  )
  return rows.map(({ leaf }) => parseLeaf(leaf))
}

test('a register is proposed by one and put into force by another who saw exactly this change', async () => {
  const before = await revision()
  const proposed = await propose('officer', registerFiles(institution))
  expect(proposed.status, JSON.stringify(proposed.body)).toBe(201)
  const { id, seen } = proposed.body
  expect(proposed.body.diff.items).toContainEqual(
    expect.objectContaining({ kind: 'person', id: 'pers_second-officer', change: 'removed' }),
  )
  expect(JSON.stringify(await show(id))).not.toContain('Test learner')
  expect(await revision()).toBe(before)

  expect(await post('officer', `/${id}/approve`, { seen })).toMatchObject({
    status: 403,
    body: { code: 'own_proposal' },
  })
  const other = await post('operator', `/${id}/approve`, { seen: 'other' })
  expect(other).toMatchObject({ status: 409, body: { code: 'stale', seen } })
  const approved = await post('operator', `/${id}/approve`, { seen })
  expect(approved).toMatchObject({
    status: 200,
    body: { state: 'approved', revision: before + 1, proposedBy: 'pers_officer', decidedBy: 'pers_operator' },
  })
  expect(approved.body.diff).toBeUndefined()
  expect(await revision()).toBe(before + 1)
  expect(await post('operator', `/${id}/refuse`, { reason: 'late' })).toMatchObject({ status: 409 })

  expect((await entries()).slice(-3)).toMatchObject([
    { type: 'register.proposed/1', actor: { kind: 'human', role: 'officer' }, act: { reason: 'new-examiner' } },
    { type: 'register.applied/1', actor: { kind: 'human', role: 'operator' } },
    { type: 'register.proposal-approved/1', data: { proposal: id, version: before + 1 } },
  ])
})

test('every fault of every file is told at once, and a register of somebody else is refused', async () => {
  const files = registerFiles(institution)
  edit(files, 'units.json', () => ({}))
  files['appointments.json'] = '{'
  files['notes.txt'] = 'x'
  const refused = await propose('officer', files)
  expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
  expect(refused.body.errors.map(({ pointer, code }) => `${pointer} ${code}`).toSorted()).toEqual([
    '/files/appointments.json not-json',
    '/files/notes.txt file-unknown',
    '/files/units.json missing-member',
  ])
  const strange = registerFiles(institution)
  edit(strange, 'institution.json', (declared) => ({ ...declared, id: 'sorsken' }))
  expect((await propose('officer', strange)).status).toBe(400)
  const moved = registerFiles(institution)
  edit(moved, 'institution.json', (declared) => ({ ...declared, host: 'elsewhere.example' }))
  expect(await propose('officer', moved)).toMatchObject({ status: 409, body: { code: 'register_conflict' } })
})

test('a refused one changes nothing, and what waited is kept sealed only while it waits', async () => {
  const before = await revision()
  const files = registerFiles(institution)
  edit(files, 'institution.json', (declared) => ({ ...declared, url: 'https://other.example' }))
  const { body } = await propose('officer', files)
  const stored = () =>
    inInstitution(w.db, institution, async (tx) => {
      const [row] = await tx.execute<{ files: Uint8Array | null }>(
        sql`select files from register_proposal where id = ${body.id}`,
      )
      return row?.files
    })
  expect(Buffer.from((await stored()) ?? []).toString('latin1')).not.toContain('Test learner')
  expect((await stored())?.length).toBeGreaterThan(1_000)
  expect(await post('operator', `/${body.id}/refuse`, { reason: 'not-agreed' })).toMatchObject({
    status: 200,
    body: { state: 'refused' },
  })
  expect(await stored()).toBeNull()
  expect(await revision()).toBe(before)
  const listed = await w.ask('operator', `${base}/register-proposals?state=refused`)
  expect(await listed.json()).toMatchObject({ items: [{ id: body.id, decidedBy: 'pers_operator' }], next: null })
})

test('a proposal is decided on as it was read: a stale tag changes nothing', async () => {
  const files = registerFiles(institution)
  edit(files, 'institution.json', (declared) => ({ ...declared, url: 'https://read.example' }))
  const { id, seen } = (await propose('officer', files)).body
  const etag = await tagOf(id)
  const path = `${base}/register-proposals/${id}`
  expect((await w.ask('operator', path, { headers: { 'if-none-match': etag } })).status).toBe(304)
  for (const [act, body] of [
    ['approve', { seen }],
    ['refuse', { reason: 'not-agreed' }],
  ] as const) {
    expect((await w.ask('operator', `${path}/${act}`, { body })).status).toBe(428)
    expect(await post('operator', `/${id}/${act}`, body, '"older"')).toMatchObject({
      status: 412,
      body: { code: 'precondition_failed', now: { id, state: 'proposed' } },
    })
  }
  expect((await post('officer', `/${id}/refuse`, { reason: 'not-agreed' }, etag)).status).toBe(200)
  expect(await post('operator', `/${id}/approve`, { seen }, etag)).toMatchObject({ body: { code: 'wrong_state' } })
})
