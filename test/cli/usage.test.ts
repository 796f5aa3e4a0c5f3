import { execFile, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { catalogue } from '#cli/catalogue.ts'
import { exitCodes } from '#cli/exit-codes.ts'
import { explainConfig, variablesOf } from '#config/env.ts'
import { processes } from '#config/given.ts'
import { root } from '../support/paths.ts'
import { bevis } from './run-bevis.ts'

describe('help', () => {
  test('leads with examples, names every command and ends with the exit codes', async () => {
    const { code, stdout, stderr } = await bevis(['--help'])
    expect([code, stderr]).toEqual([0, ''])
    for (const { name } of catalogue) expect(stdout).toContain(`  ${name} `)
    for (const number of Object.values(exitCodes)) expect(stdout).toContain(`${number} `)
    expect(stdout.indexOf('Examples')).toBeLessThan(stdout.indexOf('Commands'))
  })

  test.each(catalogue.map(({ name }) => name))(
    'of %s has an example that the command itself understands',
    async (name) => {
      const entry = catalogue.find((one) => one.name === name)
      const { examples } = (await entry?.load()) ?? { examples: [] }
      expect(examples.length).toBeGreaterThan(0)
      for (const [line] of examples) expect(line).toContain(`bevis ${name}`)
    },
  )

  test('of one command is the same after the command and after help', async () => {
    const [after, before] = await Promise.all([bevis(['verify', '--help']), bevis(['help', 'verify'])])
    expect(after).toMatchObject({ code: 0, stderr: '' })
    expect(after.stdout).toContain('--status-lists <folder>')
    expect(before.stdout).toBe(after.stdout)
  })

  test('of a group lists what is in it', async () => {
    const { code, stdout } = await bevis(['case', '--help'])
    expect(code).toBe(0)
    expect(stdout).toContain('case decide')
    expect(stdout).not.toContain('revoke')
  })

  test('can be had through the launcher', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'cli', 'bevis.mjs'), 'keys', '--help'])
    expect(stdout).toContain('keys rotate')
  })
})

test('help --all tells every command with its options, once', async () => {
  const { code, stdout } = await bevis(['help', '--all'])
  expect(code).toBe(0)
  for (const { name } of catalogue) expect(stdout).toContain(`bevis ${name}`)
  expect(stdout.split('--status-lists <folder>')).toHaveLength(2)
})

describe('a command line that makes no sense', () => {
  test.each([
    [['crse', 'list'], 'case list'],
    [['case', 'lsit'], 'case list'],
    [['verifi'], 'verify'],
    [['verify', 'x.jwt', '--jwk', 'y'], '--jwks'],
    [['case', 'list', '--stat', 'waiting'], '--state'],
  ])('bevis %j ends with 2 and says that %s was probably meant', async (args, meant) => {
    const { code, stdout, stderr } = await bevis(args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('did you mean')
    expect(stderr).toContain(meant)
  })

  test.each([
    [[], 'Commands'],
    [['case'], 'case show'],
    [['verify'], 'verify takes <file…|folder…|->'],
    [['verify', 'x.jwt', '--jwks'], '--jwks needs <file|url>'],
    [['verify', 'x.jwt', '--offline=yes'], '--offline takes no value'],
    [['case', 'show', 'a', 'b'], 'case show takes <case id>'],
    [['case', 'decide', 'case_x', 'aprove'], 'did you mean approve'],
    [['case', 'decide', 'case_x', 'approve', '--reason', 'r'], '--seen <mark> is missing'],
    [['config', 'show', 'pipelin'], 'did you mean pipeline'],
    [['completion', 'tcsh'], 'bash, zsh, fish'],
    [['dead-letter', 'replay'], '--all, or --code <code>'],
    [['event', 'send', 'x.json', '--http', '--unsigned'], 'the signature says who sends'],
    [['event', 'send', 'x.json', '--keep-trying', 'long'], 'no number of seconds'],
    [['decision-list', 'approve', 'list_x'], '--reason <code> is missing'],
    [['work', 'all'], 'intake, pipeline, signing, relay'],
  ])('bevis %j ends with 2 and tells what is expected', async (args, told) => {
    const { code, stdout, stderr } = await bevis(args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(told)
  })

  test('is told as one JSON document under --json', async () => {
    const { code, stderr } = await bevis(['verify', '--nonsense', '--json'])
    expect(code).toBe(2)
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'usage/unknown-option' } })
  })
})

