import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { root } from '../support/paths.ts'
import { type Scratch, scratchHouse } from './scratch.ts'

const activity =
  "import { proxyActivities } from '@temporalio/workflow'\nconst acts = proxyActivities<{ act(): Promise<void> }>({ startToCloseTimeout: '1 s' })\n"
const drizzle =
  "import { drizzle } from 'drizzle-orm/postgres-js'\nimport { sql } from 'drizzle-orm'\nconst db = drizzle('')\n"
const outcome = "type Outcome = { kind: 'passed' } | { kind: 'failed' }\n"

/** Every lint rule we name, with files that break it. */
const lintPlants: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'typescript/no-floating-promises': {
    'workflows/forgets.ts': `${activity}export async function forgets(): Promise<void> {\n  acts.act()\n}\n`,
    // A drizzle query does nothing at all until it is awaited.
    'db/forgets.ts': `${drizzle}export function forgets(): void {\n  db.execute(sql\`select 1\`)\n}\n`,
  },
  'typescript/no-misused-promises': {
    'api/misuses.ts': 'export const misuses = (wait: () => Promise<boolean>) => (wait() ? 1 : 2)\n',
  },
  'typescript/await-thenable': { 'api/awaits.ts': 'export const awaits = async (one: number) => await one\n' },
  'typescript/switch-exhaustiveness-check': {
    'domain/switch.ts': `${outcome}export function told(outcome: Outcome): string {\n  let text = ''\n  switch (outcome.kind) {\n    case 'passed':\n      text = 'yes'\n  }\n  return text\n}\n`,
  },
  'typescript/only-throw-error': { 'api/throws.ts': "export function fail(): never {\n  throw 'words'\n}\n" },
  'typescript/no-explicit-any': { 'domain/any.ts': 'export const loose = (one: any): unknown => one\n' },
  'typescript/no-non-null-assertion': { 'domain/sure.ts': 'export const sure = (all: string[]): string => all[0]!\n' },
  'typescript/consistent-type-imports': {
    'db/types.ts': "import { Fine } from '#domain/fine.ts'\nexport const fine: Fine = 1\n",
  },
  'import/no-cycle': {
    'audit/ring.ts': "import { two } from './ring-too.ts'\nexport const one = (): number => two()\n",
    'audit/ring-too.ts': "import { one } from './ring.ts'\nexport const two = (): number => one()\n",
  },
  'import/no-default-export': { 'api/nameless.ts': 'export default 1\n' },
  'unicorn/filename-case': { 'api/camelCase.ts': 'export const one = 1\n', 'db/Upper.ts': 'export const one = 1\n' },
  'unicorn/prefer-node-protocol': { 'api/bare.ts': "import { sep } from 'path'\nexport const one = sep\n" },
  'no-console': { 'api/talks.ts': "console.log('here')\n", 'test/talks.ts': "console.log('here')\n" },
  'node/no-process-env': {
    'api/environment.ts': "export const one = process.env['ONE']\n",
    'config/other.ts': 'export const { HOME } = process.env\n',
  },
  'no-restricted-imports': {
    'api/process.ts': "import { env } from 'node:process'\nexport const one = env['ONE']\n",
    'api/extension.ts': "import { fine } from '#domain/fine.js'\nexport const one = fine\n",
    'api/type-extension.ts': "import type { Fine } from '#domain/fine.js'\nexport type One = Fine\n",
  },
  'no-restricted-globals': {
    'domain/clock.ts': 'export const now = (): number => Date.now()\n',
    'domain/hidden-clock.ts': 'export const now = (): number => globalThis.Date.now()\n',
    'domain/new-clock.ts': 'export const now = (): unknown => new Date()\n',
  },
  'no-restricted-properties': { 'domain/dice.ts': 'export const dice = (): number => Math.random()\n' },
}

/** What is allowed: a rule that bit here would be too strict. */
const fine: Readonly<Record<string, string>> = {
  'domain/fine.ts': 'export type Fine = number\nexport const fine = 1\n',
  'cli/talks.ts': "console.log('here')\n",
  'config/env.ts': "export const one = process.env['ONE']\n",
  'dev/environment.ts': "export const one = process.env['ONE']\n",
  'workflows/waits.ts': `${activity}export async function waits(): Promise<number> {\n  await acts.act()\n  return Date.now()\n}\n`,
}

const oxlintReport = z.object({ diagnostics: z.array(z.object({ code: z.string(), filename: z.string() })) })
const oxlintConfig = z.object({
  rules: z.record(z.string(), z.unknown()),
  overrides: z.array(z.object({ rules: z.record(z.string(), z.unknown()) })),
})

