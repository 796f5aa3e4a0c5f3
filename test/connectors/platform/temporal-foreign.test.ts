import { fileURLToPath } from 'node:url'
import { Client } from '@temporalio/client'
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js'
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openLog } from '#connectors/platform/log.ts'
import { dataConverter, failureConverterPath } from '#connectors/platform/payload-codec.ts'
import { connectTemporal, sendUpdate, startOnce, type TemporalLine } from '#connectors/platform/temporal.ts'
import { type RunningWorker, startWorker } from '#connectors/platform/temporal-worker.ts'
import { installWorkerLog } from '#connectors/platform/worker-log.ts'
import { createWorld, type World } from '../../support/world.ts'
import { activities } from './fixtures/activities.ts'
import type { StoryInput } from './fixtures/workflows.ts'

const workflowsPath = fileURLToPath(new URL('./fixtures/workflows.ts', import.meta.url))
const secret = 'Åsa-Berg-19700101'

describe('what Temporal keeps and what strangers send', () => {
  const { acts, seen } = activities()
  const log: string[] = []
  let world: World
  let line: TemporalLine
  let stranger: Client
  const workers: RunningWorker[] = []

  beforeAll(async () => {
    installWorkerLog(openLog({ process: 'test', level: 'debug', write: (text) => log.push(text) }))
    world = await createWorld({ temporal: true })
    line = await connectTemporal(world.temporal)
    stranger = new Client({ connection: line.connection, namespace: world.temporal.namespace })
    const common = { ...world.temporal, activities: acts }
    workers.push(await startWorker({ ...common, taskQueue: 'pipeline', workflowsPath, localOnly: true }))
    workers.push(await startWorker({ ...common, taskQueue: 'signing' }))
  })
  afterAll(async () => {
    for (const worker of workers) await worker.shutdown()
    await line.close()
    await world.dispose()
  })

  const start = (workflowId: string, input: Partial<StoryInput> = {}) =>
    startOnce(line.client, {
      workflowType: 'story',
      workflowId,
      taskQueue: 'pipeline',
      args: [{ name: secret, actsQueue: 'signing', ...input }],
    })
  const historyOf = async (workflowId: string): Promise<unknown> =>
    JSON.parse(historyToJSON(await line.client.workflow.getHandle(workflowId).fetchHistory()))
  const decide = (workflowId: string) =>
    sendUpdate(line.client, workflowId, { update: 'decided', updateId: 'deci_1', args: ['deci_1'], timeoutMs: 20_000 })

  test('histories and logs hold no word of arguments, results, failures or messages, and replay', async () => {
    await start('whole', { child: 'child', untilDecided: true })
    await line.client.workflow.getHandle('whole').signal('wake', secret)
    await decide('whole')
    const greeting = `hello ${secret}`
    expect(await line.client.workflow.getHandle('whole').result()).toEqual({
      local: greeting,
      far: `${greeting}, ${secret} has no grade`,
      heard: [secret],
      decision: 'deci_1',
    })
    for (const id of ['whole', 'child']) expect(clearTextOf(await historyOf(id))).not.toContain('Berg')
    await expect.poll(() => log.some((text) => text.includes('Activity failed'))).toBe(true)
    expect(log.join()).not.toContain('Berg')

    const bundle = await bundleWorkflowCode({ workflowsPath, failureConverterPath, logger: new DefaultLogger('ERROR') })
    const settings = { workflowBundle: bundle, dataConverter: dataConverter({ ...world.temporal, foreign: 'blank' }) }
    await Worker.runReplayHistory(settings, await historyOf('whole'), 'whole')
  })

  test('a workflow that fails tells the client why, and its history nobody', async () => {
    await start('failing', { failing: true })
    const result = line.client.workflow.getHandle('failing').result()
    await expect(result).rejects.toMatchObject({ cause: { message: `${secret} failed`, type: 'Planned' } })
    expect(clearTextOf(await historyOf('failing'))).not.toContain('Berg')
  })

  test('a hand-made signal does not stop a case and tells it nothing', async () => {
    await start('signalled', { untilDecided: true })
    await stranger.workflow.getHandle('signalled').signal('wake', 'approve this')
    expect(await decide('signalled')).toMatchObject({ kind: 'done' })
    expect(await line.client.workflow.getHandle('signalled').result()).toMatchObject({ heard: ['nothing'] })
  })

  test('a hand-made Update is refused, whatever it carries, and the case goes on', async () => {
    await start('decided', { untilDecided: true })
    const update = stranger.workflow.getHandle('decided').executeUpdate('decided', { args: ['deci_9'] })
    await expect(update).rejects.toThrow()
    expect(await decide('decided')).toMatchObject({ kind: 'done' })
  })

  test('a hand-made activity task never reaches our code', async () => {
    const before = seen.length
    const started = stranger.activity.start('greet', {
      id: 'by-hand',
      taskQueue: 'signing',
      args: ['by hand'],
      startToCloseTimeout: '2s',
      scheduleToCloseTimeout: '3s',
    })
    await expect(started.then((handle) => handle.result())).rejects.toThrow()
    expect(log.some((text) => text.includes('PayloadRefused'))).toBe(true)
    expect(seen.slice(before)).toEqual([])
    expect(log.join()).not.toContain('by hand')
  })

  test('a hand-made workflow never sees its arguments', async () => {
    const before = seen.length
    const handle = await stranger.workflow.start('story', {
      workflowId: 'foreign',
      taskQueue: 'pipeline',
      args: [{ name: 'by hand' }],
    })
    await expect.poll(() => log.some((text) => text.includes('foreign'))).toBe(true)
    await handle.terminate()
    expect(seen.slice(before)).toEqual([])
  })

  test('results in a foreign encoding are refused by our client', async () => {
    const other = await connectTemporal({ ...world.temporal, codecKey: new Uint8Array(32).fill(9) })
    await start('mine')
    await line.client.workflow.getHandle('mine').result()
    await expect(other.client.workflow.getHandle('mine').result()).rejects.toMatchObject({ type: 'PayloadRefused' })
    await other.close()
  })
})

/** A history's own text and, since JSON shows payloads in base64, theirs as well. */
function clearTextOf(history: unknown): string {
  const json = JSON.stringify(history)
  const payloads = [...json.matchAll(/"data":"([^"]*)"/g)].map(([, data]) =>
    Buffer.from(data ?? '', 'base64').toString(),
  )
  return [json, ...payloads].join('\n')
}
