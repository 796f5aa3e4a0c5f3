import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jetStream, publishWithId } from '#connectors/platform/nats.ts'
import { type Db, openDb } from '#db/client.ts'
import { applyRegister } from '#db/register.ts'
import type { Role } from '#db/rights.ts'
import { openCourses, openLecture } from '../api/achievement.ts'
import { applier, institution, registerOf } from '../api/world.ts'
import { bevis, type Running, startBevis } from '../cli/run-bevis.ts'
import { createWorld, type World } from '../support/world.ts'

const folder = mkdtempSync(join(tmpdir(), 'bevis-secrets-'))
const running: Running[] = []
let world: World
let admin: Db
let owner: postgres.Sql

beforeAll(async () => {
  world = await createWorld({ temporal: true, nats: true })
  admin = openDb(world.url('bevis_api'), world.secrets, { max: 2 })
  owner = postgres(world.adminUrl, { max: 1, onnotice: () => undefined })
  const register = registerOf(institution)
  await applyRegister(admin, { ...register, items: [...register.items, openLecture(), openCourses()] }, { by: applier })
})
afterAll(async () => {
  for (const one of running) one.kill('SIGKILL')
  await Promise.all(running.map((one) => one.ended))
  await admin.close()
  await owner.end()
  rmSync(folder, { recursive: true })
  await world.dispose()
})

const environmentOf = (role: Role, secretsFile: string) => ({
  BEVIS_DATABASE_URL: world.url(role),
  BEVIS_TEMPORAL_ADDRESS: world.temporal.address,
  BEVIS_TEMPORAL_NAMESPACE: world.temporal.namespace,
  BEVIS_SECRETS_FILE: secretsFile,
  BEVIS_PUBLIC_URL: 'https://bevis.example',
})

function worker(name: 'intake' | 'relay', secretsFile = world.secretsFile): Running {
  const nats = { BEVIS_NATS_URL: world.nats.url, BEVIS_NATS_SEED_FILE: world.nats.identity(name).seedFile }
  const process = startBevis(['work', name], { env: { ...environmentOf(`bevis_${name}`, secretsFile), ...nats } })
  running.push(process)
  return process
}

/** The world's own secrets but for one. */
function otherFile(name: 'kek' | 'hmac' | 'codec'): string {
  const file = join(folder, `${name}.json`)
  const secrets = Object.entries({ ...world.secrets, [name]: randomBytes(32) })
  const text = secrets.map(([key, bytes]) => [key, Buffer.from(bytes).toString('base64url')])
  writeFileSync(file, JSON.stringify(Object.fromEntries(text)))
  return file
}

async function completion(): Promise<void> {
  const emitter = await world.nats.emitter(institution, 'open-courses')
  const line = await world.nats.connect(emitter)
  const event = {
    specversion: '1.0',
    id: 'waits',
    source: 'open-courses',
    institution,
    sequence: 1,
    type: 'org.beviskedja.completion.recorded.v1',
    data: {
      learner: { scheme: 'oidc', value: 'learner' },
      achievement: 'open-lecture',
      offering: 'spring',
      completedAt: '2026-02-01T10:00:00.000Z',
    },
  }
  const payload = new TextEncoder().encode(JSON.stringify(event))
  await publishWithId(jetStream(line), { subject: emitter.subject, id: 'waits', payload })
}

test('who holds other secrets than the database was begun with refuses to work; what waits is taken in with the right ones', async () => {
  const migrate = (secretsFile: string) =>
    bevis(['migrate', '--json'], { env: { BEVIS_DATABASE_URL: world.adminUrl, BEVIS_SECRETS_FILE: secretsFile } })
  const first = await migrate(world.secretsFile)
  expect([first.code, first.json()]).toEqual([0, { database: 'ready', secrets: 'own', streams: 'skipped' }])
  expect(await migrate(otherFile('kek'))).toMatchObject({ code: 6, stderr: expect.stringContaining('secrets/other') })

  const relay = worker('relay')
  await relay.says('"working"')
  await completion()
  const names = ['kek', 'hmac', 'codec'] as const
  const refused = await Promise.all(names.map((name) => worker('intake', otherFile(name)).ended))
  expect(refused.map(({ code, stderr }) => [code, stderr])).toEqual(
    names.map((name) => [6, expect.stringContaining(`secrets/other: the secrets file has another ${name}`)]),
  )
  const command = await bevis(['registry', 'nats-config'], { env: environmentOf('bevis_api', otherFile('hmac')) })
  expect([command.code, command.stderr]).toEqual([6, expect.stringContaining('secrets/other')])
  const jsm = await jetstreamManager(await world.nats.connect(world.nats.identity('admin')))
  expect(await jsm.consumers.info('COMPLETIONS', 'intake')).toMatchObject({ num_pending: 1, num_ack_pending: 0 })

  await worker('intake').says('"working"')
  const taken = () => owner`select id from cases`.then(({ length }) => length)
  await expect.poll(taken).toBe(1)
  expect(await owner`select id from dead_letter`).toEqual([])
}, 240_000)

test('the mark tells nothing of the secrets, and a process cannot move it', async () => {
  const [row] = await owner<{ mark: Record<string, string> }[]>`select secrets_mark as mark from record`
  for (const [name, secret] of Object.entries(world.secrets)) {
    expect(row?.mark[name]).toMatch(/^[\w-]{43}$/)
    expect(row?.mark[name]).not.toBe(Buffer.from(secret).toString('base64url'))
  }
  for (const role of ['bevis_intake', 'bevis_api', 'bevis_signing'] as const) {
    const sql = postgres(world.url(role), { max: 1 })
    await expect(sql`update record set secrets_mark = '{}'`).rejects.toMatchObject({ code: '42501' })
    await sql.end()
  }
})
