/** `bevis appeal` and `bevis complaint` as quality officers have them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { receiveCase, refusedCase } from '../api/cases.ts'
import { type ApiWorld, createApiWorld, institution, type Somebody } from '../api/world.ts'
import { bevis, type Ended } from './run-bevis.ts'

let w: ApiWorld
const folder = mkdtempSync(join(tmpdir(), 'bevis-matters-'))
beforeAll(async () => {
  w = await createApiWorld()
})
afterAll(async () => {
  await w.dispose()
  rmSync(folder, { recursive: true })
})

async function as(who: Somebody, ...args: string[]): Promise<Ended> {
  const file = join(folder, `${who}.token`)
  writeFileSync(file, `${await w.token(who)}\n`)
  const env = { BEVIS_PUBLIC_URL: w.api.url, BEVIS_TOKEN_FILE: file }
  return bevis([...args, '--institution', institution], { env })
}

const today = new Date().toISOString().slice(0, 10)
const paper = ['--reference', 'DNR-2026/1']
const sent = ['--received', today, ...paper]

describe('bevis appeal', () => {
  test('lodges, acknowledges, decides by somebody apart, and closes with what followed', async () => {
    expect((await as('officer', 'appeal', 'list')).stdout).toBe('No appeals.\n')
    const { caseId } = await refusedCase(w, { offering: 'course-1' })
    const lodged = await as('officer', 'appeal', 'lodge', caseId, '--kind', 'reconsideration', ...sent)
    const id = /appl_[a-z2-7]+/.exec(lodged.stdout)?.[0] ?? ''
    expect(lodged).toMatchObject({ code: 0, stdout: `Lodged ${id}; waits to be acknowledged.\n`, stderr: '' })
    expect((await as('officer', 'appeal', 'acknowledge', id, ...paper)).code).toBe(0)
    const judged = ['appeal', 'decide', id, '--outcome', 'upheld', '--reason', 'criteria-misread', ...paper]
    const own = await as('officer', ...judged)
    expect([own.code, own.stdout, own.stderr]).toEqual([
      5,
      '',
      expect.stringMatching(/api\/handler_refused[^]*handler\.not-named: Who judges it is named in the case/),
    ])
    const decided = await as('second-officer', ...judged)
    expect(decided.stdout).toBe(`Decided ${id}: upheld; waits to be closed.\n`)
    const early = await as('officer', 'appeal', 'close', id, '--followed', 'case_none', ...paper)
    expect([early.code, early.stderr]).toEqual([1, expect.stringMatching(/api\/follow_up_demanded[^]*case_none/)])
    const followed = await receiveCase(w, { offering: 'course-2' })
    expect((await as('officer', 'appeal', 'close', id, '--followed', followed, ...paper)).stdout).toBe(
      `Closed ${id}.\n`,
    )
    const listed = await as('officer', 'appeal', 'list')
    expect(listed.stdout).toMatch(new RegExp(`${id} .* reconsideration  ${today}  closed  upheld\\n`))
    expect((await as('officer', 'appeal', 'list', '--state', 'open')).stdout).toBe('No appeals.\n')
  })
})

describe('bevis complaint', () => {
  test('receives, acknowledges, progresses and closes, and lists what is overdue', async () => {
    const received = await as('officer', 'complaint', 'receive', '--category', 'late-answer', ...sent)
    const id = /comp_[a-z2-7]+/.exec(received.stdout)?.[0] ?? ''
    expect(received).toMatchObject({ code: 0, stdout: `Received ${id}; waits to be acknowledged.\n`, stderr: '' })
    expect((await as('officer', 'complaint', 'acknowledge', id, ...paper)).code).toBe(0)
    const told = await as('officer', 'complaint', 'progress', id, 'statement-asked-for', ...paper)
    expect(told.stdout).toBe(`Told of ${id}: statement-asked-for.\n`)
    const overdue = await as('officer', 'complaint', 'list', '--state', 'overdue')
    expect(overdue.stdout).toBe('No complaints.\n')
    const bare = await as('officer', 'complaint', 'close', id, '--outcome', 'justified', ...paper)
    expect([bare.code, bare.stderr]).toEqual([1, expect.stringContaining('api/measures_demanded')])
    const closed = ['complaint', 'close', id, '--outcome', 'justified', '--measure', 'answer-sooner', ...paper]
    expect((await as('officer', ...closed)).stdout).toBe(`Closed ${id}: justified.\n`)
    expect((await as('officer', 'complaint', 'list')).stdout).toMatch(
      new RegExp(`${id}  the service  late-answer  ${today}  closed  justified\\n`),
    )
  })
})

test('neither is for others than quality officers', async () => {
  for (const args of [
    ['appeal', 'list'],
    ['complaint', 'receive', '--category', 'late-answer', ...sent],
  ])
    expect(await as('operator', ...args)).toMatchObject({ code: 5, stdout: '' })
})

test.each([
  [['appeal', 'lodge', 'case_x', ...sent], '--kind is missing'],
  [['appeal', 'lodge', 'case_x', '--kind', 'complaint', ...sent], '--kind complaint is not known'],
  [['appeal', 'lodge', 'case_x', '--kind', 'appeal', ...paper], '--received <day> is missing'],
  [['appeal', 'decide', 'appl_x', '--outcome', 'upheld', ...paper], '--reason <code> is missing'],
  [['appeal', 'close', 'appl_x'], '--reference <reference> is missing'],
  [['complaint', 'receive', ...sent], '--category <code> is missing'],
  [['complaint', 'close', 'comp_x', ...paper], '--outcome is missing'],
])('%j is wrong usage, told before anything is asked', async (args, mend) => {
  const { code, stdout, stderr } = await bevis(args)
  expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(mend)])
})
