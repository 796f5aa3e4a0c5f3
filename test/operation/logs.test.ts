import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jetStream, publishWithId } from '#connectors/platform/nats.ts'
import { connectTemporal, startOnce } from '#connectors/platform/temporal.ts'
import { openDb } from '#db/client.ts'
import { applyRegister } from '#db/register.ts'
import type { Role } from '#db/rights.ts'
import { startOfWorkflow } from '#db/wake-ups.ts'
import { isFree } from '#dev/servers/ports.ts'
import { as, type CaseId, type InstitutionId } from '#domain/words.ts'
import { applier, registerOf } from '../api/world.ts'
import { type Running, startBevis } from '../cli/run-bevis.ts'
import { exampleJson } from '../events/examples.ts'
import { createWorld, type World } from '../support/world.ts'

/** Planted wherever a message could quote it; nothing of it may be printed. */
const personal = ['Planta', 'Planterad', '19900101-1234', 'planta@example.org', 'Nq3v81xkHemligt', 'eyJhbGciOi']
const institution = as<InstitutionId>('norrsken')
const caseId = as<CaseId>('case_aaaaaaaaaaaaaaaaaaaaaaaaaa')
const running: Running[] = []
let world: World
let admin: postgres.Sql
let api: string

beforeAll(async () => {
  world = await createWorld({ temporal: true, nats: true })
  const db = openDb(world.url('bevis_api'), world.secrets, { max: 1 })
  await applyRegister(db, registerOf(institution), { by: applier })
  await db.close()
  admin = postgres(world.adminUrl, { max: 1, onnotice: () => undefined })
})
afterAll(async () => {
  for (const one of running) one.kill('SIGKILL')
  await Promise.all(running.map((one) => one.ended))
  await admin.end({ timeout: 5 })
  await world.dispose()
})

function start(args: string[], role: Role, more: Record<string, string> = {}): Running {
  const env = {
    BEVIS_DATABASE_URL: world.url(role),
    BEVIS_TEMPORAL_ADDRESS: world.temporal.address,
    BEVIS_TEMPORAL_NAMESPACE: world.temporal.namespace,
    BEVIS_SECRETS_FILE: world.secretsFile,
    BEVIS_PUBLIC_URL: 'https://bevis.example',
    BEVIS_LOG_LEVEL: 'trace',
    ...more,
  }
  const process = startBevis(args, { env })
  running.push(process)
  return process
}

const nats = (name: 'intake' | 'relay') => ({
  BEVIS_NATS_URL: world.nats.url,
  BEVIS_NATS_SEED_FILE: world.nats.identity(name).seedFile,
})

/** From now on whatever reads these tables meets an error of the database that quotes a person in every part of it. */
async function plantInDatabase(): Promise<void> {
  await admin.unsafe(`
    create function planted() returns boolean language plpgsql immutable as $$ begin
      raise exception 'Planta Planterad 19900101-1234' using detail = 'Key (mail)=(planta@example.org)', hint = 'eyJhbGciOi.x.y';
    end $$;
    create policy planted on institution as restrictive using (planted());
    create policy planted on cases as restrictive using (planted());
    create policy planted on outbox as restrictive using (planted());`)
}

const badEvent = {
  specversion: '1.0',
  id: 'planta@example.org',
  source: 'lms',
  institution,
  data: { learner: { name: 'Planta Planterad', value: '19900101-1234' }, token: 'eyJhbGciOi.x.y' },
}

/** Well said, and by nobody whom the register knows. */
const strayEvent = {
  ...exampleJson('completion.recorded.v1'),
  id: 'e-4711',
  source: 'lms',
  institution,
  traceparent: `00-${'c4'.repeat(16)}-${'b7'.repeat(8)}-01`,
}

async function sendEvent(event: object = badEvent): Promise<void> {
  const emitter = await world.nats.emitter(institution, 'lms')
  const line = jetStream(await world.nats.connect(emitter))
  const payload = new TextEncoder().encode(JSON.stringify(event))
  await publishWithId(line, { subject: emitter.subject, id: crypto.randomUUID(), payload })
}

