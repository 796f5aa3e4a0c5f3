/** `bevis review` as a quality officer has it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ApiWorld, createApiWorld, institution, type Somebody } from '../api/world.ts'
import { bevis, type Ended } from './run-bevis.ts'

let w: ApiWorld
const folder = mkdtempSync(join(tmpdir(), 'bevis-review-'))
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
  return bevis(['review', ...args, '--institution', institution], { env })
}

const looked = ['--looked', `report:${'A'.repeat(43)}`]
const about = ['--from', '2026-01-01', '--until', '2026-07-01', ...looked, '--reference', 'KVAL-2026/12']
const found = ['--finding', 'late-decisions', '--action', 'remind-sooner=2026-09-01', '--action', 'train=2026-10-01']

describe('bevis review', () => {
  test('records, lists with what is to be done, and closes it', async () => {
    expect((await as('officer', 'list')).stdout).toBe('No reviews.\n')
    const recorded = await as('officer', 'record', ...about, ...found)
    const id = /qrev_[a-z2-7]+/.exec(recorded.stdout)?.[0] ?? ''
    expect(recorded).toMatchObject({ code: 0, stdout: `Recorded ${id}; 2 actions to close.\n`, stderr: '' })
    const closed = await as('officer', 'close', id, 'train', '--dropped', '--reference', 'KVAL-2026/31')
    expect(closed).toMatchObject({ code: 0, stdout: `Closed train of ${id}: dropped.\n`, stderr: '' })
    const listed = await as('officer', 'list')
    expect(listed.stdout).toMatch(new RegExp(`${id}  2026-07-01  2026-09-01  open +remind-sooner\\n`))
    expect(listed.stdout).toMatch(new RegExp(`${id}  2026-07-01  2026-10-01  dropped  train\\n`))
    expect((await as('officer', 'list', '--json')).json()).toMatchObject({ items: [{ id, reference: 'KVAL-2026/12' }] })
    const lines = (await as('officer', 'list', '--ndjson')).stdout.trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ id, findings: ['late-decisions'] }])
    const again = await as('officer', 'close', id, 'train', '--reference', 'KVAL-2026/32')
    expect([again.code, again.stderr]).toEqual([6, expect.stringContaining('closed')])
    expect((await as('officer', 'record', ...about)).stdout).toMatch(/; nothing is to be done[.]\n$/)
  })

  test('is nothing for others than quality officers', async () => {
    for (const args of [['list'], ['record', ...about]])
      expect(await as('operator', ...args)).toMatchObject({ code: 5, stdout: '' })
  })

  test.each([
    [['record', ...looked, '--reference', 'K-12'], '--from <day> or --until <day> is missing'],
    [
      ['record', '--from', '2026-01-01', '--until', '2026-02-01', '--reference', 'K-12'],
      '--looked <what:digest> is missing',
    ],
    [['record', ...about.slice(0, 6)], '--reference <reference> is missing'],
    [['record', ...about, '--action', 'soon'], '--action soon is no action with its day'],
    [['close', 'qrev_x', 'train'], '--reference <reference> is missing'],
  ])('%j is wrong usage, told before anything is asked', async (args, mend) => {
    const { code, stdout, stderr } = await bevis(['review', ...args])
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(mend)])
  })
})
