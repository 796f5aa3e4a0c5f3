/** Timeouts and retries per activity. Attempts are unlimited: a dependency that is down delays, it never drops (design 10). */
import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow'
import type { PipelineActivities, SigningActivities } from '#activities/contracts.ts'

/** The automatic stretch: short, idempotent, same database; a local activity costs a tenth of an ordinary one (design 13). */
export const pipeline = proxyLocalActivities<PipelineActivities>({
  startToCloseTimeout: '10 s',
  localRetryThreshold: '30 s',
  retry: { initialInterval: '200 ms', maximumInterval: '10 s' },
})

/** The signing queue is a security context of its own: only case ids cross over (contracts §8). */
export const signing = proxyActivities<SigningActivities>({
  taskQueue: 'signing',
  startToCloseTimeout: '15 s',
  retry: { initialInterval: '500 ms', maximumInterval: '30 s' },
})
