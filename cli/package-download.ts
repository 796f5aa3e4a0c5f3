/** An audit package onto the disk, as the archive it is or as a folder; half a package never stands under the name that was asked for. */
import { createWriteStream, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Manifest, manifestPath, parseManifest } from '#audit/package/manifest.ts'
import type { PackageFiles } from '#verifier/files.ts'
import { CliError } from './cli-error.ts'
import { withPackage } from './package-source.ts'

export interface Kept {
  readonly out: string
  readonly manifest: Manifest
}

/** `out` that ends in `.zip` is the archive, any other name a folder. @throws CliError `export/exists`, `export/broken-off` */
export async function keepPackage(bytes: ReadableStream<Uint8Array>, out: string): Promise<Kept> {
  const archive = `${out}.partial.zip`
  mkdirSync(dirname(archive), { recursive: true })
  try {
    await pipeline(Readable.fromWeb(bytes as never), createWriteStream(archive, { mode: 0o600 }))
    const manifest = await withPackage(archive, async (open) => unpack(await open(), out))
    if (isArchive(out)) renameSync(archive, out)
    return { out, manifest }
  } catch (cause) {
    const mend = 'nothing is kept; ask again. What was exported before the break is recorded all the same'
    throw new CliError(
      { exit: 'failure', code: 'export/broken-off', what: 'the package did not come whole', mend },
      { cause },
    )
  } finally {
    rmSync(archive, { force: true })
  }
}

/** Asked before anything is ordered: an export is recorded, whether or not there is room for it. @throws CliError `export/exists` */
export function demandNew(out: string): void {
  if (!existsSync(out)) return
  const mend = 'give another name with --out, or take it away first'
  throw new CliError({ exit: 'conflict', code: 'export/exists', what: `${out} is there already`, mend })
}

function isArchive(out: string): boolean {
  return out.endsWith('.zip')
}

async function unpack(files: PackageFiles, out: string): Promise<Manifest> {
  const manifest = parseManifest(await files.read(manifestPath))
  if (isArchive(out)) return manifest
  const partial = `${out}.partial`
  rmSync(partial, { recursive: true, force: true })
  for (const name of files.names) {
    const file = join(partial, name)
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(file, await files.read(name), { mode: 0o600 })
  }
  renameSync(partial, out)
  return manifest
}

/** What a person needs to know of what was kept. */
export function keptText({ out, manifest }: Kept): string {
  const { kind, trails, files, checkpoint, withheld, sample } = manifest
  const what =
    kind === 'log'
      ? `the log’s ${checkpoint.size} entries`
      : `${trails.length} ${trails.length === 1 ? 'case' : 'cases'}`
  return [
    `${out}  ${what}, ${files.length} files, at checkpoint ${checkpoint.size}`,
    ...(sample === undefined
      ? []
      : [`drawn from ${sample.population.count} by seed ${sample.seed}: ${sample.drawn.join(' ')}`]),
    ...(withheld.length === 0
      ? []
      : [`${withheld.length} things are withheld from this reader; manifest.json says which and why`]),
    `Recorded as ${manifest.recorded.first === manifest.recorded.last ? 'entry' : 'entries'} ${numbersOf(manifest)} of the institution’s trail`,
  ].join('\n')
}

function numbersOf({ recorded: { first, last } }: Manifest): string {
  return first === last ? String(first) : `${first}–${last}`
}
