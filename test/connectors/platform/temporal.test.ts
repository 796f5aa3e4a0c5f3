import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  connectTemporal,
  sendUpdate,
  signalIfThere,
  startOnce,
  type TemporalLine,
  type UpdateMessage,
} from '#connectors/platform/temporal.ts'
import { type RunningWorker, startWorker } from '#connectors/platform/temporal-worker.ts'
import { createWorld, type World } from '../../support/world.ts'
import { activities } from './fixtures/activities.ts'
import type { StoryInput } from './fixtures/workflows.ts'

const workflowsPath = fileURLToPath(new URL('./fixtures/workflows.ts', import.meta.url))

describe('a line to Temporal', () => {
  let world: World
  let line: TemporalLine
  let worker: RunningWorker
  beforeAll(async () => {
    world = await createWorld({ temporal: true })
    line = await connectTemporal(world.temporal)
    worker = await startWorker({
      ...world.temporal,
      taskQueue: 'pipeline',
      workflowsPath,
      activities: activities().acts,
      localOnly: true,
    })
  })
  afterAll(async () => {
    await worker.shutdown()
    await line.close()
    await world.dispose()
  })

  const start = (workflowId: string, input: Partial<StoryInput> = {}, taskQueue = 'pipeline') =>
    startOnce(line.client, { workflowType: 'story', workflowId, taskQueue, args: [{ name: 'Åsa', ...input }] })
  const decide = (workflowId: string, id: string, more: Partial<UpdateMessage> = {}) =>
    sendUpdate(line.client, workflowId, { update: 'decided', updateId: id, args: [id], timeoutMs: 20_000, ...more })
  const resultOf = (workflowId: string) => line.client.workflow.getHandle(workflowId).result()

  test('starts no second workflow while one runs; one that has ended may start anew', async () => {
    expect(await start('once', { untilDecided: true })).toBe('started')
    expect(await start('once')).toBe('duplicate')
    await decide('once', 'deci_1')
    await resultOf('once')
    expect(await start('once')).toBe('started')
  })

  test('gives the start its search attributes', async () => {
    const searchAttributes = { institution: 'norrsken', state: 'waiting' }
    const args = [{ name: 'Åsa' }]
    await startOnce(line.client, {
      workflowType: 'story',
      workflowId: 's',
      taskQueue: 'pipeline',
      args,
      searchAttributes,
    })
    const found = () => line.client.workflow.count("BevisInstitution = 'norrsken' AND BevisState = 'waiting'")
    await expect.poll(async () => (await found()).count).toBe(1)
  })

  test('wakes a workflow that is there, and takes an absent or closed one for done', async () => {
    await start('woken', { untilDecided: true })
    expect(await signalIfThere(line.client, 'woken', 'wake', ['word'])).toBe('signalled')
    await decide('woken', 'deci_1')
    expect(await resultOf('woken')).toMatchObject({ heard: ['word'] })
    expect(await signalIfThere(line.client, 'woken', 'wake')).toBe('not-found')
    expect(await signalIfThere(line.client, 'never-started', 'wake')).toBe('not-found')
  })

  test('brings an Update and its answer, the same answer for the same id', async () => {
    await start('updated', { untilDecided: true })
    const done = { kind: 'done', result: { outcome: 'took deci_1' } }
    expect(await decide('updated', 'deci_1')).toEqual(done)
    expect(await decide('updated', 'deci_1')).toEqual(done)
    await resultOf('updated')
    expect(await decide('updated', 'deci_1')).toEqual(done)
  })

  test('tells a refusal with its reason, and an absent workflow', async () => {
    await start('refusing', { untilDecided: true })
    expect(await decide('refusing', 'x')).toEqual({ kind: 'refused', reason: 'no such decision' })
    expect(await decide('never-started', 'deci_1')).toEqual({ kind: 'not-found' })
  })

  test('leaves an Update pending where no worker is', async () => {
    await start('alone', {}, 'nobody-works-here')
    expect(await decide('alone', 'deci_1', { timeoutMs: 500 })).toEqual({ kind: 'pending' })
  })
})

describe('a worker', () => {
  test('stops when asked, also twice, and reports it', async () => {
    const world = await createWorld({ temporal: true })
    const worker = await startWorker({ ...world.temporal, taskQueue: 'signing', activities: activities().acts })
    await Promise.all([worker.shutdown(), worker.shutdown()])
    await worker.run
    expect(worker.worker.getState()).toBe('STOPPED')
    await world.dispose()
  })

  test('does not start where no server is', async () => {
    const settings = { address: '127.0.0.1:1', namespace: 'x', codecKey: new Uint8Array(32), taskQueue: 'q' }
    await expect(startWorker({ ...settings, activities: activities().acts })).rejects.toThrow()
  })
})
