/** A package as it leaves: its files in order, each the same as when it was listed; nothing is written down on the way. */
import { b64url, sha256 } from '#audit/digest.ts'
import { type FileLine, type Manifest, manifestBytes, manifestPath } from '#audit/package/manifest.ts'
import type { PackageFile } from '#audit/package/zip.ts'
import { Problem } from '../problem.ts'

/** Files that are made together, in ascending order of their paths. */
export interface Part {
  files(): Promise<readonly PackageFile[]>
}

/** A zip without zip64; room is left for headers and directory (docs/audit-package.md). */
const largestContent = 3.5 * 1024 ** 3

/** @throws Problem `package_too_large`, before anything is recorded or leaves */
export function demandSize(files: readonly FileLine[]): void {
  if (files.reduce((sum, { size }) => sum + size, 0) > largestContent) throw new Problem('package_too_large')
}

export function lineOf({ path, bytes }: PackageFile): FileLine {
  return { path, sha256: b64url(sha256(bytes)), size: bytes.length }
}

export function inOrder<One extends { readonly path: string }>(files: readonly One[]): One[] {
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

/**
 * The files of all parts with the manifest among them. What was listed was read a moment ago; of a part that reads otherwise now
 * (something was erased in between) nothing leaves, and the archive ends without its directory.
 */
export async function* packageFiles(parts: readonly Part[], manifest: Manifest): AsyncGenerator<PackageFile> {
  const listed = new Map(manifest.files.map((line) => [line.path, line]))
  let isManifestOut = false
  for (const part of parts) {
    const files = await part.files()
    for (const file of files) if (!isAsListed(file, listed)) throw new Error('a package changed while it was read')
    for (const file of files) {
      if (!isManifestOut && file.path > manifestPath) {
        isManifestOut = true
        yield { path: manifestPath, bytes: manifestBytes(manifest) }
      }
      yield file
    }
  }
}

function isAsListed(file: PackageFile, listed: ReadonlyMap<string, FileLine>): boolean {
  return listed.get(file.path)?.sha256 === lineOf(file).sha256
}
