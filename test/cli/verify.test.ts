import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { base, issuer } from '../credentials/sample.ts'
import { issued, listUrl, openWorld, statusList, type World } from '../credentials/world.ts'
import { bevis } from './run-bevis.ts'

/** The command judges by today's clock, so the list is made for today. */
const today = {
  at: new Date(Date.now() - 60_000).toISOString(),
  validUntil: new Date(Date.now() + 3_600_000).toISOString(),
}
const folder = mkdtempSync(join(tmpdir(), 'bevis-verify-'))
const file = (name: string) => join(folder, name)
const files = ['--jwks', file('jwks.json'), '--status-lists', file('lists')]
let world: World
let jwt = ''

beforeAll(async () => {
  world = await openWorld()
  const { compact } = await issued(world.keys, 'A')
  jwt = compact
  const list = listUrl.slice(listUrl.lastIndexOf('/') + 1)
  for (const name of ['lists', 'revoked']) mkdirSync(file(name))
  writeFileSync(file('genuine.jwt'), `${jwt}\n`)
  writeFileSync(file('tampered.jwt'), tampered(jwt))
  writeFileSync(file('jwks.json'), JSON.stringify(await world.keys.jwks('norrsken')))
  writeFileSync(join(file('lists'), `${list}.jwt`), await statusList(world.key, today))
  writeFileSync(join(file('revoked'), `${list}.jwt`), await statusList(world.key, { ...today, set: [slotIn(jwt)] }))
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await world.close()
})

describe('bevis verify, from files alone', () => {
  test('finds a genuine credential genuine', async () => {
    const { code, stdout, stderr } = await bevis(['verify', file('genuine.jwt'), ...files])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('Result: GENUINE and in force.')
    expect(stdout).not.toMatch(/FAILED|could not check/)
  })

  test('refuses a tampered one, and shows nothing of it as fact', async () => {
    const { code, stdout } = await bevis(['verify', file('tampered.jwt'), ...files])
    expect(code).toBe(3)
    expect(stdout).toContain('REFUSED. The signature does not hold.')
    expect(stdout).not.toContain('Forged')
  })

  test('refuses a revoked one', async () => {
    const { code, stdout } = await bevis([
      'verify',
      file('genuine.jwt'),
      '--jwks',
      file('jwks.json'),
      '--status-lists',
      file('revoked'),
    ])
    expect([code, stdout]).toEqual([3, expect.stringContaining('The credential has been revoked.')])
  })

  test('could not verify when the status is unknown, and never says valid', async () => {
    const { code, stdout } = await bevis(['verify', file('genuine.jwt'), '--jwks', file('jwks.json'), '--offline'])
    expect(code).toBe(8)
    expect(stdout).toMatch(/status +could not check/)
    expect(stdout).not.toContain('GENUINE')
  })

  test('could not verify when the keys are unknown', async () => {
    const { code, stdout } = await bevis(['verify', file('genuine.jwt'), '--offline'])
    expect([code, stdout]).toEqual([8, expect.stringContaining('COULD NOT VERIFY')])
  })

  test('refuses another issuer than the one expected', async () => {
    const { code, stdout } = await bevis(['verify', file('genuine.jwt'), ...files, '--issuer', 'https://other.example'])
    expect([code, stdout]).toEqual([3, expect.stringContaining('not the one expected')])
  })

  test('takes a key for its own issuer only, whoever else is in the file', async () => {
    const { keys } = await world.keys.jwks('norrsken')
    const moved = keys.map((key) => ({ ...key, kid: key.kid.replace('/norrsken/', '/sorsken/') }))
    writeFileSync(file('others.json'), JSON.stringify({ keys: moved }))
    const { code } = await bevis(['verify', file('genuine.jwt'), '--jwks', file('others.json'), '--offline'])
    expect(code).toBe(3)
  })

  test('tells the worst of several, each in one JSON document', async () => {
    const ended = await bevis(['verify', file('genuine.jwt'), file('tampered.jwt'), ...files, '--json'])
    expect(ended.code).toBe(3)
    expect(ended.json()).toMatchObject({
      reports: [
        { file: 'genuine.jwt', result: 'verified' },
        { file: 'tampered.jwt', result: 'refused' },
      ],
    })
  })

  test('never prints who holds the credential', async () => {
    const text = await bevis(['verify', file('genuine.jwt'), ...files])
    const json = await bevis(['verify', file('genuine.jwt'), ...files, '--json'])
    for (const { stdout } of [text, json]) expect(stdout).not.toContain(holderIn(jwt))
  })

  test.each([
    ['SeQF >= 6, LoA >= 3, bands {A, B-C1}', 0, 'Demand: MET.'],
    ['SeQF ≥ 7', 3, 'Demand: NOT MET.'],
    ['bands {C2-D}', 3, 'The credential states A; that is not enough.'],
  ])('holds it against the demand %j and ends with %i', async (demand, code, told) => {
    const ended = await bevis(['verify', file('genuine.jwt'), ...files, '--require', demand])
    expect([ended.code, ended.stdout]).toEqual([code, expect.stringContaining(told)])
  })

  test('calls a demand met by nothing that was refused or could not be verified', async () => {
    const require = ['--require', 'LoA >= 1', '--json']
    const refused = await bevis(['verify', file('tampered.jwt'), ...files, ...require])
    const unsure = await bevis(['verify', file('genuine.jwt'), '--jwks', file('jwks.json'), '--offline', ...require])
    expect([refused.code, refused.json()]).toMatchObject([3, { reports: [{ demand: { result: 'not-met' } }] }])
    expect([unsure.code, unsure.json()]).toMatchObject([8, { reports: [{ demand: { result: 'could-not-check' } }] }])
  })

  test('shows where a demand cannot be understood', async () => {
    const { code, stderr } = await bevis(['verify', file('genuine.jwt'), '--require', 'LoA >= 3, EQF >= 6'])
    expect(code).toBe(2)
    expect(stderr).toContain('  LoA >= 3, EQF >= 6\n            ^ EQF cannot be demanded')
  })

  test('takes every credential of a folder and counts them', async () => {
    const folderOf = join(folder, 'many', 'deeper')
    mkdirSync(folderOf, { recursive: true })
    for (const name of ['a.jwt', 'b.jwt']) writeFileSync(join(folderOf, name), jwt)
    writeFileSync(join(folder, 'many', 'note.txt'), 'no credential')
    const { code, stdout } = await bevis(['verify', join(folder, 'many'), ...files])
    expect([code, stdout]).toEqual([0, expect.stringContaining('2 credentials: 2 genuine, 0 refused')])
  })

  test('reads standard input', async () => {
    expect(await bevis(['verify', '-', ...files], { input: jwt })).toMatchObject({ code: 0 })
    expect(await bevis(['verify', '-', ...files], { input: '{"not": "a credential"}' })).toMatchObject({ code: 3 })
  })

  test('tells apart a file that is not there', async () => {
    const { code, stderr } = await bevis(['verify', file('absent.jwt'), ...files])
    expect([code, stderr]).toEqual([4, expect.stringContaining('cannot be read')])
  })

  test('demands a key set where one is named', async () => {
    writeFileSync(file('nothing.json'), '{}')
    const { code, stderr } = await bevis(['verify', file('genuine.jwt'), '--jwks', file('nothing.json')])
    expect([code, stderr]).toEqual([2, expect.stringContaining('no key set')])
  })
})

