/** A signing worker that was killed is missed soon; one that is only slow is left in peace. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Context } from '@temporalio/activity'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startWorker } from '#connectors/platform/temporal-worker.ts'
import { cohortWorkflowId } from '#db/ids.ts'
import type { CaseId } from '#domain/words.ts'
import { alive } from '#workers/alive.ts'
import { signingQueue } from '#workers/signing.ts'
import { joining, seats, withAudience } from '../e2e/audience.ts'
import { caseOpenedBy, norrsken } from '../e2e/emitters.ts'
import { type System, startSystem } from '../e2e/system.ts'

vi.setConfig({ testTimeout: 120_000 })

let system: System
beforeAll(async () => {
  system = await startSystem({ signer: false, register: withAudience })
})
afterAll(() => system.dispose())

/** Longer than a list may be silent. */
const slowMs = 12_000

async function tellTogether(): Promise<CaseId[]> {
  const cases: CaseId[] = []
  await system.without('intake', async () => {
    for (const seat of seats.slice(0, 2)) {
      const { completion, attendance } = joining(seat, 'lever')
      await system.emitters.send(attendance)
      cases.push(caseOpenedBy(await system.emitters.send(completion)))
    }
  })
  return cases
}

test('a list in the hands of a dead worker is given to another, and one in the hands of a slow one is not', async () => {
  const cases = await tellTogether()
  const attempts: number[] = []
  const worker = await startWorker({
    ...system.world.temporal,
    taskQueue: signingQueue,
    // The first one is dead: it neither answers nor gives a sign of life.
    around: [(context) => (context.info.attempt === 1 ? {} : alive(context))],
    activities: {
      sign: async ({ cases: list }: { cases: readonly CaseId[] }) => {
        const { info, cancelled } = Context.current()
        attempts.push(info.attempt)
        if (info.attempt === 1) return cancelled
        await sleep(slowMs)
        return list.map((caseId) => ({ caseId, outcome: 'refused', credentials: [], code: 'not-cleared' }))
      },
    },
  })
  await vi.waitFor(() => expect(attempts).toHaveLength(2), { timeout: 90_000 })
  const handle = system.temporal.workflow.getHandle(cohortWorkflowId(norrsken, cases))
  await handle.result()
  const { events = [] } = await handle.fetchHistory()
  const started = (events ?? []).flatMap((event) => event.activityTaskStartedEventAttributes ?? [])
  // TIMEOUT_TYPE_HEARTBEAT
  expect(started.map(({ lastFailure }) => lastFailure?.timeoutFailureInfo?.timeoutType)).toEqual([4])
  expect(attempts).toEqual([1, 2])
  await worker.shutdown()
})
