/** The files of a package against its manifest: read once to judge them, and never believed to be the same at a second reading. */
import { b64url, sha256 } from '#audit/digest.ts'
import { contentDigest, type Manifest, manifestPath } from '#audit/package/manifest.ts'
import type { PackageFiles } from '#verifier/files.ts'
import { PackageProblem } from '#verifier/problem.ts'
import { type Answer, counted, failed, few, passed } from '#verifier/report.ts'

export interface Material {
  /** Bytes of a file, undefined where the package has none of that name. @throws PackageProblem `content-changed` */
  read(name: string): Promise<Uint8Array | undefined>
  /** The same as strict UTF-8; undefined also where it is not. */
  text(name: string): Promise<string | undefined>
  has(name: string): boolean
  readonly names: readonly string[]
}

/** Reads every file and holds it against its line (audit-log §7.4). */
export async function judgeFiles(
  files: PackageFiles,
  manifest: Manifest,
): Promise<{ answer: Answer; material: Material }> {
  const seen = new Map<string, string>()
  for (const name of files.names) seen.set(name, b64url(sha256(await files.read(name))))
  return { answer: answerOf(files, manifest, seen), material: materialOf(files, seen) }
}

function answerOf(files: PackageFiles, manifest: Manifest, seen: ReadonlyMap<string, string>): Answer {
  const lines = new Map(manifest.files.map((line) => [line.path, line]))
  const unlisted = files.names.filter((name) => name !== manifestPath && !lines.has(name))
  const missing = [...lines.keys()].filter((path) => !seen.has(path))
  const changed = [...lines.values()].filter(
    ({ path, sha256: digest, size }) => seen.has(path) && (seen.get(path) !== digest || files.sizeOf(path) !== size),
  )
  if (changed.length > 0) {
    const paths = few(changed.map(({ path }) => path))
    return failed(`Ändrad fil: ${paths}.`, `File changed: ${paths}.`)
  }
  if (missing.length > 0) return failed(`Filen saknas: ${few(missing)}.`, `File missing: ${few(missing)}.`)
  if (unlisted.length > 0)
    return failed(`Fil utanför förteckningen: ${few(unlisted)}.`, `File not in the manifest: ${few(unlisted)}.`)
  if (contentDigest(manifest.files) !== manifest.content)
    return failed('Förteckningens egen kontrollsumma stämmer inte.', 'The manifest’s own digest does not match.')
  return passed(
    ...counted(
      lines.size,
      ['Den enda filen har det innehåll som förteckningen anger.', 'The one file has the content the manifest states.'],
      [
        `Alla ${lines.size} filer har det innehåll som förteckningen anger.`,
        `All ${lines.size} files have the content the manifest states.`,
      ],
    ),
  )
}

function materialOf(files: PackageFiles, seen: ReadonlyMap<string, string>): Material {
  const read = async (name: string) => {
    if (!seen.has(name)) return undefined
    const bytes = await files.read(name)
    if (b64url(sha256(bytes)) !== seen.get(name)) throw new PackageProblem('content-changed', name)
    return bytes
  }
  return {
    read,
    names: files.names,
    has: (name) => seen.has(name),
    text: async (name) => {
      const bytes = await read(name)
      return bytes === undefined ? undefined : strictText(bytes)
    },
  }
}

function strictText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
