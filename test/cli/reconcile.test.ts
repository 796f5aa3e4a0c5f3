/** `bevis reconcile`: whether the record agrees with itself, in words for people and by exit code for scripts. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { receiveCase } from '../api/cases.ts'
import { type ApiWorld, createApiWorld, institution, type Somebody } from '../api/world.ts'
import { bevis, type Ended } from './run-bevis.ts'

let w: ApiWorld
let admin: postgres.Sql
const folder = mkdtempSync(join(tmpdir(), 'bevis-reconcile-'))

beforeAll(async () => {
  w = await createApiWorld()
  admin = postgres(w.world.adminUrl, { max: 1, onnotice: () => undefined })
  for (const offering of ['course-1', 'course-2']) await receiveCase(w, { offering })
})
afterAll(async () => {
  await admin.end()
  await w.dispose()
  rmSync(folder, { recursive: true })
})

async function reconcile(who: Somebody, ...args: string[]): Promise<Ended> {
  const file = join(folder, `${who}.token`)
  writeFileSync(file, `${await w.token(who)}\n`)
  const env = { BEVIS_PUBLIC_URL: w.api.url, BEVIS_TOKEN_FILE: file }
  return bevis(['reconcile', ...args, '--institution', institution], { env })
}

test('a record that agrees with itself ends well', async () => {
  const { code, stdout, stderr } = await reconcile('officer')
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^The record agrees with itself, .+\.\n1 source numbers its events; no number is missing\.\n$/)
  expect((await reconcile('officer', '--json')).json()).toMatchObject({ agrees: true, gaps: [], discrepancies: [] })
})

test('an event that never came is told by its source and number, once it is overdue', async () => {
  await admin`delete from emitter_sequence where sequence = 2`
  const young = await reconcile('officer')
  expect(young.code).toBe(0)
  expect(young.stdout).toContain('1 number is missing.\n  lms: 2 may still be on its way\n')
  await admin`update inbox set received_at = received_at - interval '1 day'`
  const old = await reconcile('officer')
  expect(old.code).toBe(3)
  expect(old.stdout).toMatch(/^The record does not agree with itself, /)
  expect(old.stdout).toContain('  lms: 2 never came in\n')
})

test('what one place tells and another does not is told in words and by its id', async () => {
  const [gone] =
    await admin`delete from audit.pending where n = 1 and trail = (select min(trail::text)::uuid from cases) returning trail`
  const what = `${gone?.['trail']}/1`
  const { code, stdout } = await reconcile('officer')
  expect(code).toBe(3)
  expect(stdout).toContain(`  entry-outside-log: ${what}\n`)
  expect((await reconcile('officer', '--json')).json()).toMatchObject({
    agrees: false,
    discrepancies: [{ kind: 'entry-outside-log', what }],
  })
})

test('nobody but who keeps the record is told, and a limit is a number', async () => {
  expect(await reconcile('learner')).toMatchObject({ code: 5, stdout: '' })
  const { code, stderr } = await reconcile('officer', '--limit', 'all')
  expect([code, stderr]).toEqual([2, expect.stringContaining('/limit')])
})
