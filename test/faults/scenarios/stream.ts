/** The stream misbehaves: twice, in another order, all of it again, forgotten by the conductor, lost by the postman. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Sent } from '#dev/demo/emitters.ts'
import { shuffled } from '../dice.ts'
import { eventually, keepDown, patiently } from '../ground.ts'
import { count, streams } from '../invariants.ts'
import { allPlays } from '../plays.ts'
import { fresh, lookAtAll, playRound, rest, type Stage } from '../stage.ts'
import { type Batch, single } from './scenario.ts'

export const streamBatches: readonly Batch[] = [
  single('stream: every event comes three times, in any order', (stage) =>
    playRound(stage, { plays: reordered(stage), disturb: () => repeatAll(stage) }),
  ),
  single('stream: everything once more, after everything has finished', (stage) =>
    replayAll(stage, async () => undefined),
  ),
  single('stream: everything once more, after the conductor has forgotten', (stage) =>
    replayAll(stage, () => forgetWorkflows(stage)),
  ),
  single('stream: the postman loses everything and sources send again', (stage) =>
    replayAll(stage, () => loseStreams(stage)),
  ),
]

/** Evidence before its completion, the last before the first. */
function reordered({ random }: Stage) {
  return (run: string, round: number) =>
    allPlays(run, round).map((play) => ({ ...play, events: shuffled(play.events, random) }))
}

/** What has been sent in this round so far comes twice more, under other message ids. */
async function repeatAll(stage: Stage): Promise<string[]> {
  await eventually('something has been sent', async () => stage.sent.length > 20)
  for (const time of ['second', 'third']) await sendAgain(stage, shuffled(stage.sent.slice(-40), stage.random), time)
  return []
}

async function sendAgain({ ground }: Stage, messages: readonly Sent[], time: string): Promise<void> {
  for (const message of messages) {
    await patiently(() => ground.emitters.publish(message, `${message.id}:${time}:${Date.now()}`))
  }
}

/** Every event ever sent comes again; it is counted, and nothing else happens. */
async function replayAll(stage: Stage, meanwhile: () => Promise<unknown>): Promise<string[]> {
  const { ground, sent } = stage
  const facts = async () => ({
    cases: await count(ground.admin, 'cases'),
    credentials: await count(ground.admin, 'credentials'),
    slots: await count(ground.admin, 'slots'),
    events: await count(ground.admin, 'events'),
    evidence: await count(ground.admin, 'evidence'),
    outgoing: await count(ground.admin, 'outgoing'),
    deadLetters: await count(ground.admin, 'deadLetters'),
    ended: await count(ground.admin, 'ended'),
    signed: await count(ground.admin, 'signed'),
  })
  const before = await facts()
  const repeats = await count(ground.admin, 'repeats')
  await meanwhile()
  await sendAgain(stage, sent, 'replayed')
  const faults = [...(await rest(stage)), ...(await lookAtAll(stage))]
  const after = await facts()
  for (const [what, number] of Object.entries(before)) {
    const now = after[what as keyof typeof after]
    if (now !== number) faults.push(`a replay made ${now} ${what} of ${number}`)
  }
  const counted = (await count(ground.admin, 'repeats')) - repeats
  if (counted < sent.length) faults.push(`${counted} of ${sent.length} repeats were counted`)
  return fresh(stage, faults)
}

/** What retention does, at once: closed workflows are deleted, and their ids are free. */
async function forgetWorkflows({ line }: Stage): Promise<void> {
  const { client, connection } = line
  const closed: { workflowId: string; runId: string }[] = []
  for await (const { workflowId, runId } of client.workflow.list({ query: `ExecutionStatus != 'Running'` })) {
    closed.push({ workflowId, runId })
  }
  for (const workflowExecution of closed) {
    await connection.workflowService.deleteWorkflowExecution({ namespace: 'default', workflowExecution })
  }
  await eventually('closed workflows are forgotten', async () => {
    const { count: left } = await client.workflow.count(`ExecutionStatus != 'Running'`)
    return left === 0
  })
}

async function loseStreams({ ground }: Stage): Promise<void> {
  const outage = await keepDown(ground, 'nats')
  rmSync(join(ground.stack.dir, 'nats', 'streams'), { recursive: true })
  await outage.end()
  await eventually('the streams are there again', async () => (await streams(ground.natsAdmin)).told === 0)
}