describe('bevis verify, asking an issuer', () => {
  let server: Server
  let address = ''
  beforeAll(async () => {
    const keys = JSON.stringify(await world.keys.jwks('norrsken'))
    server = createServer((request, response) => {
      response.writeHead(request.url === '/keys' ? 200 : 404).end(request.url === '/keys' ? keys : '')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => server.close())

  test('fetches the key set it is pointed to', async () => {
    const online = ['--jwks', `${address}/keys`, '--status-lists', file('lists')]
    expect(await bevis(['verify', file('genuine.jwt'), ...online])).toMatchObject({ code: 0 })
  })

  test('could not verify when nobody answers', async () => {
    const online = ['--jwks', 'http://127.0.0.1:9/keys', '--status-lists', file('lists')]
    expect(await bevis(['verify', file('genuine.jwt'), ...online])).toMatchObject({ code: 8 })
  })

  test('does not ask over an open line, except on this machine', async () => {
    const online = ['--jwks', 'http://bevis.example/keys', '--status-lists', file('lists')]
    expect(await bevis(['verify', file('genuine.jwt'), ...online])).toMatchObject({ code: 8 })
  })

  test('knows the institutions of its own installation, and no others unless they are named', async () => {
    const args = ['verify', file('genuine.jwt'), '--json', '--offline']
    const outcomes = async (env: Record<string, string>) => {
      const { reports } = (await bevis(args, { env })).json() as {
        reports: { checks: { id: string; outcome: string }[] }[]
      }
      return reports[0]?.checks.find(({ id }) => id === 'issuer')?.outcome
    }
    expect(await outcomes({ BEVIS_PUBLIC_URL: base })).toBe('passed')
    expect(await outcomes({ BEVIS_PUBLIC_URL: 'https://elsewhere.example' })).toBe('could-not-check')
    expect(issuer.id.startsWith(base)).toBe(true)
  })
})

function payloadOf(credential: string): Record<string, unknown> & { credentialStatus: { statusListIndex: string } } {
  return JSON.parse(Buffer.from(credential.split('.')[1] ?? '', 'base64url').toString()) as ReturnType<typeof payloadOf>
}

function tampered(credential: string): string {
  const [head, , signature] = credential.split('.')
  const payload = { ...payloadOf(credential), name: 'Forged' }
  return [head, Buffer.from(JSON.stringify(payload)).toString('base64url'), signature].join('.')
}

function slotIn(credential: string): number {
  return Number(payloadOf(credential).credentialStatus.statusListIndex)
}

/** The name as the credential carries it. */
function holderIn(credential: string): string {
  const found = /"holderName":"([^"]+)"/.exec(JSON.stringify(payloadOf(credential)))
  const name = found?.[1]
  if (name === undefined) throw new Error('the sample names no holder')
  return name
}
