/** Audit packages out of a database that somebody bent: refused with a reason, or a package that does not pass; never one that does. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parsePolicy } from '#audit/policy.ts'
import { caseRows } from '#db/cases.ts'
import { inInstitution } from '#db/client.ts'
import type { CaseId } from '#domain/words.ts'
import { filesIn } from '#verifier/files.ts'
import { verifyPackage } from '#verifier/verify-package.ts'
import { bevis } from '../cli/run-bevis.ts'
import { caseToDecide } from './cases.ts'
import { openPackage } from './package-files.ts'
import { type ApiWorld, createApiWorld, institution } from './world.ts'

const base = '/v1/institutions/norrsken'

let w: ApiWorld
let admin: postgres.Sql
let id: CaseId
let trail = ''
beforeAll(async () => {
  w = await createApiWorld()
  admin = postgres(w.world.adminUrl, { max: 1, onnotice: () => undefined })
  id = await caseToDecide(w, { offering: 'course-1' })
  const shown = await w.ask('reviewer', `${base}/cases/${id}`)
  const { seen } = (await shown.json()) as { seen: object }
  await w.ask('reviewer', `${base}/cases/${id}/decisions`, {
    headers: { 'if-match': shown.headers.get('etag') ?? '', 'idempotency-key': randomUUID() },
    body: { outcome: 'approve', reason: 'outcomes-shown', seen },
  })
  trail = (await inInstitution(w.db, institution, (tx) => caseRows(tx, [id])))[0]?.trail ?? ''
  await w.log.tellHeads()
  await w.log.publish()
})
afterAll(async () => {
  await admin.end()
  await w.dispose()
})

interface Exported extends Partial<Refusal> {
  readonly status: number
  readonly outcome?: string
  readonly failed?: readonly string[]
}

interface Refusal {
  readonly status: number
  readonly code: string
  readonly where: string
  readonly because: string
}

const refusalIn = async (response: Response) => (await response.json()) as Refusal

async function exported(): Promise<Exported> {
  await w.log.publish().catch(() => undefined)
  const body = { cases: [id], profile: 'accreditor', purpose: 'audit' }
  const response = await w.ask('officer', `${base}/audit-packages/trails`, { body })
  if (response.status !== 200) return refusalIn(response)
  const found = openPackage(new Uint8Array(await response.arrayBuffer()))
  const files = new Map(found.paths.map((path) => [path, found.bytes(path)]))
  const report = await verifyPackage(async () => filesIn(files), {
    policy: parsePolicy(w.log.policy),
    at: new Date().toISOString(),
  })
  const all = [...report.checks, ...report.trails.flatMap(({ checks }) => checks)]
  return {
    status: 200,
    outcome: report.outcome,
    failed: all.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id),
  }
}

/** As superuser, triggers lifted; put back as it was. */
async function bent<Found>(table: string, change: string, look: () => Promise<Found>): Promise<Found> {
  const names = await admin<
    { name: string }[]
  >`select attname as name from pg_attribute where attrelid = ${table}::regclass and attnum > 0
    and not attisdropped and attgenerated = ''`
  const columns = names.map(({ name }) => `"${name}"`).join(', ')
  const free = (statements: readonly string[]) =>
    admin.begin(async (sql) => {
      await sql`set local session_replication_role = replica`
      await sql.unsafe(`alter table ${table} disable trigger user`)
      for (const statement of statements) await sql.unsafe(statement)
    })
  await free([`create table kept as table ${table}`, change.replaceAll('TRAIL', trail)])
  try {
    return await look()
  } finally {
    const added = `not exists (select from kept k where k.trail = t.trail and k.n = t.n)`
    const more =
      table === 'audit.entry' ? [`create table later as select ${columns} from audit.entry t where ${added}`] : []
    await free([
      ...more,
      `delete from ${table}`,
      `insert into ${table} (${columns}) select ${columns} from kept`,
      ...(more.length > 0
        ? [`insert into ${table} (${columns}) select ${columns} from later`, 'drop table later']
        : []),
      `drop table kept`,
    ])
  }
}

/** What the made-up case of this test fails at by itself: nobody has run it. */
const honest = ['moves', 'replay']

test('as it is, every entry is proved and nothing is missing', async () => {
  expect(await exported()).toEqual({ status: 200, outcome: 'failed', failed: honest })
})

const asLog = async () =>
  refusalIn(await w.ask('officer', `${base}/audit-packages/log`, { body: { purpose: 'archive' } }))

test.each([
  ['an entry', 'audit.entry', `delete from audit.entry where trail = 'TRAIL' and n = 2`, 'tile/entries/'],
  ['the end of a tile', 'audit.tile', `update audit.tile set hashes = substring(hashes for 32)`, 'tile/0/'],
])('the whole log is not given out without %s, and the refusal names the file', async (_, table, change, path) => {
  const found = await bent(table, change, asLog)
  expect(found).toMatchObject({ status: 500, code: 'record_damaged', because: 'missing' })
  expect(found.where).toMatch(new RegExp(`^${path}`))
})

