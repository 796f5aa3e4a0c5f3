/** The processes of the product as commands; without them nothing would run. */
import { usage } from '../cli-error.ts'
import { command } from '../command.ts'

/** Loaded one at a time: a process carries only what it needs. */
const processes: Readonly<Record<string, () => Promise<() => Promise<void>>>> = {
  intake: async () => (await import('../processes/intake.ts')).runIntakeProcess,
  pipeline: async () => (await import('../processes/pipeline.ts')).runPipelineProcess,
  signing: async () => (await import('../processes/signing.ts')).runSigningProcess,
  relay: async () => (await import('../processes/relay.ts')).runRelayProcess,
}

export const work = command({
  takes: '<intake|pipeline|signing|relay>',
  args: [1, 1],
  options: {},
  examples: [
    ['bevis work pipeline', 'run cases through their gates, until SIGTERM'],
    ['bevis work signing', 'sign; the only process that is given the keys'],
  ],
  run: async ({ args: [name = ''] }) => {
    const load = Object.hasOwn(processes, name) ? processes[name] : undefined
    if (load === undefined) {
      throw usage('unknown-worker', `there is no worker ${name}`, `give one of ${Object.keys(processes).join(', ')}`)
    }
    await (await load())()
    return 'ok'
  },
})

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
