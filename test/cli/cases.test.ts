import { hash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appendEntries } from '#db/audit-log.ts'
import { caseRows, moveCases } from '#db/cases.ts'
import { inInstitution } from '#db/client.ts'
import { storeDeadLetters } from '#db/dead-letters.ts'
import type { CaseId } from '#domain/words.ts'
import { caseToDecide } from '../api/cases.ts'
import { type ApiWorld, createApiWorld, institution, type Somebody } from '../api/world.ts'
import { bevis, type Ended, type Running, startBevis } from './run-bevis.ts'

let w: ApiWorld
let id: CaseId
let dead = ''
const folder = mkdtempSync(join(tmpdir(), 'bevis-cases-'))

beforeAll(async () => {
  w = await createApiWorld()
  id = await caseToDecide(w, { offering: 'course-1' })
  const problem = { code: 'missing', pointer: '/data/learner', detail: 'is missing', advice: 'say whom it is about' }
  const letter = {
    stream: 'COMPLETIONS',
    subject: 'completions.norrsken.lms',
    code: 'invalid-event',
    problems: [problem],
    payload: Buffer.from('{"secret":"Test learner"}'),
    headers: {},
  }
  const intake = w.open('bevis_intake')
  dead = (await inInstitution(intake, institution, (tx) => storeDeadLetters(tx, [letter])))[0] ?? ''
})
afterAll(async () => {
  await w.dispose()
  rmSync(folder, { recursive: true })
})

/** As somebody with a token in a file, against the API of this test. */
async function as(who: Somebody, ...args: string[]): Promise<Ended> {
  return (await startAs(who, ...args)).ended
}

async function startAs(who: Somebody, ...args: string[]): Promise<Running> {
  const file = join(folder, `${who}.token`)
  writeFileSync(file, `${await w.token(who)}\n`)
  const env = { BEVIS_PUBLIC_URL: w.api.url, BEVIS_TOKEN_FILE: file }
  return startBevis([...args, '--institution', 'norrsken'], { env })
}

const widest = (text: string) => Math.max(...text.split('\n').map((line) => line.length))

