/** The files of a package, wherever they lie; the verifier knows no disk, no archive and no browser. */
import { PackageProblem } from '#verifier/problem.ts'

/** Names in order of their code units, each once. */
export interface PackageFiles {
  readonly names: readonly string[]
  /** Bytes of a file; undefined when there is none of that name. */
  sizeOf(name: string): number | undefined
  /** @throws PackageProblem `no-such-file`, and what the container finds wrong with it */
  read(name: string): Promise<Uint8Array>
}

/** What a package may ask of whoever verifies it (audit-log T17). Far above any of ours, far below what hurts. */
export interface Limits {
  readonly files: number
  /** Bytes of one file and of all together. */
  readonly file: number
  readonly total: number
}

export const limits: Limits = {
  files: 500_000,
  file: 64 * 1024 * 1024,
  total: 0xffff_ffff,
}

const longestName = 200
const deepestName = 8
/** No dot first, so neither `..` nor hidden files; no backslash, colon, space or letter that two systems read differently. */
const nameShape = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/

/** @throws PackageProblem `name` for a name that could lead out of a folder, or be read in two ways */
export function checkName(name: string): void {
  if (name.length > longestName || !nameShape.test(name) || name.split('/').length > deepestName)
    throw new PackageProblem('name', printable(name))
}

/** Names that no file system takes for one and the same, in order. @throws PackageProblem `name-twice` */
export function checkNames(names: readonly string[]): void {
  const seen = new Set<string>()
  for (const name of names) {
    const folded = name.toLowerCase()
    if (seen.has(folded)) throw new PackageProblem('name-twice', name)
    seen.add(folded)
  }
}

/** @throws PackageProblem `too-large` or `too-many-files` */
export function checkSizes(sizes: ReadonlyMap<string, number>, allowed: Limits): void {
  if (sizes.size > allowed.files) throw new PackageProblem('too-many-files', String(sizes.size))
  let total = 0
  for (const [name, size] of sizes) {
    total += size
    if (size > allowed.file || total > allowed.total) throw new PackageProblem('too-large', name)
  }
}

/** A hostile name is told by its first letters, without those that move a cursor. */
export function printable(text: string): string {
  return text.slice(0, 80).replaceAll(/[^\x21-\x7e]/g, '?')
}

/** A package that is held in memory. @throws PackageProblem */
export function filesIn(content: ReadonlyMap<string, Uint8Array>, allowed: Limits = limits): PackageFiles {
  const names = [...content.keys()].toSorted()
  for (const name of names) checkName(name)
  checkNames(names)
  checkSizes(new Map([...content].map(([name, bytes]) => [name, bytes.length])), allowed)
  return {
    names,
    sizeOf: (name) => content.get(name)?.length,
    read: async (name) => {
      const bytes = content.get(name)
      if (bytes === undefined) throw new PackageProblem('no-such-file', printable(name))
      return bytes
    },
  }
}
