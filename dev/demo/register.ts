/** Puts the demo institution in force on a running stack: its register, and its emitters' rights on NATS. */

import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Stack } from '../stack.ts'
import type { Emitters } from './emitters.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = join(root, 'dev', 'register', 'norrsken')

/** Applies the register through the command line, as an institution would, and opens NATS to its emitters. */
export async function applyDemoRegister(stack: Stack, emitters: Emitters): Promise<string> {
  const { emitters: declared } = JSON.parse(readFileSync(join(folder, 'emitters.json'), 'utf8')) as {
    emitters: readonly { id: string }[]
  }
  const scratch = mkdtempSync(join(tmpdir(), 'bevis-register-'))
  try {
    const keys = join(scratch, 'emitters.keys.json')
    writeFileSync(keys, JSON.stringify(emitters.overlay(declared.map(({ id }) => id))))
    const applied = await bevis(stack, ['registry', 'apply', folder, '--keys', keys])
    await stack.useEmitters(await bevis(stack, ['registry', 'nats-config']))
    return applied.trim()
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Runs the command line with the stack's addresses; its words when it fails. */
export function bevis(stack: Stack, args: readonly string[]): Promise<string> {
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
