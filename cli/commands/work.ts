/** The processes of the product as commands; without them nothing would run. */
import { type CaseQueue, caseQueues } from '#db/wake-ups.ts'
import { usage } from '../cli-error.ts'
import { command } from '../command.ts'

/** Loaded one at a time: a process carries only what it needs. */
const processes: Readonly<Record<string, () => Promise<(queues?: readonly CaseQueue[]) => Promise<void>>>> = {
  intake: async () => (await import('../processes/intake.ts')).runIntakeProcess,
  pipeline: async () => (await import('../processes/pipeline.ts')).runPipelineProcess,
  signing: async () => (await import('../processes/signing.ts')).runSigningProcess,
  relay: async () => (await import('../processes/relay.ts')).runRelayProcess,
  log: async () => (await import('../processes/log.ts')).runLogProcess,
}

export const work = command({
  takes: '<intake|pipeline|signing|relay|log>',
  args: [1, 1],
  options: {
    queue: {
      value: `<${caseQueues.join('|')}>`,
      says: 'pipeline only: work at this queue alone, beside another process that works at the other; default both',
    },
  },
  examples: [
    ['bevis work pipeline', 'run cases through their gates, until SIGTERM'],
    ['bevis work pipeline --queue cohorts', 'the same for cases that arrived together, in a process of their own'],
    ['bevis work signing', 'sign; the only process that is given the keys'],
  ],
  run: async ({ args: [name = ''], values }) => {
    const load = Object.hasOwn(processes, name) ? processes[name] : undefined
    if (load === undefined) {
      throw usage('unknown-worker', `there is no worker ${name}`, `give one of ${Object.keys(processes).join(', ')}`)
    }
    await (await load())(values.queue === undefined ? undefined : [queueOf(name, values.queue)])
    return 'ok'
  },
})

function queueOf(name: string, given: string): CaseQueue {
  if (name !== 'pipeline') throw usage('not-for-worker', `${name} has one queue`, 'leave --queue out')
  const queue = caseQueues.find((one) => one === given)
  if (queue === undefined)
    throw usage('unknown-queue', `there is no queue ${given}`, `give one of ${caseQueues.join(', ')}`)
  return queue
}

export const serve = command({
  takes: '',
  args: [0, 0],
  options: {},
  examples: [['bevis serve', 'answer HTTP requests on BEVIS_PORT, until SIGTERM']],
  run: async () => {
    const { runApiProcess } = await import('../processes/api.ts')
    await runApiProcess()
    return 'ok'
  },
})
