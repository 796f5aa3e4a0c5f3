/** A backup taken while everything ran, restored: as it was, work goes on; older than what was seen, nobody works until somebody says so. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, expect, test, vi } from 'vitest'
import { Emitters } from '#dev/demo/emitters.ts'
import { applyDemoRegister } from '#dev/demo/register.ts'
import { stories } from '#dev/demo/stories.ts'
import { type Stack, startStack } from '#dev/stack.ts'
import { ownFolder, runNode } from '../dev/support.ts'
import { type Backup, takeBackup } from './backup.ts'
import { eventually, patiently } from './ground.ts'
import { brokenTrails, count, doubles, gaps } from './invariants.ts'

vi.setConfig({ testTimeout: 600_000 })

const folder = ownFolder()
let stack: Stack
let emitters: Emitters
let admin: postgres.Sql
let backup: Backup | undefined

afterAll(async () => {
  await down()
  backup?.remove()
  folder.remove()
})

/** What an issued case's trail tells of the life in which it was issued. */
const toldAnew = ['gate.judged/1', 'issuance.cleared/1', 'signing.requested/1', 'credential.issued/1', 'case.issued/1']

test('a record restored as it was goes on by itself', async () => {
  await up()
  await applyDemoRegister(stack, emitters)
  await issue('before')
  await down()
  await up()
  await issue('after-a-restart')
  expect(await count(admin, 'issued')).toBe(2)
})

test('an older record sends, judges and signs nothing, and tells what is missing', async () => {
  // One whose course is as if it had gone on: it waits when the copy is made, and is issued afterwards.
  await send('under-way', 0, 1)
  await eventually('it waits for its evidence', async () => (await states()).includes('waiting'))
  backup = await takeBackup(stack)
  const kept = await credentials()
  await issue('under-way', 1)
  await issue('lost-1')
  await issue('lost-2')
  const lost = (await credentials()).filter((id) => !kept.includes(id))
  expect(lost).toHaveLength(3)
  await down()
  backup.restoreTo(stack)
  await up()
  await send('meanwhile')

  await eventually('the relay says so', async () => log('relay').includes('the database is older than it was'))
  for (const name of ['intake', 'pipeline', 'signing', 'api'])
    await eventually(`${name} ends`, async () => log(name).includes('record/older'))
  const told = await recover()
  expect(told.code).toBe(6)
  for (const id of lost) expect(told.out).toContain(id)
  expect(await count(admin, 'issued')).toBe(2)
})

test('once the log has back what it published and somebody has said to go on, work does, and nothing is given away twice', async () => {
  const listsBefore = await lists()
  const published = join(stack.dir, 'log', 'files', 'norrsken')
  const env = { ...process.env, ...stack.environment('cli'), BEVIS_OWNER_DATABASE_URL: stack.adminUrl }
  const back = ['cli/main.ts', 'log', 'recover', 'norrsken', '--dir', published, '--reason', 'disk-lost']
  const put = await runNode(back, { env })
  expect([put.code, put.out]).toEqual([0, expect.stringContaining('Put back')])
  // However many entries the log has again: what they tell of is missing, and nothing works yet.
  expect((await recover()).code).toBe(6)
  const { code } = await recover('--accept', '--reason', 'disk-lost')
  expect(code).toBe(0)
  await eventually('all cases are issued again', async () => (await count(admin, 'issued')) === 6)
  await eventually('all has left', async () => (await count(admin, 'undelivered')) === 0)

  const used = await admin<{ list_id: string; since: boolean }[]>`
    select s.list_id, x.stored_at > r.accepted_at as since
    from credential x join status_slot s on s.credential_id = x.id, record r`
  for (const { list_id, since } of used) expect(listsBefore.includes(list_id)).toBe(!since)
  expect(used.filter(({ since }) => since)).toHaveLength(4)
  const entries = await admin<{ leaf: Uint8Array }[]>`
    select leaf from audit.entry where type = 'record.gone-on-without/1'`
  expect(entries.map(({ leaf }) => Buffer.from(leaf).toString()).join()).toContain('"reason":"disk-lost"')
  expect(await doubles(admin)).toEqual([])
  // What was done again is told again: in the trail of its own life, whole from its opening to its seal, or after the case went back.
  expect(await gaps(admin)).toEqual([])
  expect(await brokenTrails(admin)).toEqual([])
  const untold = await admin`
    select c.id, t.type from cases c cross join unnest(${[...toldAnew]}::text[]) as t(type)
    where c.state = 'issued' and not exists (select from audit.entry e where e.trail = c.trail and e.type = t.type
      and e.n > coalesce((select max(g.n) from audit.entry g where g.trail = c.trail and g.type = 'case.gone-back/1'), 0))`
  expect(untold).toEqual([])
  const lives = await admin<{ kind: string }[]>`
    select case when count(distinct e.trail) > 1 then 'another trail' else 'went back' end as kind from audit.entry e
    where e.type = 'signing.requested/1' group by split_part(e.entry_id, ':', 1) having count(*) > 1 order by kind`
  // What the last of them told may not have been published any more.
  expect(new Set(lives.map(({ kind }) => kind))).toEqual(new Set(['another trail', 'went back']))
  expect((await recover()).code).toBe(0)
})

async function up(): Promise<void> {
  stack = await startStack({ dir: folder.dir, quiet: true })
  emitters = new Emitters(stack, 'restore')
  admin = postgres(stack.adminUrl, { max: 2, onnotice: () => undefined })
}

async function down(): Promise<void> {
  await emitters?.close()
  await admin?.end({ timeout: 5 })
  await stack?.stop()
}

async function send(key: string, from = 0, until?: number): Promise<void> {
  const story = stories(key).find((one) => one.key === 'band-e')
  for (const draft of story?.events.slice(from, until) ?? []) {
    const message = emitters.prepare(draft)
    await patiently(() => emitters.publish(message, `${message.id}:surely`))
  }
}

async function issue(key: string, from = 0): Promise<void> {
  const before = await count(admin, 'issued')
  await send(key, from)
  await eventually(`${key} is issued`, async () => (await count(admin, 'issued')) === before + 1)
  await eventually(`${key} is told`, async () => (await count(admin, 'undelivered')) === 0)
}

function recover(...more: string[]) {
  return runNode(['cli/main.ts', 'recover', ...more], { env: { ...process.env, ...stack.environment('cli') } })
}

const log = (name: string) => readFileSync(join(stack.dir, 'logs', `${name}.log`), 'utf8')
const credentials = async () => (await admin<{ id: string }[]>`select id from credential`).map(({ id }) => id)
const states = async () => (await admin<{ state: string }[]>`select state from cases`).map(({ state }) => state)
const lists = async () => (await admin<{ id: string }[]>`select id from status_list`).map(({ id }) => id)
