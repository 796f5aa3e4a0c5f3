/** Puts the demo institution in force on a running stack: its register, and its emitters' rights on NATS. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { applyFolder } from '../apply-register.ts'
import type { Stack } from '../stack.ts'
import { root } from '../stack-state.ts'
import type { Emitters } from './emitters.ts'

export const demoFolder = join(root, 'dev', 'register', 'norrsken')

/**
 * Applies the register through the command line, as an institution would, and opens NATS to its emitters. `folder` is the demo's
 * or a changed copy of it.
 */
export async function applyDemoRegister(
  stack: Stack,
  emitters: Emitters,
  folder: string = demoFolder,
): Promise<string> {
  const { emitters: declared } = JSON.parse(readFileSync(join(folder, 'emitters.json'), 'utf8')) as {
    emitters: readonly { id: string }[]
  }
  const keys = join(stack.dir, 'secrets', 'nkeys', 'emitters', 'norrsken.keys.json')
  return applyFolder(stack, { folder, keys, overlay: emitters.overlay(declared.map(({ id }) => id)) })
}