async function startCase(): Promise<void> {
  const line = await connectTemporal(world.temporal)
  const workflowId = `case/${institution}/${caseId}`
  await startOnce(line.client, { ...startOfWorkflow(institution, [caseId]), workflowId })
  await line.close()
}

describe('what the processes print', () => {
  // Four processes start here; a busy machine takes its time.
  test('tells every failure by class and code, and names nobody', { timeout: 180_000 }, async () => {
    const workflowBundle = await world.workflowBundle()
    const intake = start(['work', 'intake'], 'bevis_intake', nats('intake'))
    const pipeline = start(['work', 'pipeline'], 'bevis_pipeline', { BEVIS_WORKFLOW_BUNDLE: workflowBundle })
    const relay = start(['work', 'relay'], 'bevis_relay', nats('relay'))
    const port = await freePort()
    const oidc = {
      BEVIS_OIDC_ISSUER: 'http://127.0.0.1:9',
      BEVIS_PORT: String(port),
      BEVIS_LOG_DIR: join(tmpdir(), 'no-log'),
      BEVIS_LOG_POLICY_DIR: join(tmpdir(), 'no-policies'),
    }
    const serve = start(['serve'], 'bevis_api', oidc)
    api = `http://127.0.0.1:${port}`
    await Promise.all([intake, pipeline, relay].map((one) => one.says('"working"')))
    await serve.says('listening on')

    await sendEvent()
    await intake.says('"event refused"')
    expect(lineOf(intake, 'event refused')).toMatchObject({
      level: 'warn',
      process: 'intake',
      institution,
      source: 'lms',
      code: 'invalid-event',
      dead_letter: expect.stringMatching(/^dead_/),
    })

    await sendEvent(strayEvent)
    await intake.says('"e-4711"')
    expect(lineOf(intake, 'event refused', 'e-4711')).toMatchObject({ event_id: 'e-4711', trace_id: 'c4'.repeat(16) })

    await plantInDatabase()
    await sendEvent()
    await startCase()
    const answer = await fetch(`${api}/institutions/norrsken?planta@example.org`, {
      headers: { authorization: 'Bearer Nq3v81xkHemligt' },
    })
    const problem = (await answer.json()) as { traceId: string }
    expect(answer.status).toBe(500)
    await intake.says('"messages are delayed"')
    await pipeline.says('"Activity failed"')
    await relay.says('"delayed"')
    expect(lineOf(serve, 'answered 5xx')).toMatchObject({ trace_id: problem.traceId, problem: 'internal' })
    expect(JSON.stringify(lineOf(serve, 'answered 5xx'))).toContain('P0001')
    expect(JSON.stringify(lineOf(intake, 'messages are delayed'))).toContain('P0001')
    expect(JSON.stringify(lineOf(relay, 'delayed'))).toContain('P0001')
    expect(lineOf(pipeline, 'Activity failed')).toMatchObject({
      institution,
      case_id: caseId,
      activity_type: 'open',
    })

    for (const process of running) process.kill('SIGTERM')
    for (const { stdout, stderr } of await Promise.all(running.map((one) => one.ended))) {
      for (const word of personal) expect(stdout + stderr).not.toContain(word)
      for (const line of stderr.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('process')
    }
  })

  test.each(['exception', 'rejection', 'console'])('names nobody when %s goes past all our code', (way) => {
    const script = fileURLToPath(new URL('uncaught.ts', import.meta.url))
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, way], { encoding: 'utf8' })
    expect(status).toBe(1)
    expect(stderr).toContain(way === 'console' ? '"a library wrote to the console"' : '"error_code":"23505"')
    for (const word of personal) expect(stdout + stderr).not.toContain(word)
  })
})

function lineOf(process: Running, message: string, event?: string): Record<string, unknown> {
  const lines = process.stderr().trim().split('\n')
  const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  return parsed.find((line) => line['message'] === message && (event === undefined || line['event_id'] === event)) ?? {}
}

async function freePort(): Promise<number> {
  for (let port = 26_000 + (process.pid % 2_000); ; port += 1) if (await isFree(port)) return port
}