describe('bevis case', () => {
  test('lists cases in lines of at most 100 columns, and whole under --json', async () => {
    const text = await as('officer', 'case', 'list')
    expect([text.code, text.stderr]).toEqual([0, ''])
    expect(text.stdout).toContain(id)
    expect(widest(text.stdout)).toBeLessThanOrEqual(100)
    const json = await as('officer', 'case', 'list', '--json', '--limit', '1')
    expect(json.json()).toMatchObject({ items: [{ id, state: 'deciding' }], next: null })
  })

  test('lists in lines for programs: JSON per case, or cells uncut between tabs', async () => {
    const lines = (await as('officer', 'case', 'list', '--ndjson')).stdout.trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ id, state: 'deciding' }])
    const cells = (await as('officer', 'case', 'list', '--plain')).stdout.split('\t')
    expect([cells[0], cells[4]]).toEqual([id, 'deciding'])
    const both = await as('officer', 'case', 'list', '--plain', '--json')
    expect([both.code, both.stderr]).toEqual([2, expect.stringContaining('one form')])
  })

  test('filters, and tells that there is nothing', async () => {
    expect((await as('officer', 'case', 'list', '--state', 'refused')).stdout).toBe('No cases.\n')
    expect((await as('officer', 'case', 'list', '--learner', 'oidc:learner')).stdout).toContain(id)
    expect((await as('officer', 'case', 'list', '--learner', 'oidc:examiner')).stdout).toBe('No cases.\n')
  })

  test('shows a case with what stands in the way and how to decide, but never a name', async () => {
    const short = await as('reviewer', 'case', 'show', id)
    const long = await as('reviewer', 'case', 'show', id, '--all')
    const json = await as('reviewer', 'case', 'show', id, '--json')
    expect(short.stdout).toMatch(/bevis case decide case_\w+ <outcome> --reason <code> --seen 2:/)
    expect(long.stdout.length).toBeGreaterThan(short.stdout.length)
    expect(json.json()).toMatchObject({ id, learner: { id: 'pers_learner', protected: false } })
    for (const { code, stdout } of [short, long, json]) {
      expect(code).toBe(0)
      expect(stdout).not.toContain('Test learner')
    }
  })

  test('shows the trail', async () => {
    const { code, stdout } = await as('officer', 'case', 'trail', id, '--purpose', 'audit')
    expect(code).toBe(0)
    expect(stdout).toMatch(/1 +\d{4}-\d\d-\d\d \d\d:\d\d +case\.opened\/1/)
    expect(widest(stdout)).toBeLessThanOrEqual(100)
  })

  test.each([
    ['a case that is not there', 'officer', ['case', 'show', 'case_nowhere'], 4, 'api/not_found'],
    ['a person without a role', 'learner', ['case', 'list'], 5, 'api/role_required'],
    ['a filter that is none', 'officer', ['case', 'list', '--state', 'lost'], 2, 'api/invalid_request'],
  ] as const)('answers %s with an exit code of its own', async (_what, who, args, exit, told) => {
    const { code, stdout, stderr } = await as(who, ...args)
    expect([code, stdout]).toEqual([exit, ''])
    expect(stderr).toContain(told)
  })

  test('finds a case by any identifier and counts what matches', async () => {
    const { stdout, stderr } = await as('officer', 'case', 'list', '--q', 'course-1', '--open', '--count')
    expect(stdout).toContain(id)
    expect(stderr).toContain('1 match.')
    expect((await as('officer', 'case', 'list', '--group', 'nobody-sent-this')).stdout).toBe('No cases.\n')
    expect((await as('officer', 'case', 'list', '--open', '--ended')).code).toBe(2)
  })

  test('gives the whole trail, however many pages it has', async () => {
    const long = await caseToDecide(w, { offering: 'long' })
    const many = 230
    await inInstitution(w.open('bevis_pipeline'), institution, async (tx) => {
      const [row] = await caseRows(tx, [long])
      const actor = { ref: 'test', kind: 'service', role: 'pipeline' } as const
      const act = { meaning: 'resumed', outcome: 'success' }
      const entries = Array.from({ length: many }, (_, index) => ({
        trail: row?.trail ?? '',
        id: `${long}:resumed:${index}`,
        type: 'case.resumed/1',
        actor,
        act,
        data: { evidenceVersion: 1 },
      }))
      await appendEntries(tx, entries)
    })
    const lines = (await as('officer', 'case', 'trail', long, '--ndjson')).stdout.trimEnd().split('\n')
    const numbers = lines.map((line) => (JSON.parse(line) as { n: number }).n)
    expect(numbers.length).toBeGreaterThan(many)
    expect(numbers).toEqual(numbers.map((_, index) => index + 1))
    const to = join(folder, 'long')
    const { exported } = (await as('officer', 'case', 'export', long, '--to', to, '--json')).json() as {
      exported: { trailEnd: string }[]
    }
    const end = exported[0]?.trailEnd ?? ''
    expect(end).toMatch(new RegExp(`^${numbers.length}:`))
    expect((await bevis(['verify', join(to, long), '--trail-end', end])).code).toBe(0)
  })

  test('watches a case: a line for every change, until it has come to an end', async () => {
    const watched = await caseToDecide(w, { offering: 'watched' })
    const watching = await startAs('officer', 'case', 'watch', watched, '--ndjson')
    await expect.poll(watching.stdout).toContain('"deciding"')
    const reason = 'fact-withdrawn'
    const [moved] = await inInstitution(w.open('bevis_pipeline'), institution, (tx) =>
      moveCases(tx, [
        {
          caseId: watched,
          to: 'withdrawn',
          cause: 'withdrawn',
          step: 'open',
          entry: { type: 'case.withdrawn/1', reason },
        },
      ]),
    )
    expect(moved).toMatchObject({ moved: true })
    const { code, stdout } = await watching.ended
    expect(code).toBe(0)
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toMatchObject([
      { id: watched, state: 'deciding', step: 'approval', waiting: { for: { code: 'approver' } } },
      { id: watched, state: 'withdrawn', waiting: null },
    ])
    const after = await as('officer', 'case', 'watch', watched)
    expect([after.code, after.stdout.trimEnd().split('\n').length]).toEqual([0, 1])
    expect(await as('officer', 'case', 'watch', 'case_nowhere')).toMatchObject({ code: 4, stdout: '' })
  })

  test('exports a case as a folder that verify can check, the same bytes each time', async () => {
    const [one, two] = [join(folder, 'one'), join(folder, 'two')]
    const first = await as('officer', 'case', 'export', id, '--to', one, '--purpose', 'audit', '--json')
    expect(first.code).toBe(0)
    const { exported } = first.json() as { exported: { trailEnd: string; files: string[] }[] }
    await as('officer', 'case', 'export', id, '--to', two)
    const sums = (place: string) => readFileSync(join(place, id, 'SHA256SUMS'), 'utf8')
    expect(sums(two)).toBe(sums(one))
    expect(exported[0]?.files).toEqual(['README.md', 'SHA256SUMS', 'case.json', 'trail.json'])
    for (const line of sums(one).trimEnd().split('\n')) {
      const [digest, name = ''] = line.split('  ')
      expect(hash('sha256', readFileSync(join(one, id, name)), 'hex'), name).toBe(digest)
    }
    expect(JSON.parse(readFileSync(join(one, id, 'case.json'), 'utf8'))).not.toHaveProperty('learner.name')

    const end = exported[0]?.trailEnd ?? ''
    const known = await bevis(['verify', join(one, id), '--trail-end', end])
    expect([known.code, known.stdout]).toEqual([0, expect.stringContaining('Trail: WHOLE and unchanged.')])
    const unknown = await bevis(['verify', join(one, id)])
    expect([unknown.code, unknown.stdout]).toEqual([8, expect.stringMatching(/completeness +could not check/)])
    const trail = join(two, id, 'trail.json')
    const document = JSON.parse(readFileSync(trail, 'utf8')) as { entries: unknown[] }
    writeFileSync(trail, JSON.stringify({ ...document, entries: document.entries.slice(1) }))
    expect((await bevis(['verify', join(two, id)])).code).toBe(3)

    const again = await as('officer', 'case', 'export', id, '--to', one)
    expect([again.code, again.stderr]).toEqual([6, expect.stringContaining('is there already')])
  })

  test('tells an API that is away', async () => {
    const file = join(folder, 'any.token')
    writeFileSync(file, 'x')
    const args = ['case', 'list', '--institution', 'norrsken', '--token-file', file]
    const { code, stderr } = await bevis(args, { env: { BEVIS_PUBLIC_URL: 'http://127.0.0.1:9' } })
    expect([code, stderr]).toEqual([7, expect.stringContaining('does not answer')])
  })
})

