/** `bevis erase`, `hold` and `protect` as the two privacy officers have them: what is said, what is refused and why, and how each ends. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eraseApproved } from '#activities/erasure.ts'
import type { CaseId } from '#domain/words.ts'
import { receiveCase } from '../api/cases.ts'
import { type ApiWorld, createApiWorld, institution, personOf, type Somebody } from '../api/world.ts'
import { bevis, type Ended } from './run-bevis.ts'

let w: ApiWorld
let admin: postgres.Sql
let running: CaseId
let ended: CaseId
const folder = mkdtempSync(join(tmpdir(), 'bevis-privacy-'))

beforeAll(async () => {
  w = await createApiWorld()
  admin = postgres(w.world.adminUrl, { max: 1, onnotice: () => undefined })
  running = await receiveCase(w, { offering: 'course-1' })
  ended = await receiveCase(w, { offering: 'course-2' })
  await admin`update cases set state = 'refused' where id = ${ended}`
})
afterAll(async () => {
  await admin.end()
  await w.dispose()
  rmSync(folder, { recursive: true })
})

async function as(who: Somebody, ...args: string[]): Promise<Ended> {
  const file = join(folder, `${who}.token`)
  writeFileSync(file, `${await w.token(who)}\n`)
  const env = { BEVIS_PUBLIC_URL: w.api.url, BEVIS_TOKEN_FILE: file }
  return bevis([...args, '--institution', institution], { env })
}

/** The last id of its kind in what was said. */
const idIn = ({ stdout }: Ended, kind: 'eras' | 'hold') => new RegExp(`${kind}_[a-z2-7]+`).exec(stdout)?.[0] ?? ''
const ground = ['--basis', 'archive-disposal', '--decision', 'STYR-2026/481', '--text', 'Kept as long as decided']
const propose = (who: Somebody, id: CaseId, ...more: string[]) =>
  as(who, 'erase', 'propose', '--case', id, '--only', 'case', ...ground, ...more)

describe('bevis erase', () => {
  test('has nothing to list before anything was proposed', async () => {
    expect(await as('privacy', 'erase', 'list')).toMatchObject({ code: 0, stdout: 'No erasures.\n', stderr: '' })
    expect((await as('privacy', 'erase', 'list', '--json')).json()).toMatchObject({ items: [] })
  })

  test('takes two persons, and tells each what follows', async () => {
    const proposed = await propose('privacy', ended)
    const id = idIn(proposed, 'eras')
    expect(proposed).toMatchObject({
      code: 0,
      stdout: `Proposed ${id}; nothing is erased until a second privacy officer approves.\n`,
      stderr: expect.stringContaining(`bevis erase approve ${id}`) as string,
    })
    const own = await as('privacy', 'erase', 'approve', id)
    expect([own.code, own.stdout, own.stderr]).toEqual([5, '', expect.stringContaining('other than the proposer')])
    expect((await as('second-privacy', 'erase', 'show', id)).stdout).toContain(
      `${id}  proposed\nabout     ${ended}\nclasses   disclosures, facts, judgements, decisions, credentials\n` +
        'ground    Disposal decision of the archive authority or the institution, STYR-2026/481\n' +
        'because   Kept as long as decided\n',
    )
    expect(await as('second-privacy', 'erase', 'approve', id)).toMatchObject({
      code: 0,
      stdout: `Approved ${id}. It is carried out as soon as its workflow can be reached.\n`,
      stderr: '',
    })
    await eraseApproved(w.open('bevis_pipeline'), { institution, erasureId: id })
    const shown = await as('privacy', 'erase', 'show', id)
    expect(shown.stdout).toMatch(/ {2}executed\n[^]*went {6}\d+ .*\noutside {3}streams and histories: not yet\n/)
    expect(shown.stdout).not.toContain('Kept as long')
    const listed = await as('privacy', 'erase', 'list')
    expect(listed.stdout).toMatch(new RegExp(`${id} +${ended} +executed +\\d{4}-\\d\\d-\\d\\d +STYR-2026/4`))
    expect((await as('privacy', 'erase', 'show', id, '--json')).json()).toMatchObject({ id, state: 'executed' })
    const late = await as('second-privacy', 'erase', 'refuse', id)
    expect([late.code, late.stderr]).toEqual([6, expect.stringContaining('executed')])
  })

  test('is turned down by either, and then nothing is erased', async () => {
    await admin`update cases set state = 'refused' where id = ${running}`
    const id = idIn(await propose('privacy', running, '--class', 'facts,decisions'), 'eras')
    const again = await propose('privacy', running)
    expect([again.code, again.stderr]).toEqual([6, expect.stringContaining(id)])
    expect(await as('privacy', 'erase', 'refuse', id)).toMatchObject({
      code: 0,
      stdout: `Refused ${id}: nothing is erased.\n`,
    })
    await admin`update cases set state = 'deciding' where id = ${running}`
  })

  test('takes up what a retention rule suggests only where one does', async () => {
    const id = 'eras_aaaaaaaaaaaaaaaaaaaaaaaaaa'
    expect(await as('privacy', 'erase', 'adopt', id, '--text', 'As decided')).toMatchObject({ code: 4, stdout: '' })
    expect((await as('privacy', 'erase', 'adopt', id)).stderr).toContain('--text <text> is missing')
  })

  test('says in words what holds it back, or what the ground lacks', async () => {
    const blocked = await propose('privacy', running)
    expect([blocked.code, blocked.stderr]).toEqual([6, expect.stringContaining('A case is under way')])
    const [, , ...rest] = ground
    const args = ['erase', 'propose', '--case', ended, '--only', 'case', '--basis', 'gdpr-17-1-a', ...rest]
    const unfounded = await as('privacy', ...args)
    expect([unfounded.code, unfounded.stderr]).toEqual([1, expect.stringContaining('the archive duty')])
    const unclear = await propose('privacy', ended, '--class', 'everything')
    expect([unclear.code, unclear.stderr]).toEqual([2, expect.stringContaining('/classes/0')])
  })

  test.each([
    [['erase', 'propose', '--case', 'case_x'], 'give one of gdpr-17-1-a'],
    [['erase', 'propose', ...ground], 'give one of --case, --person, --reference'],
    [['erase', 'propose', '--person', 'pers_x', '--only', 'case', ...ground], '--only case beside --case'],
    [['erase', 'propose', '--reference', 'nobody', ...ground], 'write scheme:value'],
    [['erase', 'propose', '--case', 'case_x', ...ground.slice(0, 4)], '--text <text> is missing'],
    [['hold', 'place', '--case', 'case_x', '--decision', 'D-1'], '--reason <code> is missing'],
    [['hold', 'lift', 'hold_x'], '--decision <reference> is missing'],
    [['protect', 'mark', '--case', 'case_x', '--reason', 'other'], '--decision <reference> is missing'],
    [['protect', 'look', 'case_x'], '--purpose <code> is missing'],
  ])('%j is wrong usage, told before anything is asked', async (args, mend) => {
    const { code, stdout, stderr } = await bevis(args)
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(mend)])
  })

  test('is nothing for officers who are not appointed to it, and finds nobody who is unknown', async () => {
    for (const args of [
      ['erase', 'list'],
      ['hold', 'list'],
      ['protect', 'list'],
      ['protect', 'look', ended, '--purpose', 'audit'],
    ]) {
      expect(await as('officer', ...args), args.join(' ')).toMatchObject({ code: 5, stdout: '' })
    }
    expect((await as('privacy', 'erase', 'propose', '--reference', 'oidc:nobody', ...ground)).code).toBe(4)
  })
})

