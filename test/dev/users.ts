/** Whom the stack can be tried as: root needs other ways than an ordinary user, and both must work. */
import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBinaries } from '#dev/servers/binaries.ts'
import { root } from '../support/paths.ts'
import type { Options } from './support.ts'

export interface User {
  readonly name: string
  /** Makes a folder this user's own; gives how to run a program as them. */
  readonly prepare: (dir: string) => Promise<Options>
}

const nobody = { uid: 65_534, gid: 65_534 }

/** Ourselves; and, where we are root and others may enter the checkout, an ordinary user too. */
export function availableUsers(): User[] {
  if (process.getuid?.() !== 0) return [{ name: 'an ordinary user', prepare: async () => ({}) }]
  const canEnter = spawnSync(process.execPath, ['--version'], { cwd: root, ...nobody }).status === 0
  const ourselves = { name: 'root', prepare: async () => ({}) }
  return canEnter ? [ourselves, { name: 'an ordinary user', prepare: becomeNobody }] : [ourselves]
}

async function becomeNobody(dir: string): Promise<Options> {
  const binaries = await ensureBinaries()
  const bin = join(dir, 'bin')
  mkdirSync(bin)
  for (const [name, path] of Object.entries(binaries)) {
    copyFileSync(path, join(bin, name))
    chmodSync(join(bin, name), 0o755)
  }
  chownSync(dir, nobody.uid, nobody.gid)
  return { user: nobody, env: { PATH: `${bin}:/usr/bin:/bin`, HOME: dir, LANG: 'C.UTF-8' } }
}
