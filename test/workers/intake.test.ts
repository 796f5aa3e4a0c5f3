import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jetStream, publishWithId } from '#connectors/platform/nats.ts'
import type { InboundMessage } from '#connectors/platform/nats-batches.ts'
import { connectTemporal, type TemporalLine } from '#connectors/platform/temporal.ts'
import { inInstitution, openDb } from '#db/client.ts'
import { linkReference } from '#db/people.ts'
import { as, type PersonId } from '#domain/words.ts'
import { replayDeadLetters } from '#workers/intake/replay.ts'
import { intakeHandler, runIntake } from '#workers/intake.ts'
import { type IntakeGround, type Message, makeIntakeGround, norrsken, webb } from '../db/intake-ground.ts'

let ground: IntakeGround
let temporal: TemporalLine
beforeAll(async () => {
  ground = await makeIntakeGround({ nats: true, temporal: true })
  temporal = await connectTemporal(ground.world.temporal)
})
afterAll(async () => {
  await temporal.close()
  await ground.dispose()
})

const anew = () => ({ learner: `w-${randomUUID()}`, offering: `o-${randomUUID()}` })
const dependencies = () => ({ db: ground.as('bevis_intake'), temporal: temporal.client })

function inbound(message: Message, deliveryCount = 1): InboundMessage {
  return { ...message, seq: 1, deliveryCount }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(50)
}

async function caseIn(offering: string): Promise<{ id: string; version: number } | undefined> {
  const [row] = await ground.admin`select id, evidence_version as version from cases where offering = ${offering}`
  return row === undefined ? undefined : { id: String(row['id']), version: Number(row['version']) }
}

async function starts(id: string): Promise<number> {
  const description = await temporal.client.workflow.getHandle(`case/norrsken/${id}`).describe()
  return description.historyLength
}

test('a batch becomes cases and evidence, their workflows are started and nothing is left for the relay', async () => {
  const here = anew()
  const messages = await Promise.all(
    [webb.completion(here), webb.login(here), webb.participation(here)].map(ground.message),
  )
  const settled = await intakeHandler(dependencies())(messages.map((message) => inbound(message)))
  expect(settled).toEqual([{ kind: 'ack' }, { kind: 'ack' }, { kind: 'ack' }])
  const found = await caseIn(here.offering)
  expect(await starts(found?.id ?? '')).toBeGreaterThan(0)
  const rows =
    await ground.admin`select kind from outbox where target = ${`case/norrsken/${found?.id ?? ''}`} and done_at is null`
  expect([...rows]).toEqual([])
})