describe('bevis hold', () => {
  test('holds an erasure back until it is lifted', async () => {
    const placed = await as(
      'privacy',
      'hold',
      'place',
      '--case',
      ended,
      '--only',
      'case',
      '--reason',
      'appeal',
      '--decision',
      'STYR-2026/77',
    )
    const id = idIn(placed, 'hold')
    expect(placed).toMatchObject({
      code: 0,
      stdout: `Placed ${id}; nothing it covers is erased until it is lifted.\n`,
      stderr: '',
    })
    expect((await as('privacy', 'hold', 'list')).stdout).toMatch(new RegExp(`${id} +${ended} +appeal +STYR-2026/77`))
    const refused = await propose('privacy', ended)
    expect([refused.code, refused.stderr]).toEqual([6, expect.stringContaining('A legal hold stands')])
    const lifted = await as('privacy', 'hold', 'lift', id, '--decision', 'STYR-2026/90', '--json')
    expect([lifted.code, lifted.json()]).toMatchObject([0, { id, liftDecision: 'STYR-2026/90' }])
    const again = await as('privacy', 'hold', 'lift', id, '--decision', 'STYR-2026/91')
    expect([again.code, again.stderr]).toEqual([6, expect.stringContaining('lifted')])
    expect((await propose('privacy', ended)).code).toBe(0)
  })
})

describe('bevis protect', () => {
  const person = personOf('learner')

  test('masks a person from everybody, and shows the one who looks for a purpose', async () => {
    expect((await as('privacy', 'protect', 'list')).stdout).toBe('Nobody is marked.\n')
    expect((await as('officer', 'case', 'show', running)).stdout).toContain('course-1')
    const mark = ['protect', 'mark', '--case', running, '--reason', 'sekretessmarkering', '--decision', 'SEK-2026/12']
    expect(await as('privacy', ...mark)).toMatchObject({
      code: 0,
      stdout: `${person} is protected: masked everywhere from now on.\n`,
      stderr: '',
    })
    const masked = await as('officer', 'case', 'show', running)
    expect([masked.code, masked.stdout.includes('course-1')]).toEqual([0, false])
    expect((await as('privacy', 'protect', 'list')).stdout).toMatch(
      new RegExp(`${person} +sekretessmarkering +SEK-2026/12`),
    )
    const looked = await as('privacy', 'protect', 'look', running, '--purpose', 'appeal')
    expect([looked.code, looked.stdout]).toEqual([0, `${person}  Test learner\ncourse-1\n`])
    const unsaid = await as('privacy', 'protect', 'look', running, '--purpose', 'curiosity')
    expect([unsaid.code, unsaid.stderr]).toEqual([2, expect.stringContaining('/purpose')])
  })

  test('ends with a decision, once', async () => {
    const end = () => as('privacy', 'protect', 'end', person, '--decision', 'SEK-2026/44')
    expect(await end()).toMatchObject({ code: 0, stdout: `${person} is no longer marked.\n`, stderr: '' })
    expect((await as('officer', 'case', 'show', running)).stdout).toContain('course-1')
    const again = await end()
    expect([again.code, again.stdout]).toEqual([4, ''])
    expect((await as('privacy', 'protect', 'list', '--json')).json()).toMatchObject({
      items: [{ person, endDecision: 'SEK-2026/44' }],
    })
  })
})
