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
import { count, doubles } from './invariants.ts'

vi.setConfig({ testTimeout: 240_000 })

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
  backup = await takeBackup(stack)
  const kept = await credentials()
  await issue('lost-1')
  await issue('lost-2')
  const lost = (await credentials()).filter((id) => !kept.includes(id))
  expect(lost).toHaveLength(2)
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
  await eventually('all cases are issued again', async () => (await count(admin, 'issued')) === 5)
  await eventually('all has left', async () => (await count(admin, 'undelivered')) === 0)

  const used = await admin<{ list_id: string; since: boolean }[]>`
    select s.list_id, x.stored_at > r.accepted_at as since
    from credential x join status_slot s on s.credential_id = x.id, record r`
  for (const { list_id, since } of used) expect(listsBefore.includes(list_id)).toBe(!since)
  expect(used.filter(({ since }) => since)).toHaveLength(3)
  const entries = await admin<{ leaf: Uint8Array }[]>`
    select leaf from audit.entry where type = 'record.gone-on-without/1'`
  expect(entries.map(({ leaf }) => Buffer.from(leaf).toString()).join()).toContain('"reason":"disk-lost"')
  expect(await doubles(admin)).toEqual([])
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

async function send(key: string): Promise<void> {
  const story = stories(key).find((one) => one.key === 'band-e')
  for (const draft of story?.events ?? []) {
    const message = emitters.prepare(draft)
    await patiently(() => emitters.publish(message, `${message.id}:surely`))
  }
}

async function issue(key: string): Promise<void> {
  const before = await count(admin, 'issued')
  await send(key)
  await eventually(`${key} is issued`, async () => (await count(admin, 'issued')) === before + 1)
  await eventually(`${key} is told`, async () => (await count(admin, 'undelivered')) === 0)
}

function recover(...more: string[]) {
  return runNode(['cli/main.ts', 'recover', ...more], { env: { ...process.env, ...stack.environment('cli') } })
}

const log = (name: string) => readFileSync(join(stack.dir, 'logs', `${name}.log`), 'utf8')
const credentials = async () => (await admin<{ id: string }[]>`select id from credential`).map(({ id }) => id)
const lists = async () => (await admin<{ id: string }[]>`select id from status_list`).map(({ id }) => id)
