/** An audit package on its way, changed by somebody who knows how it is made. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { b64url, sha256 } from '#audit/digest.ts'
import { contentDigest, manifestBytes, parseManifest } from '#audit/package/manifest.ts'
import { leafHash } from '#audit/tree.ts'
import type { Scene } from './golden.ts'

/** Every file below a folder, in order. */
export const filesUnder = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()

/** Changes files of the package, and makes its manifest fit: whoever can write one file can write them all. */
export function inPackage(change: (files: Map<string, Buffer>, scene: Scene) => void) {
  return (scene: Scene): Promise<undefined> => {
    const folder = scene.package
    const files = new Map(filesUnder(folder).map((path) => [relative(folder, path), readFileSync(path)]))
    const manifest = parseManifest(files.get('manifest.json') ?? new Uint8Array())
    const before = [...files.keys()]
    change(files, scene)
    files.delete('manifest.json')
    const lines = [...files].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([path, bytes]) => lineOf(path, bytes))
    const trails = manifest.trails.map((line) => {
      const leaves = [...files].filter(([path]) => isLeafOf(line.trail, path)).toSorted(([a], [b]) => (a < b ? -1 : 1))
      const head = b64url(leafHash(new Uint8Array(leaves.at(-1)?.[1] ?? Buffer.alloc(0))))
      return { ...line, entries: leaves.length, head }
    })
    for (const path of before) if (!files.has(path)) rmSync(join(folder, path))
    for (const [path, bytes] of files) writeFileSync(join(folder, path), bytes)
    writeFileSync(
      join(folder, 'manifest.json'),
      manifestBytes({ ...manifest, files: lines, content: contentDigest(lines), trails }),
    )
    return Promise.resolve(undefined)
  }
}

const lineOf = (path: string, bytes: Buffer) => ({ path, sha256: b64url(sha256(bytes)), size: bytes.length })
const isLeafOf = (trail: string, path: string) => path.startsWith(`trails/${trail}/`) && /\/\d{4}\.json$/.test(path)
/** Paths of the leaves, in their order. */
export const leavesIn = (files: ReadonlyMap<string, Buffer>) =>
  [...files.keys()].filter((path) => /^trails\/[^/]+\/\d{4}\.json$/.test(path)).toSorted()

/** Replaces words in the first file whose path has this in it. */
export const rewordIn = (part: string, from: RegExp, to: string) =>
  inPackage((files) => {
    const path = [...files.keys()]
      .toSorted()
      .find((one) => one.includes(part) && from.test(files.get(one)?.toString() ?? ''))
    if (path === undefined) throw new Error(`nothing to change in ${part}`)
    files.set(path, Buffer.from((files.get(path)?.toString() ?? '').replace(from, to)))
  })
