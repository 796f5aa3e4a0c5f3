/** Stacks in folders of their own, for tests that start, stop and kill them. */
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeCluster } from '#dev/servers/postgres.ts'
import { root } from '../support/paths.ts'

/** A folder that any user may enter, and the way to remove it with everything in it. */
export function ownFolder(): { dir: string; remove: () => void } {
  const dir = mkdtempSync(join(tmpdir(), 'bevis-test-'))
  chmodSync(dir, 0o755)
  return {
    dir,
    remove: () => {
      for (const stack of [dir, join(dir, 'stack')]) removeCluster(stack)
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

export interface Said {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface Options {
  readonly env?: NodeJS.ProcessEnv
  readonly user?: { readonly uid: number; readonly gid: number }
}

/** Runs a script of the project to its end. */
export async function runNode(args: readonly string[], options: Options = {}): Promise<Said> {
  return await begin(args, options).ended
}

/** Starts a script of the project; `said` gives what it wrote so far. */
export function begin(args: readonly string[], options: Options = {}) {
  const child = spawn(process.execPath, args, { cwd: root, env: options.env ?? process.env, ...options.user })
  let out = ''
  let err = ''
  child.stdout.on('data', (data: Buffer) => {
    out += data.toString()
  })
  child.stderr.on('data', (data: Buffer) => {
    err += data.toString()
  })
  const ended = new Promise<Said>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, out, err }))
  })
  return { child, ended, said: () => out + err }
}

export function emptyFolder(path: string): string {
  mkdirSync(path, { recursive: true })
  return path
}