test.each([
  [
    'an entry is another',
    'audit.entry',
    `update audit.entry set leaf = convert_to(replace(convert_from(leaf, 'UTF8'), '"pass"', '"fail"'), 'UTF8') where trail = 'TRAIL'`,
  ],
  ['an entry is gone', 'audit.entry', `delete from audit.entry where trail = 'TRAIL' and n = 2`],
  ['an entry has no place', 'audit.leaf', `delete from audit.leaf where trail = 'TRAIL' and n = 2`],
  [
    'an entry has another place',
    'audit.leaf',
    `update audit.leaf set idx = idx + 1000 where trail = 'TRAIL' and n = 2`,
  ],
  [
    'a hash of the tree is another',
    'audit.tile',
    `update audit.tile set hashes = overlay(hashes placing '\\x00' from 1)`,
  ],
  ['the tree is cut off', 'audit.tile', `update audit.tile set hashes = substring(hashes for 32)`],
  ['a checkpoint claims another size', 'audit.checkpoint', `update audit.checkpoint set size = size + 1000`],
  ['what was disclosed cannot be opened', 'audit.disclosure', `update audit.disclosure set body = '\\x00'`],
  ['a verdict says nothing', 'verdict', `update verdict set result = '{}'`],
])('where %s', async (_, table, change) => {
  const found = await bent(table, change, exported)
  const more = (found.failed ?? []).filter((id) => !honest.includes(id))
  expect({ ...found, isFailed: more.length > 0 }).toMatchObject(
    found.status === 200 ? { outcome: 'failed', isFailed: true } : { status: 500, code: 'record_damaged' },
  )
})

test('bevis tells what is damaged, and its exit code is that of a failed verification', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bevis-damaged-'))
  const token = join(folder, 'token')
  writeFileSync(token, `${await w.token('officer')}\n`)
  const ask = [
    'trail',
    'export',
    id,
    '--profile',
    'accreditor',
    '--purpose',
    'audit',
    '--out',
    join(folder, 'case.zip'),
  ]
  const env = { BEVIS_PUBLIC_URL: w.api.url, BEVIS_TOKEN_FILE: token }
  const told = await bent('audit.tile', `update audit.tile set hashes = substring(hashes for 32)`, () =>
    bevis([...ask, '--institution', institution], { env }),
  )
  expect([told.code, told.stdout]).toEqual([3, ''])
  expect(told.stderr).toMatch(/^api\/record_damaged: .*\n(?:.*\n)+ {2}trails\/.*[.]tlog-proof: tile-malformed\n/)
  rmSync(folder, { recursive: true })
})

test('a trail with an entry that cannot be read is refused by name', async () => {
  const shown = await bent(
    'audit.entry',
    `update audit.entry set leaf = leaf || '\\x20' where trail = 'TRAIL' and n = 2`,
    async () => refusalIn(await w.ask('officer', `${base}/cases/${id}/trail?purpose=audit`)),
  )
  expect(shown).toMatchObject({ status: 500, code: 'record_damaged', where: `trails/${trail}` })
})

test('no step of an appeal is recorded in a trail that cannot be read, and no register is shown around one', async () => {
  const body = {
    case: id,
    kind: 'reconsideration',
    against: 'outcome',
    received: '2026-01-01',
    reference: 'OMP-2026/1',
  }
  const lodge = async () =>
    refusalIn(await w.ask('officer', `${base}/appeals`, { body, headers: { 'idempotency-key': randomUUID() } }))
  const spoil = (which: string) => `update audit.entry set leaf = leaf || '\\x20' where ${which}`
  const refused = await bent('audit.entry', spoil(`trail = 'TRAIL' and n = 2`), lodge)
  expect(refused).toMatchObject({ status: 500, code: 'record_damaged', where: `trails/${trail}` })

  const complaint = { category: 'late-answer', received: '2026-01-01', reference: 'KL-2026/7' }
  const headers = { 'idempotency-key': randomUUID() }
  expect((await w.ask('officer', `${base}/complaints`, { body: complaint, headers })).status).toBe(201)
  const listed = await bent('audit.entry', spoil(`type = 'complaint.received/1'`), async () =>
    refusalIn(await w.ask('officer', `${base}/complaints`)),
  )
  expect(listed).toMatchObject({ status: 500, code: 'record_damaged', where: 'trails' })
})

test('while the log stands still, what is under no checkpoint is refused with why', async () => {
  const later = await caseToDecide(w, { offering: 'course-2' })
  const body = { cases: [later], profile: 'accreditor', purpose: 'audit' }
  const ask = async () => refusalIn(await w.ask('officer', `${base}/audit-packages/trails`, { body }))
  expect(await ask()).toMatchObject({ status: 503, code: 'not_in_log_yet' })
  await admin`update audit.log set frozen_because = 'check-failed', frozen_at = clock_timestamp()`
  expect(await ask()).toMatchObject({ status: 503, code: 'log_frozen', because: 'check-failed' })
})
