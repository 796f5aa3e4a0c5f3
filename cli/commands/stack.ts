/** The development stack, as a command: it runs apart, so that neither needs the other to be loaded. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { movedStackFolder } from '#config/env.ts'
import { type Command, command } from '../command.ts'
import { type Exit, exitCodes } from '../exit-codes.ts'

const program = fileURLToPath(new URL('../../dev/stack.ts', import.meta.url))

/** `dev`, `start`, `stop` or `status` of the stack of this checkout. */
export function stack(verb: string, does: string): Command {
  return command({
    takes: '',
    args: [0, 0],
    options: {},
    examples: [[`bevis stack ${verb}`, does]],
    run: ({ out }) => follow([program, verb, ...(out.json ? ['--json'] : []), ...elsewhere()]),
  })
}

function elsewhere(): string[] {
  const folder = movedStackFolder()
  return folder === undefined ? [] : ['--dir', folder]
}

/** Runs to its end with our terminal. Ctrl-C reaches it too, and it stops what it started before it ends. */
function follow(args: readonly string[]): Promise<Exit> {
  const child = spawn(process.execPath, [...args], { stdio: 'inherit' })
  const pass = (signal: NodeJS.Signals) => child.kill(signal)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, pass)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => {
      const known = Object.entries(exitCodes).find(([, number]) => number === (code ?? exitCodes.interrupted))
      resolve((known?.[0] as Exit | undefined) ?? 'failure')
    })
  })
}