test('a batch that is ready first is recorded after the one that came before it', async () => {
  const [earlier, later] = [{ learner: 'w-0001', offering: anew().offering }, anew()]
  const batches = await Promise.all([earlier, later].map((about) => ground.message(webb.completion(about))))
  const [held, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  // Somebody else takes in facts about the first learner.
  const other = ground.admin.begin(async (sql) => {
    await sql`select pg_advisory_xact_lock(hashtextextended('intake/norrsken/pers_learner_01', 0))`
    held.resolve()
    await release.promise
  })
  await held.promise
  const handle = intakeHandler(dependencies())
  const [first, second] = batches.map((message) => handle([inbound(message)]))
  const waits = () => ground.admin`select from pg_locks where locktype = 'advisory' and not granted`
  await until(async () => (await waits()).length > 0)
  // It has every opportunity to overtake.
  await Promise.race([second, sleep(500)])
  expect(await caseIn(later.offering)).toBeUndefined()
  release.resolve()
  expect(await Promise.all([first, second])).toEqual([[{ kind: 'ack' }], [{ kind: 'ack' }]])
  await other
  const rows = await ground.admin`
    select offering from evidence where offering in (${earlier.offering}, ${later.offering}) order by received_at`
  expect(rows.map((row) => row['offering'])).toEqual([earlier.offering, later.offering])
})

test('an intake that dies after its commit leaves the start to the relay, and its redelivered message is a duplicate', async () => {
  const here = anew()
  const message = inbound(await ground.message(webb.completion(here)))
  const dead = await connectTemporal({ ...ground.world.temporal })
  await dead.close()
  const [first] = await intakeHandler({ ...dependencies(), temporal: dead.client })([message])
  expect(first?.kind).toBe('retry')
  const found = await caseIn(here.offering)
  const left =
    await ground.admin`select kind from outbox where target = ${`case/norrsken/${found?.id ?? ''}`} and done_at is null`
  expect(left.map((row) => row['kind'])).toEqual(['start'])

  const [second] = await intakeHandler(dependencies())([{ ...message, deliveryCount: 2 }])
  expect(second).toEqual({ kind: 'ack' })
  expect(await starts(found?.id ?? '')).toBeGreaterThan(0)
  expect(await caseIn(here.offering)).toEqual(found)
})

test('a database that is away delays and never makes a dead letter', async () => {
  const here = anew()
  const message = inbound(await ground.message(webb.completion(here)), 3)
  const away = openDb(ground.world.url('bevis_intake').replace(/:\d+\//, ':1/'), ground.world.secrets)
  const before = await ground.admin`select count(*)::int as n from dead_letter`
  await expect(intakeHandler({ ...dependencies(), db: away })([message])).rejects.toThrow()
  expect(await ground.admin`select count(*)::int as n from dead_letter`).toEqual(before)
  await away.close()
  expect(await intakeHandler(dependencies())([message])).toEqual([{ kind: 'ack' }])
})

test('an event the database refuses is told so, and its neighbours are taken in', async () => {
  const [good, bad, other] = [anew(), anew(), anew()]
  await ground.admin.unsafe(
    `alter table evidence add constraint no_such_offering check (offering <> '${bad.offering}')`,
  )
  const messages = await Promise.all([good, bad, other].map((about) => ground.message(webb.login(about))))
  const settled = await intakeHandler(dependencies())(messages.map((message) => inbound(message)))
  expect(settled.map((one) => one.kind)).toEqual(['ack', 'term', 'ack'])
  await ground.admin`alter table evidence drop constraint no_such_offering`

  const [letter] = await ground.admin`select id, code from dead_letter where code = 'not-storable'`
  const order = { institution: norrsken, ids: [String(letter?.['id'])], by: 'operator', reason: 'mended' }
  expect(await replayDeadLetters(dependencies(), order)).toMatchObject([{ kind: 'taken', as: 'evidence' }])
  expect(await replayDeadLetters(dependencies(), order)).toMatchObject([{ kind: 'closed', state: 'replayed' }])
})

test('an event with NUL in the name of a member, which Postgres cannot keep, becomes a dead letter and does not come back for ever', async () => {
  const message = await ground.message(webb.completion(anew()))
  const text = new TextDecoder().decode(message.payload).replace('"offering"', '"off\\u0000ering"')
  const payload = new TextEncoder().encode(text)
  expect(await intakeHandler(dependencies())([inbound({ ...message, payload })])).toEqual([{ kind: 'term' }])
  const letters = await ground.admin`select problems from dead_letter where code = 'invalid-event'`
  expect(JSON.stringify(letters)).toContain('/data/off\uFFFDering')
})

test('takes what emitters publish, in any order, through a stop and a replay of the whole stream', async () => {
  const emitter = await ground.world.nats.emitter(norrsken, 'webb')
  const js = jetStream(await ground.world.nats.connect(emitter))
  const cases = Array.from({ length: 8 }, anew)
  const drafts = cases.flatMap((here) => [webb.participation(here), webb.completion(here), webb.login(here)])
  const messages = await Promise.all(drafts.toReversed().map(ground.message))
  const publish = async (round: string) => {
    for (const [index, message] of messages.entries())
      await publishWithId(js, { subject: message.subject, id: `${round}-${index}`, payload: message.payload })
  }
  await publish('first')
  await publishWithId(js, { subject: emitter.subject, id: 'garbage', payload: Buffer.from('{') })

  const stop = new AbortController()
  const nats = await ground.world.nats.connect(ground.world.nats.identity('intake'))
  const running = runIntake({ ...dependencies(), nats }, stop.signal)
  const settled = async () =>
    (await Promise.all(cases.map((here) => caseIn(here.offering)))).every((found) => found?.version === 3)
  await until(settled)
  stop.abort()
  await running

  await publish('second')
  const later = new AbortController()
  const again = runIntake({ ...dependencies(), nats }, later.signal)
  await until(async () => {
    const [row] =
      await ground.admin`select count(*)::int as n from inbox where repeats > 0 and event_key in (select event_key from evidence where offering = any(${cases.map((here) => here.offering)}))`
    return row?.['n'] === drafts.length
  })
  later.abort()
  await again
  expect(await settled()).toBe(true)
  const letters = await ground.admin`select code from dead_letter where code = 'invalid-event'`
  expect(letters).toHaveLength(2)
})

test('a reference added anywhere wakes what waited for its learner', async () => {
  const stop = new AbortController()
  const nats = await ground.world.nats.connect(ground.world.nats.identity('intake'))
  const running = runIntake({ ...dependencies(), nats }, stop.signal)
  const value = `u-${randomUUID()}`
  const offering = `o-${randomUUID()}`
  const message = await ground.message({
    source: 'canvas-norrsken',
    type: 'org.beviskedja.completion.recorded.v1',
    data: {
      learner: { scheme: 'canvas', value },
      achievement: 'test-merit',
      offering,
      completedAt: '2026-09-01T15:00:00Z',
    },
  })
  expect(await intakeHandler(dependencies())([inbound(message)])).toEqual([{ kind: 'ack' }])
  expect(await caseIn(offering)).toBeUndefined()
  await inInstitution(ground.as('bevis_api'), norrsken, (tx) =>
    linkReference(tx, { scheme: 'canvas', value }, { person: as<PersonId>('pers_learner_08'), origin: 'officer:test' }),
  )
  await until(async () => (await caseIn(offering)) !== undefined)
  const id = (await caseIn(offering))?.id ?? ''
  await until(async () => (await starts(id).catch(() => 0)) > 0)
  stop.abort()
  await running
  expect(await starts(id)).toBeGreaterThan(0)
})
