/** The command line as people have it: a process of its own, with an environment that says only what a test says. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../support/paths.ts'

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** Standard output, parsed. */
  json(): unknown
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Given on standard input. */
  readonly input?: string | Uint8Array
  /** Folder it is started in; else this one. */
  readonly cwd?: string
}

export interface Running {
  readonly stdout: () => string
  readonly stderr: () => string
  /** Resolves once standard error has said this. */
  says(text: string): Promise<void>
  kill(signal: NodeJS.Signals): void
  readonly ended: Promise<Ended>
}

/** No stack of the checkout may answer for a test. */
const nowhere = { BEVIS_STACK_DIR: join(root, '.bevis', 'test', 'no-stack') }

export function startBevis(args: readonly string[], { env = {}, input, cwd }: RunOptions = {}): Running {
  const { PATH, HOME } = process.env
  const child = spawn(process.execPath, [join(root, 'cli', 'main.ts'), ...args], {
    env: { PATH, HOME, TZ: 'UTC', ...nowhere, ...env },
    stdio: 'pipe',
    ...(cwd === undefined ? {} : { cwd }),
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  child.stdin.end(input)
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr, json: () => JSON.parse(stdout) as unknown }))
  })
  return {
    stdout: () => stdout,
    stderr: () => stderr,
    says: (text) =>
      new Promise((resolve, reject) => {
        const look = () => stderr.includes(text) && resolve()
        child.stderr.on('data', look)
        child.once('close', () => reject(new Error(`ended without saying "${text}":\n${stderr}`)))
        look()
      }),
    kill: (signal) => child.kill(signal),
    ended,
  }
}

export function bevis(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return startBevis(args, options).ended
}
