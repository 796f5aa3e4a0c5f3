import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Sent } from '#dev/demo/emitters.ts'
import { stories } from '#dev/demo/stories.ts'
import { eventually, type Ground, keepDown, openGround, patiently, sendSurely } from './ground.ts'
import { brokenTrails, count, doubles, gaps, streams, unaccounted } from './invariants.ts'

const outageMs = 3_000

vi.setConfig({ testTimeout: 150_000 })

let ground: Ground
const sent: Sent[] = []
beforeAll(async () => {
  ground = await openGround('outage')
})
afterAll(() => ground.dispose())

test('while Postgres is down events wait in the stream; none becomes a dead letter, all are taken in afterwards', async () => {
  const before = await count(ground.admin, 'issued')
  const outage = await keepDown(ground, 'postgres')
  await sendCases('postgres', 3)
  await sleep(outageMs)
  expect(await streams(ground.natsAdmin)).toMatchObject({ told: sent.length })
  await outage.end()
  await issued(before + 3)
  await expectAllTakenIn()
})

test('while Temporal is down cases are recorded, and start when it is back', async () => {
  const before = { issued: await count(ground.admin, 'issued'), cases: await count(ground.admin, 'cases') }
  const outage = await keepDown(ground, 'temporal')
  await sendCases('temporal', 3)
  await eventually('cases are recorded', async () => (await count(ground.admin, 'cases')) === before.cases + 3)
  await sleep(outageMs)
  expect(await count(ground.admin, 'issued')).toBe(before.issued)
  await outage.end()
  await issued(before.issued + 3)
  await expectAllTakenIn()
})

test('while NATS is down nothing leaves, and what has happened meanwhile is told when it is back', async () => {
  const before = await count(ground.admin, 'issued')
  await sendCases('nats', 1)
  const outage = await keepDown(ground, 'nats')
  const sending = sendCases('nats-down', 1)
  await sleep(outageMs)
  await outage.end()
  await sending
  await issued(before + 2)
  await expectAllTakenIn()
  expect((await patiently(() => streams(ground.natsAdmin))).out).toBe(await count(ground.admin, 'outgoing'))
})

test('when NATS has lost everything its sources send all once more, and all of it is known', async () => {
  const facts = async () => ({
    cases: await count(ground.admin, 'cases'),
    credentials: await count(ground.admin, 'credentials'),
    events: await count(ground.admin, 'events'),
    entries: await count(ground.admin, 'entries'),
    outgoing: await count(ground.admin, 'outgoing'),
    deadLetters: await count(ground.admin, 'deadLetters'),
  })
  const [before, repeats] = [await facts(), await count(ground.admin, 'repeats')]
  const outage = await keepDown(ground, 'nats')
  rmSync(join(ground.stack.dir, 'nats', 'streams'), { recursive: true })
  await outage.end()
  await eventually('the streams are there again', async () => (await streams(ground.natsAdmin)).told === 0)

  for (const message of sent) await patiently(() => ground.emitters.publish(message, `${message.id}:again`))
  await settled()
  expect(await facts()).toEqual(before)
  expect(await count(ground.admin, 'repeats')).toBe(repeats + sent.length)
  expect(await streams(ground.natsAdmin)).toMatchObject({ told: sent.length })
  await expectAllTakenIn()
})

/** Cases of band D–E, which needs nobody's approval. */
async function sendCases(key: string, cases: number): Promise<void> {
  for (let index = 0; index < cases; index++) {
    const story = stories(`${key}-${index}`).find((one) => one.key === 'band-d-e')
    for (const draft of story?.events ?? []) sent.push(await sendSurely(ground, draft))
  }
}

async function issued(cases: number): Promise<void> {
  await eventually(`${cases} cases are issued`, async () => (await count(ground.admin, 'issued')) === cases)
  await settled()
}

/** Nothing unacknowledged, nothing waiting to leave. */
async function settled(): Promise<void> {
  await eventually('nothing is left to do', async () => {
    const { pending, unacknowledged } = await streams(ground.natsAdmin)
    return pending === 0 && unacknowledged === 0 && (await count(ground.admin, 'undelivered')) === 0
  })
}

async function expectAllTakenIn(): Promise<void> {
  expect(await count(ground.admin, 'deadLetters')).toBe(0)
  expect(await unaccounted(ground.admin, sent)).toEqual([])
  expect(await count(ground.admin, 'events')).toBe(sent.length)
  expect(await doubles(ground.admin)).toEqual([])
  expect(await gaps(ground.admin)).toEqual([])
  expect(await brokenTrails(ground.admin)).toEqual([])
}
