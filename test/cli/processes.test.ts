import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { judgeCheckpoint } from '#audit/judge-checkpoint.ts'
import { parsePolicy } from '#audit/policy.ts'
import { type Db, inInstitution, openDb } from '#db/client.ts'
import { storeDeadLetters } from '#db/dead-letters.ts'
import { readIssuerKeys } from '#db/issuer-keys.ts'
import { anchorsWithin } from '#db/queries/audit-package.ts'
import { applyRegister } from '#db/register.ts'
import type { Role } from '#db/rights.ts'
import { isFree } from '#dev/servers/ports.ts'
import { as, type InstitutionId } from '#domain/words.ts'
import { applier, registerOf } from '../api/world.ts'
import { makeTsa, startTsa } from '../support/tsa.ts'
import { createWorld, type World } from '../support/world.ts'
import { bevis, type Running, startBevis } from './run-bevis.ts'

const folder = mkdtempSync(join(tmpdir(), 'bevis-processes-'))
const keysDir = join(folder, 'keys')
const secretFile = join(folder, 'signing-secret')
const publicUrl = 'https://bevis.example'
const institution = as<InstitutionId>('norrsken')
const running: Running[] = []
/** `TASK_QUEUE_TYPE_WORKFLOW`. */
const workflowTasks = 1
let world: World
let admin: Db

beforeAll(async () => {
  mkdirSync(keysDir)
  writeFileSync(secretFile, randomBytes(32).toString('base64url'))
  world = await createWorld({ temporal: true, nats: true })
  admin = openDb(world.url('bevis_api'), world.secrets, { max: 2 })
})
afterAll(async () => {
  for (const one of running) one.kill('SIGKILL')
  await Promise.all(running.map((one) => one.ended))
  await admin.close()
  rmSync(folder, { recursive: true })
  await world.dispose()
})

const shared = (role: Role) => ({
  BEVIS_DATABASE_URL: world.url(role),
  BEVIS_TEMPORAL_ADDRESS: world.temporal.address,
  BEVIS_TEMPORAL_NAMESPACE: world.temporal.namespace,
  BEVIS_SECRETS_FILE: world.secretsFile,
  BEVIS_PUBLIC_URL: publicUrl,
})
const nats = (name: 'intake' | 'relay' | 'log') => ({
  BEVIS_NATS_URL: world.nats.url,
  BEVIS_NATS_SEED_FILE: world.nats.identity(name).seedFile,
})
const signing = () => ({
  BEVIS_SIGNING_SECRET_FILE: secretFile,
  BEVIS_SIGNING_KEYS_DIR: keysDir,
  BEVIS_LOG_POLICY_DIR: folder,
})

function start(args: string[], env: Record<string, string>): Running {
  const process = startBevis(args, { env })
  running.push(process)
  return process
}

/** Tells it to end, as a supervisor does, and gives what it told. */
async function end(process: Running): Promise<void> {
  process.kill('SIGTERM')
  const { code, stderr } = await process.ended
  expect(code, stderr).toBe(0)
  expect(stderr).toContain('ended')
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 300; tries += 1) {
    const found = await look()
    if (found !== undefined) return found
    await sleep(100)
  }
  throw new Error('it never came')
}

