/** Tells the server that an activity's process still lives: without it one that was killed is noticed only when its time is up. */
import type {
  ActivityExecuteInput,
  ActivityInboundCallsInterceptor,
  ActivityInterceptorsFactory,
  Next,
} from '@temporalio/worker'

/** Well below the heartbeat timeout (workflows/options.ts), so that a busy machine is not taken for a dead one. */
const everyMs = 2_500

/**
 * For `startWorker`, where activities are not local. By the clock, not between the cases of a list: a statement that waits for a lock
 * is no dead process. An activity that is done sooner costs nothing.
 */
export const alive: ActivityInterceptorsFactory = (context) => ({
  inbound: {
    execute: async (input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>) => {
      const timer = setInterval(() => context.heartbeat(), everyMs)
      try {
        return await next(input)
      } finally {
        clearInterval(timer)
      }
    },
  },
})
