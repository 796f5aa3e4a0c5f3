/** Restarts an operator plans: each process told to end while cases run, with a second one beside it. Nothing waits for a time-out. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { readSecrets } from '#config/secrets.ts'
import { connectTemporal } from '#connectors/platform/temporal.ts'
import type { Sent } from '#dev/demo/emitters.ts'
import { stories } from '#dev/demo/stories.ts'
import { commandOf, type StackProcess } from '#dev/environment.ts'
import { type Running, send, start, waitUntil } from '#dev/servers/processes.ts'
import { root } from '../support/paths.ts'
import { eventually, type Ground, openGround, pidOf, sendSurely, standing } from './ground.ts'
import { brokenTrails, count, doubles, gaps, streams, unaccounted } from './invariants.ts'

// What stands still is told below; this is only for what no longer answers.
vi.setConfig({ testTimeout: 900_000 })

const workers = ['intake', 'pipeline', 'signing', 'relay'] as const

let ground: Ground
const sent: Sent[] = []
beforeAll(async () => {
  ground = await openGround('rolling')
})
afterAll(() => ground.dispose())

test('each worker restarted with a second one beside it: cases go on, and no step is cut off', async () => {
  let restarting = true
  const emitting = (async () => {
    for (let index = 0; restarting; index++) {
      await sendCase(`rolling-${index}`)
      await waitUntil(async () => !restarting || (await underWay()) < mostUnderWay, restartsMs)
    }
  })()
  for (const name of workers) {
    const second = await secondOf(name)
    await endGently(name)
    await eventually(`${name} runs again`, async () => pidOf(ground, name) !== undefined)
    send(second.pid, 'SIGTERM')
    await second.exited
  }
  restarting = false
  await emitting
  const cases = begun()
  expect(cases).toBeGreaterThan(workers.length)
  await everythingSettled(cases)

  expect(await unaccounted(ground.admin, sent)).toEqual([])
  expect(await doubles(ground.admin)).toEqual([])
  expect(await gaps(ground.admin)).toEqual([])
  expect(await brokenTrails(ground.admin)).toEqual([])
  expect(await cutOff()).toEqual([])
})

test('the API answers what was begun before it ends, and is back', async () => {
  const body = JSON.stringify({ credential: 'none' })
  const asking = request(`${ground.stack.urls.public}/v1/verify`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': body.length },
  })
  const answered = once(asking, 'response') as Promise<[IncomingMessage]>
  asking.write(body.slice(0, 5))
  await once(asking, 'socket')
  await sleep(500)
  const ended = endGently('api')
  await eventually('the API is ending', async () => logOf('api').includes('"ending"'))
  asking.end(body.slice(5))
  const [{ statusCode }] = await answered
  expect(statusCode).toBe(200)
  await ended
  await eventually('the API answers again', async () => (await fetch(`${ground.stack.urls.public}/v1/openapi.json`)).ok)
})

/** So many a small machine carries to their end while it starts processes, and runs other tests. */
const mostUnderWay = 8
const restartsMs = 600_000

const begun = () => sent.filter(({ source }) => source === 'webb').length / 2
const underWay = async () => begun() - (await count(ground.admin, 'issued'))

/** Tells the stack's own one to end, and waits until it has. */
async function endGently(name: StackProcess): Promise<void> {
  await eventually(`${name} runs`, async () => pidOf(ground, name) !== undefined)
  const pid = pidOf(ground, name) ?? 0
  const before = endings(name)
  send(pid, 'SIGTERM')
  await eventually(`${name} ends`, async () => pidOf(ground, name) !== pid)
  expect(endings(name)).toBe(before + 1)
}

/** How often the process has said that it came to its end; one that is killed does not say so. */
function endings(name: StackProcess): number {
  return logOf(name).split('"ended"').length - 1
}

function logOf(name: StackProcess): string {
  return readFileSync(join(ground.stack.dir, 'logs', `${name}.log`), 'utf8')
}

async function secondOf(name: StackProcess): Promise<Running> {
  const { PATH, HOME } = process.env
  // The door for posted events is the first one's, on one machine.
  const { BEVIS_INTAKE_PORT: _, ...environment } = ground.stack.environment(name)
  const logFile = join(ground.stack.dir, 'logs', `${name}-2.log`)
  const running = start({
    command: process.execPath,
    args: [join(root, 'cli', 'main.ts'), ...commandOf(name)],
    cwd: root,
    env: { PATH, HOME, ...environment },
    logFile,
    pidFile: join(ground.stack.dir, 'run', `${name}-2.pid`),
  })
  const works = await waitUntil(() => readFileSync(logFile, 'utf8').includes('"working"'), 180_000)
  if (!works) throw new Error(`A second ${name} does not work: ${readFileSync(logFile, 'utf8').slice(-500)}`)
  return running
}

/** Activities that nobody finished: what a kill leaves, and a planned end must not. A workflow task handed back is taken up at once. */
async function cutOff(): Promise<string[]> {
  const { BEVIS_TEMPORAL_ADDRESS: address = '', BEVIS_SECRETS_FILE: file = '' } = ground.stack.environment('cli')
  const line = await connectTemporal({ address, namespace: 'default', codecKey: readSecrets(file).codec })
  const found: string[] = []
  try {
    for await (const { workflowId } of line.client.workflow.list()) {
      const { events } = await line.client.workflow.getHandle(workflowId).fetchHistory()
      for (const event of events ?? []) {
        if (event.activityTaskTimedOutEventAttributes != null) found.push(`${workflowId}: an activity timed out`)
        if ((event.activityTaskStartedEventAttributes?.attempt ?? 1) > 1)
          found.push(`${workflowId}: an activity was repeated`)
      }
    }
  } finally {
    await line.close()
  }
  return found
}

async function sendCase(key: string): Promise<void> {
  const story = stories(key).find((one) => one.key === 'band-e')
  for (const draft of story?.events ?? []) sent.push(await sendSurely(ground, draft))
  await sleep(1000)
}

/** Until all are issued, or nothing at all is told in any trail for two minutes: a slow machine may take its time, one that stands still may not. */
async function everythingSettled(cases: number): Promise<void> {
  for (let before = -1, entries = 0; entries > before; ) {
    before = entries
    const all = await waitUntil(async () => (await count(ground.admin, 'issued')) === cases, 120_000)
    if (all) break
    entries = await count(ground.admin, 'entries')
  }
  expect(await count(ground.admin, 'issued'), await standing(ground)).toBe(cases)
  await eventually('nothing is left to do', async () => {
    const { pending, unacknowledged } = await streams(ground.natsAdmin)
    return pending === 0 && unacknowledged === 0 && (await count(ground.admin, 'undelivered')) === 0
  })
}
