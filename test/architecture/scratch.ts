/** A small house of its own, under our rules, to plant violations in: a rule that is never seen to bite is decoration. */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { root } from '../support/paths.ts'

const rules = [
  '.dependency-cruiser.cjs',
  '.gitignore',
  '.oxlintrc.json',
  'biome.json',
  'knip.jsonc',
  'package.json',
  'tsconfig.json',
  'tsconfig.pure.json',
]

export interface Scratch {
  readonly folder: string
  /** Runs one of our tools in the house and gives all it printed, whatever its exit code. */
  tool(name: string, ...args: string[]): Promise<{ readonly code: number; readonly output: string }>
  dispose(): void
}

/** Builds the house: our configuration, our packages, and the given files (path → text). */
export function scratchHouse(files: Readonly<Record<string, string>>): Scratch {
  const folder = mkdtempSync(join(tmpdir(), 'bevis-house-'))
  for (const rule of rules) cpSync(join(root, rule), join(folder, rule))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return {
    folder,
    tool: async (name, ...args) => await run(folder, join(root, 'node_modules', '.bin', name), args),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function run(cwd: string, file: string, args: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    execFile(file, args, { cwd, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code
      if (typeof code === 'number') resolve({ code, output: `${stdout}${stderr}` })
      else reject(error ?? new Error(`${file} did not end`))
    })
  })
}
