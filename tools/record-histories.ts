/**
 * Records how cases live under today's workflows, for `test/replay`. A recording that exists stays, since cases of its release
 * may still run; `--again` records all stories of this version anew, for a version that nobody has run yet.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js'
import { z } from 'zod'
import { openLog } from '#connectors/platform/log.ts'
import { connectTemporal, type TemporalAddress, type TemporalClient } from '#connectors/platform/temporal.ts'
import { startWorker } from '#connectors/platform/temporal-worker.ts'
import { codecKey, historiesFolder, type Recording } from '../test/replay/recording.ts'
import { type Message, type Script, type Story, stories } from '../test/replay/stories.ts'
import { root } from '../test/support/paths.ts'
import { joinServers, leaveServers } from '../test/support/test-servers.ts'
import { createWorld } from '../test/support/world.ts'

const log = openLog({ process: 'record-histories', level: 'error' })

/** Runs a story on a real server and gives its history. */
async function record(temporal: TemporalAddress, bundle: string, story: Story): Promise<Recording> {
  const common = { ...temporal, activities: scripted(story.answers), log }
  const startPipeline = () =>
    startWorker({ ...common, taskQueue: 'pipeline', workflowBundlePath: bundle, localOnly: true })
  let pipeline = await startPipeline()
  const signing = await startWorker({ ...common, taskQueue: 'signing' })
  const line = await connectTemporal(temporal)
  try {
    const { workflow, workflowId, args } = story
    await line.client.workflow.start(workflow, { workflowId, taskQueue: 'pipeline', args: [...args] })
    const handle = line.client.workflow.getHandle(workflowId)
    for (const message of story.messages) {
      await untilTimers(handle, message.afterTimers)
      if ('together' in message.send) await pipeline.shutdown()
      const sent = send(handle, message)
      if ('together' in message.send) {
        await sleep(1_000)
        pipeline = await startPipeline()
      }
      await sent
    }
    await Promise.race([handle.result(), giveUp(workflowId)])
    const history: unknown = JSON.parse(historyToJSON(await handle.fetchHistory()), withoutMachine)
    return { workflowId, namespace: temporal.namespace, history }
  } finally {
    await line.close()
    await pipeline.shutdown()
    await signing.shutdown()
  }
}

/** A story that does not fit the workflow never ends by itself: Temporal goes on trying. */
async function giveUp(workflowId: string): Promise<never> {
  await sleep(60_000, undefined, { ref: false })
  throw new Error(`${workflowId} did not end: do its answers in test/replay/stories.ts fit the workflow?`)
}

/** Activities that answer as the story says. */
function scripted(script: Script): Record<string, () => Promise<unknown>> {
  return Object.fromEntries(
    Object.entries(script).map(([name, answers]) => {
      const left: unknown[] = [...answers]
      return [name, async () => left.shift()]
    }),
  )
}

type WorkflowHandle = ReturnType<TemporalClient['workflow']['getHandle']>

async function untilTimers(handle: WorkflowHandle, count: number): Promise<void> {
  const timers = async () => (await handle.fetchHistory()).events?.filter((event) => event.timerStartedEventAttributes)
  while (((await timers())?.length ?? 0) < count) await sleep(50)
}

async function send(handle: WorkflowHandle, { send: what }: Message): Promise<void> {
  if ('signal' in what) return handle.signal(what.signal)
  const decisions = 'decision' in what ? [what.decision] : what.together
  await Promise.all(decisions.map((id) => handle.executeUpdate('decided', { updateId: id, args: [id] })))
}

/** Workers sign their work, and name their own queues, with the name of the machine; that is nobody's business. */
function withoutMachine(key: string, value: unknown): unknown {
  if (typeof value !== 'string' || !['identity', 'name'].includes(key)) return value
  return value.replace(`${process.pid}@`, '').replace(hostname(), 'recorder')
}

async function main(): Promise<void> {
  const packageJson = z.object({ version: z.string() })
  const { version } = packageJson.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
  const folder = join(historiesFolder, version)
  const fileOf = (name: string) => join(folder, `${name}.json`)
  const again = process.argv.includes('--again')
  mkdirSync(folder, { recursive: true })
  await joinServers(process.pid)
  try {
    for (const [name, story] of Object.entries(stories)) {
      if (!again && existsSync(fileOf(name))) continue
      const world = await createWorld({ temporal: true })
      const recording = await record({ ...world.temporal, codecKey }, await world.workflowBundle(), story())
      await world.dispose()
      writeFileSync(fileOf(name), `${JSON.stringify(recording)}\n`)
      console.log(`recorded ${version}/${name}`)
    }
  } finally {
    await leaveServers(process.pid)
  }
}

await main()