describe('bevis work', () => {
  // Whoever writes asks the relay first whether the record is whole.
  beforeAll(() => {
    start(['work', 'relay'], { ...shared('bevis_relay'), ...nats('relay') })
  })

  // First: Temporal remembers for minutes who has polled.
  test('pipeline works at one queue alone where told, and leaves the other to another process', async () => {
    const env = { ...shared('bevis_pipeline'), BEVIS_WORKFLOW_BUNDLE: await world.workflowBundle() }
    const process = start(['work', 'pipeline', '--queue', 'cohorts'], env)
    await process.says('"working"')
    const connection = await Connection.connect({ address: world.temporal.address })
    const polled = async (name: string) => {
      const asked = { namespace: world.temporal.namespace, taskQueue: { name }, taskQueueType: workflowTasks }
      return (await connection.workflowService.describeTaskQueue(asked)).pollers?.length ?? 0
    }
    await until(async () => ((await polled('cohorts')) > 0 ? true : undefined))
    expect(await polled('pipeline')).toBe(0)
    await connection.close()
    await end(process)
  })

  test('pipeline comes up on a ready bundle and ends when told to', async () => {
    const env = { ...shared('bevis_pipeline'), BEVIS_WORKFLOW_BUNDLE: await world.workflowBundle() }
    const process = start(['work', 'pipeline'], env)
    await process.says('"working"')
    await end(process)
  })

  test.each([
    ['a queue that is none', ['pipeline', '--queue', 'nowhere'], 'usage/unknown-queue'],
    ['a worker that has one queue only', ['signing', '--queue', 'cohorts'], 'usage/not-for-worker'],
    ['a worker that is none', ['everything'], 'usage/unknown-worker'],
  ] as const)('tells %s', async (_what, args, told) => {
    const { code, stderr } = await bevis(['work', ...args])
    expect([code, stderr]).toEqual([2, expect.stringContaining(told)])
  })

  test('signing gives an institution its key as soon as its register is applied, and keeps the lists’ schedule', async () => {
    const process = start(['work', 'signing'], { ...shared('bevis_signing'), ...signing() })
    await process.says('"working"')
    await applyRegister(admin, registerOf(institution), { by: applier })
    const keys = await until(async () => {
      const found = await inInstitution(admin, institution, readIssuerKeys)
      return found.length > 0 ? found : undefined
    })
    expect(keys).toMatchObject([
      { kid: expect.stringContaining(`${publicUrl}/institutions/norrsken/keys/`), status: 'active' },
    ])
    expect(readdirSync(join(keysDir, 'norrsken'))).toHaveLength(1)
    const connection = await Connection.connect({ address: world.temporal.address })
    const { schedule } = new Client({ connection, namespace: world.temporal.namespace })
    expect(await schedule.getHandle('status-lists').describe()).toMatchObject({
      action: { type: 'startWorkflow', workflowType: 'statusLists', taskQueue: 'pipeline' },
    })
    await connection.close()
    await end(process)
  })

  test('signing again finds its key and its schedule', async () => {
    const process = start(['work', 'signing'], { ...shared('bevis_signing'), ...signing() })
    await process.says('"working"')
    await end(process)
    expect(readdirSync(join(keysDir, 'norrsken'))).toHaveLength(1)
  })

  test('relay comes up and ends when told to', async () => {
    const process = start(['work', 'relay'], { ...shared('bevis_relay'), ...nats('relay') })
    await process.says('"working"')
    await end(process)
  })

  test('intake takes events and tries dead letters again for the API, which has no right to', async () => {
    const port = await freePort()
    const door = String(await freePort(port + 1))
    const work = start(['work', 'intake'], { ...shared('bevis_intake'), ...nats('intake'), BEVIS_INTAKE_PORT: door })
    await work.says('"working"')
    const oidc = {
      BEVIS_OIDC_ISSUER: 'http://127.0.0.1:9',
      BEVIS_PORT: String(port),
      BEVIS_INTAKE_URL: `http://127.0.0.1:${door}`,
      BEVIS_LOG_DIR: join(tmpdir(), 'no-log'),
      BEVIS_LOG_POLICY_DIR: join(tmpdir(), 'no-policies'),
    }
    const serve = start(['serve'], { ...shared('bevis_api'), ...oidc })
    await serve.says('listening on')
    const { askReplay } = await import('#cli/processes/replay-line.ts')
    const intake = openDb(world.url('bevis_intake'), world.secrets, { max: 1 })
    const letter = {
      stream: 'COMPLETIONS',
      subject: 'completions.norrsken.lms',
      code: 'invalid-event',
      problems: [],
      payload: Buffer.from('{}'),
      headers: {},
    }
    const [id = ''] = await inInstitution(intake, institution, (tx) => storeDeadLetters(tx, [letter]))
    const order = { institution, by: 'someone', reason: 'cause-mended' }
    expect(await askReplay(admin, { ...order, ids: [id] })).toMatchObject([{ id, kind: 'refused' }])
    expect(await askReplay(admin, { ...order, ids: ['dead_nowhere'] })).toEqual([
      { id: 'dead_nowhere', kind: 'not-found' },
    ])
    expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200)
    const posted = await fetch(`http://127.0.0.1:${port}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json' },
      body: JSON.stringify({ institution, source: 'lms' }),
    })
    expect([posted.status, await posted.json()]).toMatchObject([401, { errors: [{ code: 'signature-missing' }] }])
    await intake.close()
    await end(serve)
    await end(work)
  })

  test('log publishes what a witness has cosigned, and has the first checkpoint stamped by the authority that is set', async () => {
    await applyRegister(admin, registerOf(institution), { by: applier })
    const at = (name: string) => join(folder, name)
    mkdirSync(at('policies'))
    const port = await freePort()
    const name = 'witness.example/own'
    const { vkey } = (await bevis(['witness', 'key', name, at('witness-key'), '--json'])).json() as { vkey: string }
    writeFileSync(at('policies/template.policy'), `witness own ${vkey} http://127.0.0.1:${port}\nquorum own\n`)
    const witness = start(['witness'], {
      BEVIS_WITNESS_NAME: name,
      BEVIS_WITNESS_KEY_FILE: at('witness-key'),
      BEVIS_WITNESS_DIR: at('witness'),
      BEVIS_WITNESS_LOGS_DIR: at('policies'),
      BEVIS_PORT: String(port),
    })
    const authority = makeTsa()
    const tsa = await startTsa((query) => authority.reply(query))
    writeFileSync(at('tsa.pem'), authority.root)
    const process = start(['work', 'log'], {
      ...shared('bevis_sequencer'),
      ...nats('log'),
      BEVIS_LOG_KEYS_DIR: at('log-keys'),
      BEVIS_LOG_POLICY_DIR: at('policies'),
      BEVIS_LOG_DIR: at('log'),
      BEVIS_TSA_URL: tsa.url,
      BEVIS_TSA_CERTIFICATES_FILE: at('tsa.pem'),
    })
    await process.says('"working"')
    const [anchor] = await until(async () => {
      const found = await inInstitution(admin, institution, (tx) => anchorsWithin(tx, 1_000))
      return found.length > 0 ? found : undefined
    })
    const policy = parsePolicy(readFileSync(at('policies/norrsken.policy'), 'utf8'))
    expect(judgeCheckpoint(policy, anchor?.note ?? '')).toMatchObject({ ok: true, witnesses: [{ name: 'own' }] })
    await end(process)
    await end(witness)
    await tsa.close()
    authority.dispose()
  })

  test('log does not start with an authority that nothing is trusted of', async () => {
    const settings = { BEVIS_LOG_KEYS_DIR: folder, BEVIS_LOG_POLICY_DIR: folder, BEVIS_LOG_DIR: folder }
    const env = { ...shared('bevis_sequencer'), ...nats('log'), ...settings, BEVIS_TSA_URL: 'http://127.0.0.1:9' }
    const missing = await bevis(['work', 'log'], { env })
    expect([missing.code, missing.stderr]).toEqual([
      2,
      expect.stringContaining('BEVIS_TSA_CERTIFICATES_FILE is missing'),
    ])
    const empty = await bevis(['work', 'log'], { env: { ...env, BEVIS_TSA_CERTIFICATES_FILE: secretFile } })
    expect([empty.code, empty.stderr]).toEqual([2, expect.stringContaining('holds no certificate')])
  })

  test('tells at once what waiting will not mend', async () => {
    const url = new URL(world.url('bevis_relay'))
    url.password = 'wrong'
    const env = { ...shared('bevis_relay'), ...nats('relay'), BEVIS_DATABASE_URL: url.href }
    const { code, stderr } = await bevis(['work', 'relay'], { env })
    expect([code, stderr]).toEqual([1, expect.stringContaining('28P01')])
    expect(stderr).not.toContain('wrong')
  })

  test('waits for a server that is away, and still ends when told to', async () => {
    const env = { ...shared('bevis_pipeline'), BEVIS_DATABASE_URL: 'postgres://bevis_pipeline:x@127.0.0.1:9/bevis' }
    const process = start(['work', 'pipeline'], env)
    await process.says('waiting for Postgres at 127.0.0.1:9')
    await end(process)
  })
})