describe('bevis case decide', () => {
  const decide = (who: Somebody, seen: string) =>
    as(who, 'case', 'decide', id, 'approve', '--reason', 'outcomes-shown', '--seen', seen)

  test('refuses to decide on anything but what was seen', async () => {
    const { code, stderr } = await decide('reviewer', '1:something-older')
    expect([code, stderr]).toEqual([6, expect.stringContaining('bevis case show')])
  })

  test('refuses whoever is not appointed', async () => {
    const { code, stderr } = await decide('officer', await mark())
    expect(code).toBe(5)
    expect(stderr).toContain('api/')
  })

  test('records an approval of what was seen', async () => {
    const { code, stdout } = await decide('reviewer', await mark())
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Recorded: approve \(deci_/)
  })

  async function mark(): Promise<string> {
    const { stdout } = await as('reviewer', 'case', 'show', id)
    return /--seen (\S+)/.exec(stdout)?.[1] ?? ''
  }
})

describe('bevis decision-list', () => {
  test('draws a sample, has it opened, and only then approves each case', async () => {
    const cases = [await caseToDecide(w, { offering: 'listed-1' }), await caseToDecide(w, { offering: 'listed-2' })]
    const foreign = await as('reviewer', 'decision-list', 'draw', 'case_nowhere')
    expect([foreign.code, foreign.stderr]).toEqual([1, expect.stringContaining('case_nowhere not-yours')])

    const drawn = (await as('reviewer', 'decision-list', 'draw', ...cases, '--json')).json() as { id: string }
    const approve = ['decision-list', 'approve', drawn.id, '--reason', 'outcomes-shown']
    const early = await as('reviewer', ...approve)
    expect([early.code, early.stderr]).toEqual([6, expect.stringContaining(cases[0] ?? '')])
    for (const one of cases) {
      const opened = await as('reviewer', 'decision-list', 'open', drawn.id, one)
      expect([opened.code, opened.stdout]).toEqual([0, expect.stringContaining(one)])
      expect(opened.stdout).not.toContain('Test learner')
    }
    const shown = await as('reviewer', 'decision-list', 'show', drawn.id)
    expect([shown.stdout, shown.stderr]).toEqual([
      expect.stringContaining('2 to be opened, 2 opened'),
      expect.stringContaining(`bevis decision-list approve ${drawn.id}`),
    ])
    expect(await as('reviewer', ...approve)).toMatchObject({ code: 0, stdout: '2 of 2 approved.\n' })
  })
})

