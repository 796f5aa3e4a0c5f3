/** Measures each activity from outside: without it every act would have to count itself. */
import type {
  ActivityExecuteInput,
  ActivityInboundCallsInterceptor,
  ActivityInterceptorsFactory,
  Next,
} from '@temporalio/worker'
import { count, observe } from '#connectors/platform/metrics.ts'

/** For `startWorker`: duration of each activity, and what it came to for each of its cases. */
export const measured: ActivityInterceptorsFactory = ({ info: { activityType: step } }) => ({
  inbound: {
    execute: async (input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>) => {
      const began = performance.now()
      const took = (outcome: string) =>
        observe('bevis_step_duration_seconds', { step, outcome }, (performance.now() - began) / 1_000)
      try {
        const result: unknown = await next(input)
        took('ok')
        tellOutcomes(step, input.args, result)
        return result
      } catch (error) {
        took('failed')
        throw error
      }
    },
  },
})

function tellOutcomes(step: string, args: readonly unknown[], result: unknown): void {
  if (!Array.isArray(result)) return
  const institution = text(args[0], 'institution')
  for (const one of result as readonly unknown[]) {
    const outcome = text(one, 'outcome')
    if (outcome === '') continue
    count('bevis_step_cases_total', { step, outcome })
    if (step === 'sign') count('bevis_signatures_total', { institution, outcome, code: text(one, 'code') })
  }
}

function text(value: unknown, name: string): string {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  return typeof found === 'string' ? found : ''
}
