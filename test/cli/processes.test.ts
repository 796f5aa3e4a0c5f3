import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Db, inInstitution, openDb } from '#db/client.ts'
import { storeDeadLetters } from '#db/dead-letters.ts'
import { readIssuerKeys } from '#db/issuer-keys.ts'
import { applyRegister } from '#db/register.ts'
import type { Role } from '#db/rights.ts'
import { isFree } from '#dev/servers/ports.ts'
import { as, type InstitutionId } from '#domain/words.ts'
import { applier, registerOf } from '../api/world.ts'
import { createWorld, type World } from '../support/world.ts'
import { bevis, type Running, startBevis } from './run-bevis.ts'

const folder = mkdtempSync(join(tmpdir(), 'bevis-processes-'))
const keysDir = join(folder, 'keys')
const secretFile = join(folder, 'signing-secret')
const publicUrl = 'https://bevis.example'
const institution = as<InstitutionId>('norrsken')
const running: Running[] = []
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
const nats = (name: 'intake' | 'relay') => ({
  BEVIS_NATS_URL: world.nats.url,
  BEVIS_NATS_SEED_FILE: world.nats.identity(name).seedFile,
})
const signing = () => ({ BEVIS_SIGNING_SECRET_FILE: secretFile, BEVIS_SIGNING_KEYS_DIR: keysDir })

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

  test('pipeline comes up on a ready bundle and ends when told to', async () => {
    const env = { ...shared('bevis_pipeline'), BEVIS_WORKFLOW_BUNDLE: await world.workflowBundle() }
    const process = start(['work', 'pipeline'], env)
    await process.says('"working"')
    await end(process)
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
  const run = (...args: string[]) => bevis(['keys', ...args], { env: { ...signing(), BEVIS_PUBLIC_URL: publicUrl } })

  test('rotate makes a new key from now on and keeps the old one for verifying', async () => {
    const { code, stdout } = await run('rotate', 'norrsken')
    expect([code, stdout]).toEqual([0, expect.stringContaining(`${publicUrl}/institutions/norrsken/keys/`)])
    const listed = (await run('list', '--json')).json() as { keys: { status: string }[] }
    expect(listed.keys.map(({ status }) => status).toSorted()).toEqual(['active', 'retiring'])
    expect(JSON.stringify(listed)).not.toContain('sealed')
  })

  test('tell an institution without keys', async () => {
    expect(await run('rotate', 'elsewhere')).toMatchObject({ code: 4 })
    expect(await run('rotate', '../etc')).toMatchObject({ code: 2 })
  })
})

test('bevis migrate brings a database and its streams up to date, again and again', async () => {
  const admin = { BEVIS_NATS_URL: world.nats.url, BEVIS_NATS_SEED_FILE: world.nats.identity('admin').seedFile }
  const ended = await bevis(['migrate', '--json'], { env: { BEVIS_DATABASE_URL: world.adminUrl, ...admin } })
  expect([ended.code, ended.json()]).toEqual([0, { database: 'ready', streams: 'ready' }])
})

async function freePort(from = 24_000 + (process.pid % 2_000)): Promise<number> {
  for (let port = from; ; port += 1) if (await isFree(port)) return port
}