/** `typescript-eslint(no-explicit-any)` → `no-explicit-any`. */
const bare = (rule: string) => rule.replace(/^.*[(/]/, '').replace(')', '')

describe('lint', () => {
  let house: Scratch
  let told: { rule: string; file: string }[]

  beforeAll(async () => {
    house = scratchHouse({ ...fine, ...Object.assign({}, ...Object.values(lintPlants)) })
    const { output } = await house.tool('oxlint', '--format', 'json')
    const report = oxlintReport.parse(JSON.parse(output))
    told = report.diagnostics.map(({ code, filename }) => ({ rule: bare(code), file: filename }))
  })
  afterAll(() => house.dispose())

  test('every rule we name has a planted violation', () => {
    const { rules, overrides } = oxlintConfig.parse(JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')))
    const named = new Set([rules, ...overrides.map((each) => each.rules)].flatMap((each) => Object.keys(each)))
    expect(Object.keys(lintPlants).toSorted()).toEqual([...named].toSorted())
  })

  test.each(Object.entries(lintPlants))('%s catches what breaks it', (rule, files) => {
    const caught = told.filter((each) => each.rule === bare(rule)).map(({ file }) => file)
    expect(caught).toEqual(expect.arrayContaining(Object.keys(files)))
  })

  test('what is allowed passes', () => {
    expect(told.filter(({ file }) => file in fine)).toEqual([])
  })
})

/** What the second tsconfig forbids: file → text. */
const impure: Readonly<Record<string, string>> = {
  'domain/calls.ts': "export const one = fetch('https://example.org')\n",
  'domain/process.ts': 'export const one = process.pid\n',
  'domain/reads.ts': "import { readFileSync } from 'node:fs'\nexport const one = readFileSync('x')\n",
  'domain/timer.ts': 'export const one = setTimeout(() => undefined, 1)\n',
  'domain/bytes.ts': "export const one = Buffer.from('x')\n",
  'workflows/calls.ts': "export const one = fetch('https://example.org')\n",
  'workflows/process.ts': 'export const one = process.pid\n',
  'workflows/random.ts': "import { randomBytes } from 'node:crypto'\nexport const one = randomBytes(1)\n",
}

/** What the first tsconfig forbids, wherever it stands. */
const ill: Readonly<Record<string, string>> = {
  'api/optional.ts': 'export const one: { a?: number } = { a: undefined }\n',
  'api/index.ts': 'export const one = (all: readonly string[]): string => all[0]\n',
  'api/enum.ts': 'export enum One {\n  a,\n}\n',
  'api/property.ts': 'export class One {\n  constructor(readonly a: number) {}\n}\n',
  'api/unused.ts': 'const one = 1\nexport const two = 2\n',
  'api/null.ts': "export const one: string = 'a'.match(/a/)\n",
  'test/wrong.test.ts': "export const one: number = 'a'\n",
}

const sound: Readonly<Record<string, string>> = {
  'activities/act.ts': "import { readFileSync } from 'node:fs'\nexport const act = () => readFileSync('x').length\n",
  'activities/contracts.ts': 'export interface Acts {\n  act(): Promise<void>\n}\n',
  'domain/sound.ts': 'export const sound = (all: readonly string[]): string | undefined => all[0]\n',
  // Even as a type, an implementation drags its own imports into the pure program; tsc tells of it there.
  'workflows/types.ts': "import type { act } from '#activities/act.ts'\nexport type Act = typeof act\n",
  'workflows/sound.ts': "import type { Acts } from '#activities/contracts.ts'\nexport type Act = Acts['act']\n",
}

/** Files that tsc complains of. */
const filesIn = (output: string): string[] => [
  ...new Set([...output.matchAll(/^([^\s(]+)\(\d+,\d+\): error/gm)].map(([, file]) => file ?? '')),
]

describe('types', () => {
  let house: Scratch
  beforeAll(() => {
    house = scratchHouse({ ...impure, ...ill, ...sound })
  })
  afterAll(() => house.dispose())

  test('the pure rooms know neither Node nor the network nor a timer, not even through the types of an activity', async () => {
    const { output } = await house.tool('tsc', '-p', 'tsconfig.pure.json', '--pretty', 'false')
    expect(filesIn(output).toSorted()).toEqual([...Object.keys(impure), 'activities/act.ts'].toSorted())
  })

  test('the whole house is checked strictly, tests included', async () => {
    const { output } = await house.tool('tsc', '-p', 'tsconfig.json', '--pretty', 'false')
    expect(filesIn(output).toSorted()).toEqual(Object.keys(ill).toSorted())
  })
})

describe('format', () => {
  const unformatted = {
    'api/quotes.ts': 'export const one = "a"\n',
    'api/order.ts': "import { b } from './b.ts'\nimport { a } from './a.ts'\n\nexport const one = [a, b]\n",
    'docs/loose.json': '{"a":1}\n',
  }
  let house: Scratch
  beforeAll(() => {
    house = scratchHouse({ ...unformatted, 'api/a.ts': 'export const a = 1\n', 'api/b.ts': 'export const b = 1\n' })
  })
  afterAll(() => house.dispose())

  test('catches quotes, the order of imports and the layout of JSON, and nothing else', async () => {
    const { code, output } = await house.tool('biome', 'ci', '--reporter', 'github', '.')
    expect(code).not.toBe(0)
    const files = [...output.matchAll(/file=([^,]+)/g)].map(([, file]) => relative(house.folder, file ?? ''))
    expect([...new Set(files)].toSorted()).toEqual(Object.keys(unformatted).toSorted())
  })
})

describe('dead code', () => {
  let house: Scratch
  beforeAll(() => {
    house = scratchHouse({
      'cli/main.ts': "import { used } from '#domain/words.ts'\n\nconsole.log(used)\n",
      'domain/words.ts': 'export const used = 1\nexport const unused = 2\n',
      'domain/forgotten.ts': 'export const forgotten = 1\n',
      'test/domain/words.test.ts': "import { needed } from './needed.ts'\n\nconsole.log(needed)\n",
      'test/domain/needed.ts': 'export const needed = 1\n',
    })
  })
  afterAll(() => house.dispose())

  test('catches an export that nobody imports and a file that nobody reaches', async () => {
    const { output } = await house.tool('knip', '--include', 'files,exports', '--reporter', 'json')
    const { issues } = knipReport.parse(JSON.parse(output))
    expect(issues.filter(({ files }) => files.length > 0).map(({ file }) => file)).toEqual(['domain/forgotten.ts'])
    expect(issues.flatMap(({ exports }) => exports.map(({ name }) => name))).toEqual(['unused'])
  })
})

const knipReport = z.object({
  issues: z.array(
    z.object({
      file: z.string(),
      files: z.array(z.unknown()).default([]),
      exports: z.array(z.object({ name: z.string() })).default([]),
    }),
  ),
})
