/** `npm run demo` comes out as told, and leaves what it says; here, because it kills a worker and needs a stack of its own. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fromB64url } from '#audit/digest.ts'
import { verifyTrail } from '#audit/verify-trail.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const dir = mkdtempSync(join(tmpdir(), 'bevis-demo-'))
let code: number | null = null
let said = ''

beforeAll(async () => {
  const demo = spawn(process.execPath, [join(root, 'dev', 'demo.ts'), '--dir', dir], {
    cwd: root,
    env: { ...process.env, LANG: 'en_GB.UTF-8', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [demo.stdout, demo.stderr]) stream.on('data', (bytes: Buffer) => (said += bytes.toString()))
  code = await new Promise((resolve, reject) => {
    demo.on('error', reject)
    demo.on('close', resolve)
  })
}, 300_000)

afterAll(() => rmSync(dir, { recursive: true, force: true }))

const read = (name: string): string => readFileSync(join(dir, 'demo', name), 'utf8')
const list = (name: string): string[] => readdirSync(join(dir, 'demo', name))

test('ends with zero, everything as told', () => {
  expect(said).not.toContain('NOT as told')
  expect(said).toMatch(/(\d+) of \1 checks as told/)
  expect(code).toBe(0)
})

test('tells what was missing where a case stopped', () => {
  expect(said).toContain('missing for C2-D: Outcome lr4 passed in a summative result')
  expect(said).toContain('missing for B-C1: A scorer who has not taught the learner')
})

interface Left {
  readonly cases: readonly {
    readonly id: string
    readonly promised: string
    readonly computed: string
    readonly outcome: string
    readonly credentials: readonly string[]
  }[]
}

test('leaves a summary, and the credentials it names', () => {
  const { cases } = JSON.parse(read('summary.json')) as Left
  expect(
    [...new Set(cases.filter(({ outcome }) => outcome === 'issued').map(({ promised }) => promised))].toSorted(),
  ).toEqual(['A', 'B-C1', 'C2-D', 'D-E', 'E'])
  expect(
    cases.filter(({ promised }) => promised === 'F').map(({ outcome, credentials }) => [outcome, credentials.length]),
  ).toEqual([['recorded', 0]])
  const named = cases.flatMap(({ credentials }) => credentials.map((id) => `${id}.jwt`))
  expect(list('credentials').toSorted()).toEqual(named.toSorted())
  expect(list('events').length).toBeGreaterThan(50)
})

test('leaves trails whose leaves chain from their genesis', () => {
  const { cases } = JSON.parse(read('summary.json')) as Left
  expect(list('trails').toSorted()).toEqual(cases.map(({ id }) => `${id}.json`).toSorted())
  for (const file of list('trails')) {
    const { log, trail, entries } = JSON.parse(read(`trails/${file}`)) as {
      log: string
      trail: string
      entries: { leaf: string }[]
    }
    const report = verifyTrail(
      entries.map(({ leaf }) => fromB64url(leaf)),
      { log, trail },
    )
    expect(report.checks.filter(({ outcome }) => outcome === 'failed')).toEqual([])
    expect(report.entries.length).toBeGreaterThan(5)
  }
})
