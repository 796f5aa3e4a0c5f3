import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CaseView } from '#dev/demo/api.ts'
import type { EventDraft, Sent } from '#dev/demo/emitters.ts'
import { checkFromOutside } from '#dev/demo/outside.ts'
import { stories } from '#dev/demo/stories.ts'
import type { StackMember } from '#dev/stack.ts'
import { dice, shuffled } from './dice.ts'
import { eventually, type Ground, killOutright, openGround, patiently, pidOf, sendSurely } from './ground.ts'
import { brokenTrails, count, doubles, gaps, streams, unaccounted } from './invariants.ts'

const members = ['pipeline', 'signing', 'intake', 'relay', 'api', 'nats', 'postgres', 'temporal'] as const
const seed = Number(process.env['BEVIS_TEST_SEED'] ?? 20260901)
const rounds = 5
const bands = ['band-e', 'band-d-e', 'band-c2-d'] as const
const cases = rounds * bands.length

let ground: Ground
const sent: Sent[] = []
beforeAll(async () => {
  ground = await openGround('kills')
})
afterAll(() => ground.dispose())

test('whatever is killed while cases run, each award ends with one credential, one signature and a whole trail', {
  timeout: 200_000,
}, async () => {
  const random = dice(seed)
  const drafts = shuffled(batch(), random)
  await Promise.all([sendAndKill(drafts, random), approveUntilIssued()])
  await everythingSettled()

  await expectWhole(ground)
  expect(await count(ground.admin, 'deadLetters')).toBe(0)
  expect(await unaccounted(ground.admin, sent)).toEqual([])
  expect(await count(ground.admin, 'events')).toBe(drafts.length)
  const { told, out } = await streams(ground.natsAdmin)
  expect(told).toBe(drafts.length)
  expect(out).toBe(await count(ground.admin, 'outgoing'))
})

test('every credential verifies for a stranger, and is not revoked', async () => {
  const rows = await ground.admin<{ id: string }[]>`select id from credential`
  for (const { id } of rows) {
    const { body } = await ground.api.get('officer-1', `/credentials/${id}/document?purpose=audit`)
    expect(await checkFromOutside(String(body))).toMatchObject({ signature: 'holds', status: 'valid' })
  }
})

test('the whole stream once more, byte by byte, is counted and changes nothing', async () => {
  const facts = async () => ({
    cases: await count(ground.admin, 'cases'),
    credentials: await count(ground.admin, 'credentials'),
    slots: await count(ground.admin, 'slots'),
    events: await count(ground.admin, 'events'),
    entries: await count(ground.admin, 'entries'),
    outgoing: await count(ground.admin, 'outgoing'),
    deadLetters: await count(ground.admin, 'deadLetters'),
  })
  const before = await facts()
  const repeats = await count(ground.admin, 'repeats')
  for (const message of sent) await ground.emitters.publish(message, `${message.id}:replayed`)
  await everythingSettled()
  expect(await facts()).toEqual(before)
  expect(await count(ground.admin, 'repeats')).toBe(repeats + sent.length)
  await expectWhole(ground)
})

async function expectWhole({ admin }: Ground): Promise<void> {
  expect(await doubles(admin)).toEqual([])
  expect(await gaps(admin)).toEqual([])
  expect(await brokenTrails(admin)).toEqual([])
  expect(await count(admin, 'cases')).toBe(cases)
  expect(await count(admin, 'issued')).toBe(cases)
  expect(await count(admin, 'credentials')).toBe(cases)
  expect(await count(admin, 'slots')).toBe(cases)
}

function batch(): EventDraft[] {
  return Array.from({ length: rounds }, (_, index) => stories(`kills-${index}`))
    .flat()
    .filter(({ key }) => bands.some((band) => band === key))
    .flatMap(({ events }) => [...events])
}

/** Each member once, in the midst of its share of the events, when cases have gone on since the last one died. */
async function sendAndKill(drafts: readonly EventDraft[], random: () => number): Promise<void> {
  const turns = shuffled<StackMember>(members, random)
  const share = Math.ceil(drafts.length / turns.length)
  for (const [turn, member] of turns.entries()) {
    const sending = sendAll(drafts.slice(turn * share, (turn + 1) * share), random)
    const judged = await patiently(() => count(ground.admin, 'verdicts'))
    await eventually('cases go on', async () => (await count(ground.admin, 'verdicts')) > judged)
    await sleep(random() * 1_500)
    const pid = await killOutright(ground, member)
    expect(pid).toBeGreaterThan(0)
    await eventually(`${member} runs again`, async () => ![undefined, pid].includes(pidOf(ground, member)))
    await sending
  }
}

/** One after the other, with pauses, so that there is always something under way when somebody dies. */
async function sendAll(drafts: readonly EventDraft[], random: () => number): Promise<void> {
  for (const draft of drafts) {
    sent.push(await sendSurely(ground, draft))
    await sleep(random() * 200)
  }
}

/** Whoever a case waits for approves, and tries again where the system was away. */
async function approveUntilIssued(): Promise<void> {
  await eventually('every case is issued', async () => {
    const deciding = await ground.admin<{ id: string }[]>`select id from cases where state = 'deciding'`
    for (const { id } of deciding) await approve(id).catch(() => undefined)
    return (await count(ground.admin, 'issued')) === cases
  })
}

async function approve(id: string): Promise<void> {
  const { view } = await ground.api.caseView('officer-1', id)
  const role = (view.waiting?.for as { role?: string } | undefined)?.role
  const decider = view.deciders.find((one: CaseView['deciders'][number]) => one.role === role)
  if (decider === undefined) return
  await ground.api.decide(ground.api.subjectOf(decider.person), id, { outcome: 'approve', reason: 'outcomes-shown' })
}

/** Nothing unacknowledged, nothing waiting to leave. */
async function everythingSettled(): Promise<void> {
  await eventually('nothing is left to do', async () => {
    const { pending, unacknowledged } = await patiently(() => streams(ground.natsAdmin))
    return pending === 0 && unacknowledged === 0 && (await count(ground.admin, 'undelivered')) === 0
  })
}
