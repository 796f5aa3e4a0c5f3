/** A folder of files becomes the register in force on a stack, through the command line, as an institution does it. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Environment } from './environment.ts'
import { writeWhole } from './servers/processes.ts'
import { root } from './stack-state.ts'

/** What of a stack is needed here. */
export interface Target {
  environment(name: 'cli'): Environment
  useEmitters(entries: string): Promise<void>
}

interface Declared {
  readonly folder: string
  /** Where the public keys beside the register are written, for whoever applies it again by hand. */
  readonly keys: string
  /** What `bevis registry apply --keys` takes. */
  readonly overlay: object
  /** Further files of that kind. */
  readonly more?: readonly string[]
}

/** Applies it, opens NATS to its emitters, and gives the command's words. @throws with its words where it fails */
export async function applyFolder(stack: Target, { folder, keys, overlay, more = [] }: Declared): Promise<string> {
  writeWhole(keys, `${JSON.stringify(overlay, null, 2)}\n`, 0o600)
  const applied = await bevis(stack, [
    'registry',
    'apply',
    folder,
    ...[keys, ...more].flatMap((file) => ['--keys', file]),
  ])
  await stack.useEmitters(await bevis(stack, ['registry', 'nats-config']))
  return applied.trim()
}

/** Runs the command line with the stack's addresses; its words when it fails. */
function bevis(stack: Target, args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [join(root, 'cli', 'main.ts'), ...args], {
    cwd: root,
    env: { ...process.env, ...stack.environment('cli') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout.on('data', (bytes: Buffer) => out.push(bytes))
  child.stderr.on('data', (bytes: Buffer) => err.push(bytes))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(out).toString())
      else
        reject(new Error(`bevis ${args.join(' ')} ended with ${code}: ${Buffer.concat([...err, ...out]).toString()}`))
    })
  })
}
