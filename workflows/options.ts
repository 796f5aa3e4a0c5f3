/** Timeouts and retries per activity. Attempts are unlimited: a dependency that is down delays, it never drops (design 10). */
import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow'
import type { PipelineActivities, SigningActivities } from '#activities/contracts.ts'

/**
 * The automatic stretch: short, idempotent, same database; a local activity costs a tenth of an ordinary one (design 13). What goes
 * on failing waits by a timer, so that the worker may rest, and stop, meanwhile.
 */
export const pipeline = proxyLocalActivities<PipelineActivities>({
  startToCloseTimeout: '30 s',
  localRetryThreshold: '5 s',
  retry: { initialInterval: '200 ms', maximumInterval: '30 s' },
})

/** Reads a whole institution, so with millions of cases it may take an hour; nothing waits for it. Cut off, it would begin anew for ever. */
export const reconciling = proxyLocalActivities<
  Pick<PipelineActivities, 'reconcilable' | 'reconcile' | 'suggestDisposals'>
>({
  startToCloseTimeout: '2 h',
  localRetryThreshold: '5 s',
  retry: { initialInterval: '1 s', maximumInterval: '5 min' },
})

/** A signing worker that was killed is missed after ten seconds (workers/alive.ts), however long the list in its hands was. */
const signer = {
  taskQueue: 'signing',
  heartbeatTimeout: '10 s',
  retry: { initialInterval: '500 ms', maximumInterval: '30 s' },
} as const

/** The signing queue is a security context of its own: only case ids cross over (contracts §8). */
export const signing = proxyActivities<SigningActivities>({ ...signer, startToCloseTimeout: '15 s' })

/** The same for a long list, which takes longer: a timeout that cut it off would make it begin anew for ever. */
export const signingTogether = proxyActivities<Pick<SigningActivities, 'sign'>>({
  ...signer,
  startToCloseTimeout: '60 s',
})