describe('bevis dead-letter', () => {
  test('lists what waits and why', async () => {
    const { code, stdout } = await as('operator', 'dead-letter', 'list')
    expect(code).toBe(0)
    expect(stdout).toMatch(new RegExp(`${dead} +norrsken.lms +invalid-event`))
  })

  test('shows the faults with advice, and the event only when asked for', async () => {
    const closed = await as('operator', 'dead-letter', 'show', dead)
    expect(closed.stdout).toContain('/data/learner  missing\n      say whom it is about')
    const json = await as('operator', 'dead-letter', 'show', dead, '--json')
    for (const { stdout } of [closed, json]) expect(stdout).not.toContain('secret')
    expect((await as('operator', 'dead-letter', 'show', dead, '--payload')).stdout).toContain('"secret"')
  })

  test('tells that nobody can replay while intake is away', async () => {
    expect(await as('operator', 'dead-letter', 'replay', dead)).toMatchObject({ code: 7 })
  })

  test('replays many only when their number is confirmed, and tells which first', async () => {
    const dry = await as('officer', 'dead-letter', 'replay', '--all', '--dry-run')
    expect([dry.code, dry.stdout]).toEqual([0, `${dead}\n1 would be taken in again.\n`])
    for (const given of [[], ['--confirm', '2']]) {
      const refused = await as('officer', 'dead-letter', 'replay', '--code', 'invalid-event', ...given)
      expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('add --confirm 1')])
    }
    expect((await as('officer', 'dead-letter', 'replay', '--all', '--confirm', '1')).code).toBe(7)
  })

  test('closes one with a reason, once and for all', async () => {
    expect(await as('operator', 'dead-letter', 'discard', dead)).toMatchObject({ code: 2 })
    const discarded = await as('operator', 'dead-letter', 'discard', dead, '--reason', 'sent-by-mistake')
    expect(discarded).toMatchObject({ code: 0, stdout: `${dead}: discarded.\n` })
    expect((await as('operator', 'dead-letter', 'list')).stdout).toBe('No dead letters wait.\n')
    expect((await as('operator', 'dead-letter', 'list', '--state', 'all')).stdout).toContain(dead)
  })
})

describe('bevis revoke', () => {
  test('lists reasons where none of them is given', async () => {
    const { code, stderr } = await as('officer', 'revoke', 'propose', 'cred_x', '--reason', 'bad', '--text', 'x')
    expect([code, stderr]).toEqual([2, expect.stringContaining('identity-wrong')])
  })

  test('answers a credential that is not there', async () => {
    const args = ['revoke', 'propose', 'cred_nowhere', '--reason', 'fraud', '--text', 'Found out too late']
    expect(await as('officer', ...args)).toMatchObject({ code: 4 })
    expect(await as('officer', 'revoke', 'approve', 'revo_nowhere')).toMatchObject({ code: 4 })
    expect((await as('officer', 'revoke', 'list')).stdout).toBe('No revocations.\n')
  })
})
