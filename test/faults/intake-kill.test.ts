import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type JetStreamClient, jetStream, publishWithId } from '#connectors/platform/nats.ts'
import { connectTemporal, type TemporalLine } from '#connectors/platform/temporal.ts'
import { waitUntil } from '#dev/servers/processes.ts'
import { type IntakeGround, type Message, makeIntakeGround, webb } from '../db/intake-ground.ts'
import { root } from '../support/paths.ts'
import { dice } from './dice.ts'
import { eventually } from './ground.ts'
import { brokenTrails, count, doubles, streams } from './invariants.ts'

const rounds = 6
const perRound = 6

let ground: IntakeGround
let temporal: TemporalLine
let js: JetStreamClient
let end: (() => Promise<void>) | undefined
beforeAll(async () => {
  ground = await makeIntakeGround({ nats: true, temporal: true })
  temporal = await connectTemporal(ground.world.temporal)
  js = jetStream(await ground.world.nats.connect(await ground.world.nats.emitter('norrsken', 'webb')))
})
afterAll(async () => {
  await end?.()
  await temporal.close()
  await ground.dispose()
})

test('an intake that dies again and again, most of all between commit and acknowledgement, loses and doubles nothing', {
  timeout: 150_000,
}, async () => {
  const random = dice(4711)
  let onCommit = (): void => undefined
  // Rows for the relay are put in with the events: their notice comes at the very moment of the commit.
  const listening = await ground.admin.listen('bevis_outbox', () => onCommit())
  for (let round = 0; round < rounds; round++) {
    const intake = await startIntake()
    const killed = once(intake, 'exit')
    const kill = () => void intake.kill('SIGKILL')
    if (round % 2 === 0) onCommit = kill
    await tell(round)
    if (round % 2 === 1) await sleep(random() * 80).then(kill)
    await killed
    onCommit = () => undefined
  }
  await listening.unlisten()

  await startIntake()
  const admin = { url: ground.world.nats.url, ...ground.world.nats.identity('admin') }
  await eventually('all is taken in', async () => {
    const { pending, unacknowledged } = await streams(admin)
    return pending === 0 && unacknowledged === 0
  })
  expect((await streams(admin)).told).toBe(rounds * perRound)
  expect(await count(ground.admin, 'events')).toBe(rounds * perRound)
  expect(await count(ground.admin, 'cases')).toBe((rounds * perRound) / 2)
  expect(await count(ground.admin, 'deadLetters')).toBe(0)
  expect(await doubles(ground.admin)).toEqual([])
  expect(await brokenTrails(ground.admin)).toEqual([])
  await expectStarted()
  // That a commit was seen twice shows that the killing hit the moment it was meant for.
  expect(await count(ground.admin, 'repeats')).toBeGreaterThan(0)
})

/** A completion and its evidence, for as many learners as make up a round. */
async function tell(round: number): Promise<void> {
  const messages: Message[] = []
  for (let learner = 0; learner < perRound / 2; learner++) {
    const about = { learner: `w-${randomUUID()}`, offering: `o-${randomUUID()}` }
    messages.push(await ground.message(webb.participation(about)), await ground.message(webb.completion(about)))
  }
  const send = ({ subject, payload, headers }: Message, index: number) =>
    publishWithId(js, { subject, id: `${round}-${index}`, payload, headers })
  await Promise.all(messages.map(send))
}

/** The real process, once it says that it works. */
async function startIntake() {
  const { world } = ground
  const { PATH, HOME } = process.env
  const intake = spawn(process.execPath, ['cli/main.ts', 'work', 'intake'], {
    cwd: root,
    env: {
      PATH,
      HOME,
      BEVIS_DATABASE_URL: world.url('bevis_intake'),
      BEVIS_TEMPORAL_ADDRESS: world.temporal.address,
      BEVIS_TEMPORAL_NAMESPACE: world.temporal.namespace,
      BEVIS_SECRETS_FILE: world.secretsFile,
      BEVIS_PUBLIC_URL: 'http://127.0.0.1:1',
      BEVIS_NATS_URL: world.nats.url,
      BEVIS_NATS_SEED_FILE: world.nats.identity('intake').seedFile,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  end = async () => {
    if (intake.exitCode === null && intake.signalCode === null && intake.kill('SIGKILL')) await once(intake, 'exit')
  }
  let said = ''
  intake.stderr.on('data', (text: Buffer) => {
    said += text.toString()
  })
  await waitUntil(() => said.includes('"working"') || intake.exitCode !== null, 60_000)
  expect(said).toContain('"working"')
  return intake
}

async function expectStarted(): Promise<void> {
  const cases = await ground.admin<{ id: string }[]>`select id from cases`
  for (const { id } of cases) {
    const { status } = await temporal.client.workflow.getHandle(`case/norrsken/${id}`).describe()
    expect(status.name).toBe('RUNNING')
  }
}
