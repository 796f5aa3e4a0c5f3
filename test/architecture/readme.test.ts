import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { catalogue } from '#cli/catalogue.ts'
import { openKeyStore } from '#credentials/signing/keys.ts'
import { as, type Instant } from '#domain/words.ts'
import { brokenLinks, documents } from '../../tools/check-links.ts'
import { content } from '../credentials/sample.ts'
import { issued, keyAt, statusList } from '../credentials/world.ts'
import { root } from '../support/paths.ts'

const read = (path: string) => readFileSync(join(root, path), 'utf8')
const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(read('package.json')))

/** Commands in the fenced blocks and in `code`, with their comments cut off. */
function commandsOf(document: string): string[] {
  const blocks = [...read(document).matchAll(/^```(?:sh)?\n([^]*?)^```/gm)].flatMap(
    ([, block]) => block?.split('\n') ?? [],
  )
  const words = [...read(document).matchAll(/`((?:npm|npx) [^`]+)`/g)].flatMap(
    ([, word]) => word?.replaceAll(/\s+/g, ' ').split(' && ') ?? [],
  )
  const lines = [...blocks, ...words].map((line) => line.replace(/\s+# .*$/, '').trim())
  return [...new Set(lines.filter((line) => /^(npm|npx|node|bevis) /.test(line)))]
}

const commands = documents().flatMap((document) => commandsOf(document).map((command) => ({ document, command })))
const ofBevis = commands.flatMap(({ command }) => (command.startsWith('npx bevis ') ? [command.slice(10)] : []))
const namedOf = (line: string) => catalogue.find(({ name }) => line === name || line.startsWith(`${name} `))

/** Without the program's own name. */
const ofBevisLine = (command: string) => command.replace(/^(npx )?bevis /, '')

/** What `npx bevis` does, through a shell, as a reader does it. */
function npx(line: string) {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', `npx --no -- ${line}`], { cwd: root, encoding: 'utf8' })
  return { status, text: `${stdout}${stderr}` }
}

describe('the documents', () => {
  test('lead somewhere with every link and every path', () => {
    expect(brokenLinks()).toEqual([])
  })

  test('the index of decisions has a line for every record, with its title', () => {
    const records = documents().filter((path) => /^docs[/]decisions[/]\d/.test(path))
    const lines = records.map((path) => {
      const [, number, title] = /^# (\d{4}) (.+)\n/.exec(read(path)) ?? []
      return `| [${number}](${path.replace('docs/decisions/', '')}) | ${title} |`
    })
    for (const line of lines) expect(read('docs/decisions/README.md').split('\n')).toContain(line)
  })

  test('docs/status.md names tests that exist', () => {
    const named = [...read('docs/status.md').matchAll(/`((?:kit[/])?test[/][^`]+)` › ((?:[*][^*]+[*](?:, )?)+)/g)]
    const tests = named.flatMap(([, file = '', names = '']) =>
      [...names.matchAll(/[*]([^*]+)[*]/g)].map(([, name = '']) => ({ file, name })),
    )
    expect(tests.length).toBeGreaterThan(30)
    expect(tests.filter(({ file, name }) => !read(file).includes(name))).toEqual([])
  })

  test('README is as long as a reader has patience for', () => {
    const lines = read('README.md').trimEnd().split('\n').length
    expect(lines).toBeGreaterThanOrEqual(90)
    expect(lines).toBeLessThanOrEqual(140)
  })

  test('README has commands in it, and every line of its blocks for the shell is one', () => {
    const lines = [...read('README.md').matchAll(/^```sh\n([^]*?)^```/gm)].flatMap(
      ([, block]) => block?.trim().split('\n') ?? [],
    )
    expect(lines.length).toBeGreaterThan(5)
    const known = commandsOf('README.md')
    for (const line of lines) expect(known).toContain(line.replace(/\s+# .*$/, ''))
  })

  test.each(commands)('$document: $command is there', ({ command }) => {
    const [program, verb = '', name = ''] = command.split(' ')
    if (program === 'npm' && verb === 'run') expect(scripts).toHaveProperty(name)
    else if (program === 'npm') expect(verb === 'ci' || verb in scripts).toBe(true)
    else if (program === 'node') expect(read(verb)).not.toBe('')
    else
      expect([command, command.endsWith('--help') || namedOf(ofBevisLine(command)) !== undefined]).toEqual([
        command,
        true,
      ])
  })
})

