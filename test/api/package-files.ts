/** An audit package taken apart again, by another program than made it. */
import { unzipSync } from 'fflate'
import { b64url, sha256 } from '#audit/digest.ts'
import { type Manifest, parseManifest } from '#audit/package/manifest.ts'
import { parsePolicy } from '#audit/policy.ts'
import { filesIn } from '#verifier/files.ts'
import type { PackageReport } from '#verifier/report.ts'
import { verifyPackage } from '#verifier/verify-package.ts'

export interface OpenedPackage {
  readonly manifest: Manifest
  readonly paths: readonly string[]
  bytes(path: string): Uint8Array
  text(path: string): string
  json<Shape>(path: string): Shape
  /** As `bevis verify` judges it, by this policy alone. */
  verified(policy: string): Promise<PackageReport>
  /** All that anybody can read in it: every file, and what its disclosures say. */
  everything(): string
}

/** @throws where a file is not as the manifest says */
export function openPackage(archive: Uint8Array): OpenedPackage {
  const files = new Map(Object.entries(unzipSync(archive)))
  const bytes = (path: string) => {
    const found = files.get(path)
    if (found === undefined) throw new Error(`no ${path}`)
    return found
  }
  const text = (path: string) => Buffer.from(bytes(path)).toString()
  const manifest = parseManifest(bytes('manifest.json'))
  const paths = [...files.keys()]
  const listed = manifest.files.map(({ path }) => path)
  if (JSON.stringify(paths.filter((path) => path !== 'manifest.json')) !== JSON.stringify(listed))
    throw new Error('the archive holds other files than its manifest says')
  for (const { path, sha256: digest, size } of manifest.files) {
    if (b64url(sha256(bytes(path))) !== digest || bytes(path).length !== size) throw new Error(`${path} is another`)
  }
  return {
    manifest,
    paths,
    bytes,
    text,
    verified: (policy) => verifyPackage(async () => filesIn(files), { policy: parsePolicy(policy) }),
    json: <Shape>(path: string) => JSON.parse(text(path)) as Shape,
    everything: () =>
      paths
        .flatMap((path) => [text(path), ...(path.endsWith('disclosures.json') ? disclosuresIn(text(path)) : [])])
        .join('\n'),
  }
}

function disclosuresIn(json: string): string[] {
  const byEntry = JSON.parse(json) as Readonly<Record<string, readonly string[]>>
  return Object.values(byEntry)
    .flat()
    .map((one) => Buffer.from(one, 'base64url').toString())
}
