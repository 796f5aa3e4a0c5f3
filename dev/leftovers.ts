/** Ties servers to our own life: without it Ctrl-C, or a stack that was killed, would leave databases running. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { unlock } from './servers/lock.ts'
import { readLive, send, stopRecorded } from './servers/processes.ts'
import type { StackPaths } from './stack-state.ts'

/** Ends what a killed stack left running; gives how many. */
export async function endLeftovers(paths: StackPaths): Promise<number> {
  if (!existsSync(paths.run)) return 0
  const files = readdirSync(paths.run).filter((name) => name.endsWith('.pid') && name !== 'stack.pid')
  const live = files.filter((name) => readLive(join(paths.run, name)) !== undefined)
  // Our own processes first, so that none of them sees its servers vanish; Postgres takes SIGINT as its fast shutdown.
  const servers = ['postgres.pid', 'nats.pid', 'temporal.pid']
  const end = (name: string) =>
    stopRecorded(join(paths.run, name), name === 'postgres.pid' ? 'SIGINT' : 'SIGTERM', 30_000)
  await Promise.all(files.filter((name) => !servers.includes(name)).map(end))
  await Promise.all(files.filter((name) => servers.includes(name)).map(end))
  return live.length
}

/** Ties the stack's life to ours. Gives the way to untie it. */
export function stopWithUs(paths: StackPaths, stop: () => Promise<void>): () => void {
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
  const onSignal = (signal: NodeJS.Signals) => {
    void stop().finally(() => process.exit(codes[signal as keyof typeof codes]))
  }
  // An exit without `stop` cannot wait any more, but it can still tell everybody to end.
  const onExit = () => {
    for (const name of existsSync(paths.run) ? readdirSync(paths.run) : []) {
      const record = name === 'stack.pid' || !name.endsWith('.pid') ? undefined : readLive(join(paths.run, name))
      if (record !== undefined) send(record.pid, name === 'postgres.pid' ? 'SIGINT' : 'SIGTERM')
    }
    unlock(paths.lock)
  }
  for (const signal of Object.keys(codes)) process.on(signal, onSignal)
  process.on('exit', onExit)
  return () => {
    for (const signal of Object.keys(codes)) process.removeListener(signal, onSignal)
    process.removeListener('exit', onExit)
  }
}
