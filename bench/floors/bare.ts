/** The worker of the bare workflow, in a process of its own as the pipeline is: no database, no codec, acts that do nothing. */
import { fileURLToPath } from 'node:url'
import { NativeConnection, Worker } from '@temporalio/worker'
import type { BareActs } from './bare-workflow.ts'

const acts: BareActs = { step: async () => undefined, last: async () => undefined }

const connection = await NativeConnection.connect({ address: process.env['BENCH_TEMPORAL'] ?? '' })
// As many at a time as our own worker takes.
const worker = await Worker.create({
  connection,
  taskQueue: process.env['BENCH_QUEUE'] ?? '',
  workflowsPath: fileURLToPath(new URL('bare-workflow.ts', import.meta.url)),
  activities: acts,
  maxConcurrentWorkflowTaskExecutions: 40,
  maxConcurrentLocalActivityExecutions: 40,
  maxConcurrentActivityTaskExecutions: 20,
})
console.log(JSON.stringify({ msg: 'working' }))
try {
  await worker.run()
} finally {
  await connection.close()
}