describe('bevis keys', () => {
  let owner: postgres.Sql
  beforeAll(() => {
    owner = postgres(world.adminUrl, { max: 1, onnotice: () => undefined })
  })
  afterAll(() => owner.end())
  const run = (...args: string[]) => bevis(['keys', ...args], { env: { ...shared('bevis_signing'), ...signing() } })
  const listed = async () =>
    ((await run('list', 'norrsken', '--json')).json() as { keys: { kid: string; status: string; alg: string }[] }).keys
  const statuses = async () => (await listed()).map(({ status }) => status).toSorted()
  const retiring = async () => (await listed()).find(({ status }) => status === 'retiring')?.kid ?? ''

  test('rotate tells beforehand which key would end and what would come, and changes nothing', async () => {
    const before = await listed()
    const { code, stdout } = await run('rotate', 'norrsken', '--alg', 'EdDSA', '--dry-run')
    expect([code, stdout]).toEqual([0, expect.stringMatching(/norrsken[/]keys[/].* only verify[.]\nA new EdDSA key/)])
    const said = (await run('rotate', 'norrsken', '--dry-run', '--json')).json()
    expect(said).toEqual({ ends: before.map(({ kid }) => kid), alg: 'ES256' })
    expect(await listed()).toEqual(before)
  })

  test('rotate makes a new key from now on and keeps the old one for verifying', async () => {
    const { code, stdout } = await run('rotate', 'norrsken')
    expect([code, stdout]).toEqual([0, expect.stringContaining(`${publicUrl}/institutions/norrsken/keys/`)])
    expect(await statuses()).toEqual(['active', 'retiring'])
    expect(JSON.stringify(await listed())).not.toContain('sealed')
  })

  test('list shows each key in a line, and nothing for an institution without any', async () => {
    expect((await run('list')).stdout).toMatch(/^INSTITU.* +KEY +ALG +STATUS.*\n(norrsken .*ES256.*\n){2}$/)
    expect(await run('list', 'elsewhere')).toMatchObject({ code: 0, stdout: expect.stringContaining('No keys yet') })
  })

  test('retire leaves a key alone that has still to sign, and names the cases', async () => {
    const kid = await retiring()
    const file = join(keysDir, 'norrsken', `${kid.slice(kid.lastIndexOf('/') + 1)}.json`)
    const whole = readFileSync(file, 'utf8')
    longRotated(file)
    await owner`insert into cases (id, institution, person, achievement, achievement_version, offering, attempt, event_key,
        trail, state, step, promised, test)
      values ('case_tosign', 'norrsken', 'pers_x', 'a', 1, 'o', 1, '\\x00', gen_random_uuid(), 'cleared', 'signing', 'C2-D', false)`
    await owner`insert into signing_request (credential_id, institution, case_id, kid, document_digest, issued_at)
      values ('cred_tosign', 'norrsken', 'case_tosign', ${kid}, 'd', now())`
    const { code, stderr } = await run('retire', 'norrsken', kid)
    expect([code, stderr]).toEqual([6, expect.stringContaining('keys/still-to-sign')])
    expect(stderr).toContain('case_tosign')
    expect(readFileSync(file, 'utf8')).toContain('"sealed"')
    await owner`update cases set state = 'refused' where id = 'case_tosign'`
    expect(await run('retire', 'norrsken', kid, '--dry-run')).toMatchObject({ code: 0 })
    writeFileSync(file, whole)
  })

  test('retire destroys the private half of a key that no longer signs, once it is told to in earnest', async () => {
    const kid = await retiring()
    const key = kid.slice(kid.lastIndexOf('/') + 1)
    const file = join(keysDir, 'norrsken', `${key}.json`)
    const early = await run('retire', 'norrsken', key)
    expect([early.code, early.stderr]).toEqual([6, expect.stringContaining('keys/just-rotated')])
    longRotated(file)
    expect(await run('retire', 'norrsken', key, '--dry-run')).toMatchObject({ code: 0 })
    expect(readFileSync(file, 'utf8')).toContain('"sealed"')
    expect(await run('retire', 'norrsken', key)).toMatchObject({ code: 0, stdout: expect.stringContaining(kid) })
    expect(readFileSync(file, 'utf8')).not.toContain('"sealed"')
    expect(await statuses()).toEqual(['active', 'retired'])
    expect(await run('retire', 'norrsken', kid)).toMatchObject({ code: 0 })
  })

  test('retire leaves the key that signs alone', async () => {
    const kid = (await listed()).find(({ status }) => status === 'active')?.kid ?? ''
    const { code, stderr } = await run('retire', 'norrsken', kid)
    expect([code, stderr]).toEqual([6, expect.stringContaining('keys/signs')])
    expect(stderr).toContain('bevis keys rotate norrsken first')
    expect(await statuses()).toEqual(['active', 'retired'])
  })

  test.each([
    ['an institution without keys', ['rotate', 'elsewhere'], 4, 'keys/none', 'see bevis keys list'],
    ['an institution without keys', ['retire', 'elsewhere', 'x'], 4, 'keys/none', 'see bevis keys list'],
    ['a key that is not there', ['retire', 'norrsken', 'x'], 4, 'keys/unknown', 'see bevis keys list norrsken'],
    ['what is no institution', ['rotate', '../etc'], 2, 'usage/institution', 'see bevis keys list'],
    ['a kind that we do not sign with', ['rotate', 'norrsken', '--alg', 'RS256'], 2, 'usage/alg', 'ES256, EdDSA'],
  ] as const)('tell %s: %j', async (_what, args, exit, told, mend) => {
    const { code, stdout, stderr } = await run(...args)
    expect([code, stdout]).toEqual([exit, ''])
    expect(stderr).toContain(told)
    expect(stderr).toContain(mend)
  })
})

test('bevis migrate brings a database and its streams up to date, again and again', async () => {
  const admin = { BEVIS_NATS_URL: world.nats.url, BEVIS_NATS_SEED_FILE: world.nats.identity('admin').seedFile }
  const ended = await bevis(['migrate', '--json'], { env: { BEVIS_DATABASE_URL: world.adminUrl, ...admin } })
  expect([ended.code, ended.json()]).toEqual([0, { database: 'ready', secrets: 'skipped', streams: 'ready' }])
})

/** As if the key had been rotated away yesterday. */
function longRotated(file: string): void {
  const key = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
  writeFileSync(file, JSON.stringify({ ...key, until: new Date(Date.now() - 86_400_000).toISOString() }))
}

async function freePort(from = 24_000 + (process.pid % 2_000)): Promise<number> {
  for (let port = from; ; port += 1) if (await isFree(port)) return port
}