describe('the numbered steps of docs/issuance-cycle.md', () => {
  const cycle = read('docs/issuance-cycle.md')
  const numbersIn = (text: string, pattern: RegExp) =>
    [...new Set([...text.matchAll(pattern)].flatMap(([, numbers = '']) => numbers.split(', ')))].toSorted((a, b) =>
      a.localeCompare(b, 'en'),
    )

  test.each([
    ['issuing', 'workflows/gates.ts', /^[|] (\d) [|]/gm, /[/][/] (\d(?:, \d)*)$/gm],
    ['taking back', 'workflows/revocation.ts', /^[|] (R\d) [|]/gm, /[/][/] (R\d)$/gm],
  ])('%s: the numbers are those in %s', (_part, file, inDocument, inCode) => {
    expect(numbersIn(cycle, inDocument).length).toBeGreaterThan(0)
    expect(numbersIn(read(file), inCode)).toEqual(numbersIn(cycle, inDocument))
  })

  test('taking in: every step is named where it is taken', () => {
    const code = ['workers/intake.ts', 'workers/intake/take-in.ts', 'workers/intake/wake.ts'].map(read).join('\n')
    for (const number of numbersIn(cycle, /^[|] (I\d) [|]/gm)) expect(code).toMatch(new RegExp(`\\b${number}\\b`))
  })
})

describe('the commands in README run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bevis-readme-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** What the demo leaves, made by the same signing code: one credential, one that is revoked later, keys, the list. */
  beforeAll(async () => {
    const now = Date.now()
    const at = (hours: number) => as<Instant>(new Date(now + hours * 3_600_000).toISOString())
    const keys = openKeyStore({
      dir: join(folder, 'keys'),
      secret: new Uint8Array(32).fill(1),
      base: 'https://bevis.example.org',
    })
    await keys.createKey('norrsken', at(-48))
    const issuedAt = at(-24)
    const badge = content('A', { issuedAt, validity: { from: issuedAt } })
    const { compact } = await issued(keys, 'A', { content: badge })
    const list = (set: number[]) =>
      keyAt(keys, at(0)).then((key) => statusList(key, { set, at: at(-1), validUntil: at(24) }))
    for (const [name, text] of Object.entries({
      'credentials/one.jwt': compact,
      'jwks.json': JSON.stringify(await keys.jwks('norrsken')),
      'status-lists/1.jwt': await list([]),
      'revoked/1.jwt': await list([94_567]),
    })) {
      mkdirSync(join(folder, name, '..'), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
  })

  test('npx bevis --help', () => {
    const { status, text } = npx('bevis --help')
    expect(status).toBe(0)
    for (const { name } of catalogue) expect(text).toContain(name)
  })

  test.each(ofBevis.filter((line) => !line.startsWith('--')))('npx bevis %s: its options are known', (line) => {
    const words = namedOf(line)?.name.split(' ') ?? []
    const help = execFileSync(process.execPath, [join(root, 'cli', 'main.ts'), ...words, '--help'], {
      encoding: 'utf8',
    })
    for (const [option] of line.matchAll(/--[a-z-]+/g)) expect(help).toContain(option)
  })

  const offline = ofBevis.find((line) => line.startsWith('verify') && line.includes('--status-lists')) ?? ''

  test('what the demo left verifies without us, is refused once revoked, and is neither where nobody can be asked', () => {
    const line = offline.replaceAll('.bevis/demo', folder)
    expect(npx(`bevis ${line}`)).toMatchObject({ status: 0 })
    expect(npx(`bevis ${line.replace('/status-lists', '/revoked')}`)).toMatchObject({ status: 3 })
    expect(npx(`bevis verify ${folder}/credentials/*.jwt --offline`)).toMatchObject({ status: 8 })
  })

  test('the scripts that README names start from files that are there', () => {
    for (const name of ['predemo', 'predev', 'pretest', 'demo', 'dev']) {
      const [, file = ''] = /^node (\S+)/.exec(scripts[name] ?? '') ?? []
      execFileSync(process.execPath, ['--check', join(root, file)])
    }
  })
})
