/** The whole log for an archive, in the layout that every tool for tiled logs reads; nothing in it is opened (docs/audit-package.md). */
import { contentDigest, type FileLine, type Manifest } from '#audit/package/manifest.ts'
import { type PackageFile, zip } from '#audit/package/zip.ts'
import { bundlePath, encodeBundle, newTiles, tilePath, tileWidth } from '#audit/tile.ts'
import { hashSize } from '#audit/tree.ts'
import { inInstitution } from '#db/client.ts'
import { readInstitution } from '#db/institution.ts'
import { leavesBetween, type PublishedCheckpoint, readTileOf } from '#db/log.ts'
import { damaged, readingRecord } from '../stored-log.ts'
import { recordLogExport, type Why } from './record.ts'
import { anchorFiles, keyFiles, readmes, textFile } from './shared-files.ts'
import { demandSize, inOrder, lineOf, type Part, packageFiles } from './stream.ts'
import { manifestHead, type Place } from './trails-package.ts'

/** @throws Problem `record_damaged`, `package_too_large` */
export async function logPackage(
  place: Place,
  { checkpoint, ...why }: Why & { readonly checkpoint: PublishedCheckpoint },
): Promise<AsyncGenerator<Uint8Array>> {
  const { db, institution, caller, policy } = place
  const tiles = tileParts(place, checkpoint.size)
  const lines: FileLine[] = []
  for (const part of tiles) lines.push(...(await part.files()).map(lineOf))
  return inInstitution(db, institution, async (tx) => {
    const { origin } = await readInstitution(tx)
    const facts = { kind: 'log', log: origin, size: checkpoint.size, profile: 'public', trails: 0 } as const
    const shared = inOrder([
      ...readmes(facts),
      textFile('checkpoint', checkpoint.note),
      ...(await keyFiles(tx, policy)),
      ...(await anchorFiles(tx, checkpoint)),
    ])
    const files = inOrder([...shared.map(lineOf), ...lines])
    demandSize(files)
    const content = contentDigest(files)
    const recorded = await recordLogExport(tx, caller, { ...why, checkpoint: checkpoint.size, content })
    const manifest: Manifest = {
      ...(await manifestHead(tx, { checkpoint, why, recorded, caller })),
      kind: 'log',
      profile: 'public',
      content,
      files,
      rules: [],
      trails: [],
      withheld: [],
    }
    return zip(packageFiles([{ files: async () => shared }, ...tiles], manifest))
  })
}

/** One file each, made when it is asked for; in order of their paths. */
function tileParts({ db, institution }: Place, size: number): Part[] {
  const tiles = newTiles(0, size).map((id) => ({
    path: tilePath(id),
    read: async () => {
      const bytes = await inInstitution(db, institution, (tx) => readTileOf(tx)(id))
      if (bytes.length < id.width * hashSize) throw damaged(tilePath(id), 'missing')
      return bytes
    },
  }))
  const bundles = Array.from({ length: Math.ceil(size / tileWidth) }, (_, index) => {
    const width = Math.min(tileWidth, size - index * tileWidth)
    const from = index * tileWidth
    const path = bundlePath(index, width)
    const read = async () => {
      const leaves = await inInstitution(db, institution, (tx) => leavesBetween(tx, from, from + width))
      if (leaves.length < width) throw damaged(path, 'missing')
      return readingRecord(path, async () => encodeBundle(leaves.map(({ leaf }) => leaf)))
    }
    return { path, read }
  })
  return inOrder([...tiles, ...bundles]).map(({ path, read }) => ({
    files: async (): Promise<PackageFile[]> => [{ path, bytes: await read() }],
  }))
}
