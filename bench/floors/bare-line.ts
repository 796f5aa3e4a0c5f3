/** Who starts bare workflows and decides in them: the other half of the floor, in the process that measures. */
import { Client, Connection } from '@temporalio/client'
import type { Ground } from '../ground.ts'
import { type bare, decided } from './bare-workflow.ts'

const taskQueue = 'bench-bare'

export interface BareLine {
  /** One from start to result, decided on the moment it has started where it waits. */
  through(waits: boolean): Promise<void>
  close(): Promise<void>
}

/** Starts the bare worker and a line that speaks to it as plainly as can be: no codec, no search attributes. */
export async function openBare(ground: Ground): Promise<BareLine> {
  const { address } = ground.temporalAddress
  const worker = await ground.startScript('bare', { BENCH_TEMPORAL: address, BENCH_QUEUE: taskQueue })
  const connection = await Connection.connect({ address })
  const client = new Client({ connection })
  const opened = Date.now()
  let started = 0
  return {
    through: async (waits) => {
      started += 1
      const handle = await client.workflow.start<typeof bare>('bare', {
        taskQueue,
        workflowId: `bare/${opened}/${started}`,
        args: [{ waits }],
      })
      if (waits) await handle.executeUpdate(decided)
      await handle.result()
    },
    close: async () => {
      await connection.close()
      await worker.stop()
    },
  }
}
