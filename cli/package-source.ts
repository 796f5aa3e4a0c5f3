/** Audit packages as they lie on a disk: an archive read piece by piece, or a folder. Nothing is unpacked and no link is followed. */
import { closeSync, existsSync, lstatSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { checkName, checkNames, checkSizes, limits, type PackageFiles, printable } from '#verifier/files.ts'
import { PackageProblem } from '#verifier/problem.ts'
import { openZip } from '#verifier/zip.ts'

/** True for an archive and for a folder with a manifest in it. */
export function isPackage(word: string): boolean {
  const found = statSync(word, { throwIfNoEntry: false })
  if (found?.isDirectory() === true) return existsSync(join(word, 'manifest.json'))
  return found?.isFile() === true && (word.endsWith('.zip') || startOf(word) === 'PK')
}

function startOf(file: string): string {
  const handle = openSync(file, 'r')
  try {
    const start = new Uint8Array(2)
    readSync(handle, start, 0, 2, 0)
    return String.fromCharCode(...start)
  } finally {
    closeSync(handle)
  }
}

/** Hands the files of a package to `use`, and lets go of it afterwards. @throws PackageProblem inside `use`, when it asks for them */
export async function withPackage<T>(word: string, use: (open: () => Promise<PackageFiles>) => Promise<T>): Promise<T> {
  if (statSync(word).isDirectory()) return use(async () => folder(word))
  const handle = openSync(word, 'r')
  try {
    const { size } = statSync(word)
    return await use(() => openZip({ size, read: async (from, length) => readAt(handle, from, length) }))
  } finally {
    closeSync(handle)
  }
}

function readAt(handle: number, from: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let held = 0; held < length; ) {
    const read = readSync(handle, bytes, held, length - held, from + held)
    if (read === 0) throw new PackageProblem('zip-damaged', 'end')
    held += read
  }
  return bytes
}

function folder(root: string): PackageFiles {
  const sizes = new Map<string, number>()
  walk(root, '', sizes)
  const names = [...sizes.keys()].toSorted()
  checkNames(names)
  checkSizes(sizes, limits)
  return {
    names,
    sizeOf: (name) => sizes.get(name),
    read: async (name) => {
      if (!sizes.has(name)) throw new PackageProblem('no-such-file', printable(name))
      const bytes = new Uint8Array(readFileSync(join(root, name)))
      if (bytes.length !== sizes.get(name)) throw new PackageProblem('content-changed', name)
      return bytes
    },
  }
}

/** The depth is bounded by what a name may be. */
function walk(root: string, under: string, sizes: Map<string, number>): void {
  for (const entry of readdirSync(join(root, under), { withFileTypes: true })) {
    const name = under === '' ? entry.name : `${under}/${entry.name}`
    checkName(name)
    if (entry.isDirectory()) walk(root, name, sizes)
    else if (entry.isFile()) sizes.set(name, lstatSync(join(root, name)).size)
    else throw new PackageProblem('link', name)
    if (sizes.size > limits.files) throw new PackageProblem('too-many-files', String(sizes.size))
  }
}