describe('settings', () => {
  const wrong = { BEVIS_DATABASE_URL: 'mysql://x', BEVIS_TEMPORAL_ADDRESS: 'nowhere' }

  test.each([['serve'], ['work', 'intake']])(
    'that are wrong stop bevis %s with every fault at once',
    async (...words) => {
      const { code, stderr } = await bevis(words, { env: wrong })
      expect(code).toBe(2)
      for (const fault of [
        'DATABASE_URL is not',
        'TEMPORAL_ADDRESS is not',
        'SECRETS_FILE is missing',
        'PUBLIC_URL is missing',
      ])
        expect(stderr).toContain(`BEVIS_${fault}`)
    },
  )

  test('that a command needs and nobody gave are named', async () => {
    const { code, stderr } = await bevis(['case', 'list', '--institution', 'norrsken'])
    expect([code, stderr]).toEqual([5, expect.stringContaining('--token-file')])
    const migrate = await bevis(['migrate'])
    expect([migrate.code, migrate.stderr]).toEqual([2, expect.stringContaining('BEVIS_DATABASE_URL')])
  })

  test('are shown with source and meaning, also where they are wrong, and never with a password', async () => {
    const env = {
      ...wrong,
      BEVIS_DATABASE_URL: 'postgres://bevis_intake:hunter2:@db/bevis?password=hunter2',
      BEVIS_NATS_URL: 'nats://hunter2@nats:4222',
    }
    const { code, stdout } = await bevis(['config', 'show', 'intake'], { env })
    expect(code).toBe(2)
    expect(stdout).toContain('postgres://bevis_intake:***@db/bevis?password=***  (environment)')
    expect(stdout).toContain('BEVIS_TEMPORAL_NAMESPACE  default  (default)')
    for (const fault of ['TEMPORAL_ADDRESS is not', 'SECRETS_FILE is missing', 'PUBLIC_URL is missing'])
      expect(stdout).toContain(`✖ BEVIS_${fault}`)
    expect(stdout).not.toContain('hunter2')
  })

  test.each([...processes])('of %s are shown as its own table has them', async (name) => {
    const { required, optional } = variablesOf(name)
    const { settings } = explainConfig(name, {})
    expect(settings.map(({ variable }) => variable).toSorted()).toEqual([...required, ...optional].toSorted())
    for (const { says } of settings) expect(says.length).toBeGreaterThan(10)
  })

  test('with the signing secret are refused outside the signing process', async () => {
    const { code, stderr } = await bevis(['work', 'relay'], { env: { BEVIS_SIGNING_SECRET_FILE: '/x' } })
    expect(code).toBe(2)
    expect(stderr).toContain('must not reach relay')
  })
})

test('Ctrl-C ends a waiting command with 130', async () => {
  const waiting = spawn(process.execPath, [join(root, 'cli', 'bevis.mjs'), 'verify', '-'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const ended = new Promise<number | null>((resolve) => waiting.once('exit', resolve))
  await sleep(3_000)
  waiting.kill('SIGINT')
  expect(await ended).toBe(exitCodes.interrupted)
})

test('colour stays away from pipes', async () => {
  const { stdout } = await bevis(['case', '--help'])
  // oxlint-disable-next-line no-control-regex -- the escape character is what is looked for
  expect(stdout).not.toMatch(/\u001b/)
})

test('the exit codes are those every script relies on', () => {
  expect(exitCodes).toEqual({
    ok: 0,
    failure: 1,
    usage: 2,
    'verification-failed': 3,
    'not-found': 4,
    'not-allowed': 5,
    conflict: 6,
    unreachable: 7,
    'could-not-verify': 8,
    interrupted: 130,
  })
})

describe('the documents others build on', () => {
  test.each(['openapi', 'asyncapi'])('bevis %s print gives the committed one', async (name) => {
    const committed = readFileSync(join(root, 'docs', `${name}.json`), 'utf8')
    const { code, stdout } = await bevis([name, 'print'])
    expect([code, stdout]).toEqual([0, committed])
  })
})
