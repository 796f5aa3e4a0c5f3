/** A copy of the demo register that a test may spoil. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { KeysOverlay } from '#config/register/keys.ts'
import { loadRegister, type Register } from '#config/register/load.ts'
import type { RegisterProblem } from '#config/register/problems.ts'

export const sandboxFolder = fileURLToPath(new URL('../../dev/register/sandbox', import.meta.url))
export const demoFolder = fileURLToPath(new URL('../../dev/register/norrsken', import.meta.url))

/** A JSON object, to be changed at will. */
export interface Loose {
  [member: string]: unknown
}

/** The object or list at a path inside a file; the path must be right. */
export function part(json: unknown, ...path: (string | number)[]): Loose {
  let found: unknown = json
  for (const step of path) found = (found as Loose | undefined)?.[step]
  if (typeof found !== 'object' || found === null) throw new Error(`nothing at ${path.join('/')}`)
  return found as Loose
}

export interface Spoiled {
  readonly folder: string
  write(file: string, text: string | Uint8Array): void
  remove(file: string): void
  /** Reads a file, lets `change` change it, writes it back. */
  edit(file: string, change: (json: Loose) => void): void
}

/** The problems of a register (the demo's, unless told) after `change`; the copy is gone afterwards. */
export function problemsAfter(
  change: (register: Spoiled) => void,
  keys = {},
  original = demoFolder,
): readonly RegisterProblem[] {
  const folder = mkdtempSync(join(tmpdir(), 'register-'))
  try {
    cpSync(original, folder, { recursive: true })
    change(spoiled(folder))
    const answer = loadRegister(folder, { keys })
    return answer.kind === 'invalid' ? answer.problems : []
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function spoiled(folder: string): Spoiled {
  const write: Spoiled['write'] = (file, text) => writeFileSync(join(folder, file), text)
  return {
    folder,
    write,
    remove: (file) => rmSync(join(folder, file), { recursive: true }),
    edit: (file, change) => {
      const json = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Loose
      change(json)
      write(file, JSON.stringify(json))
    },
  }
}

/** The demo register, which must be valid. */
export function demoRegister(keys = {}): Register {
  return registerIn(demoFolder, keys)
}

/** The sandbox's, which must be valid too. */
export function sandboxRegister(keys = {}): Register {
  return registerIn(sandboxFolder, keys)
}

function registerIn(folder: string, keys: KeysOverlay): Register {
  const answer = loadRegister(folder, { keys })
  if (answer.kind === 'invalid') throw new Error(JSON.stringify(answer.problems, undefined, 1))
  return answer.register
}
