/** A Temporal worker as part of a process's life; without it a worker that broke would leave a process that does nothing. */
import type { RunningWorker } from '#connectors/platform/temporal-worker.ts'
import { type Life, untilEnd } from './life.ts'

/**
 * Starts the worker and stays until the process is told to end.
 * @throws whatever broke the worker, so that the process ends and is started anew
 */
export async function runWorker(
  life: Life,
  begin: () => Promise<Pick<RunningWorker, 'run' | 'shutdown'>>,
): Promise<void> {
  const worker = await begin()
  life.closing('the worker', () => worker.shutdown())
  life.log('info', 'working')
  await Promise.race([worker.run, untilEnd(life.ending)])
  if (!life.ending.aborted) throw new Error('the worker stopped by itself')
}
