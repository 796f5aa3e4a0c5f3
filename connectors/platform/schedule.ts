/** Recurring workflows, kept by Temporal: without them lists would expire unless some process of ours counted the hours (design 9). */
import { ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client'
import type { TemporalClient } from './temporal.ts'

export interface RecurringWorkflow {
  /** Id of the schedule, and the beginning of its workflows' ids. */
  readonly id: string
  readonly workflowType: string
  readonly taskQueue: string
  readonly everyMs: number
}

/**
 * Makes the schedule unless it is there. A run that is still going when the next is due goes on alone; runs missed while the
 * server was down are made up for by one. Safe to call at every start, from any number of processes.
 */
export async function ensureSchedule(
  client: TemporalClient,
  recurring: RecurringWorkflow,
): Promise<'created' | 'there'> {
  const { id, workflowType, taskQueue, everyMs } = recurring
  try {
    await client.schedule.create({
      scheduleId: id,
      spec: { intervals: [{ every: everyMs }] },
      action: { type: 'startWorkflow', workflowType, workflowId: id, taskQueue, args: [] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: everyMs },
    })
    return 'created'
  } catch (error) {
    if (error instanceof ScheduleAlreadyRunning) return 'there'
    throw error
  }
}
