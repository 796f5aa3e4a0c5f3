/** A log's tiles in memory, as its files would be. */
import { concat } from '#audit/digest.ts'
import { hashesAt, newTiles, type TileId, tilePath, tileWidth } from '#audit/tile.ts'
import type { ReadTile } from '#audit/tile-tree.ts'
import { leafHash } from '#audit/tree.ts'
import { mth } from './naive.ts'

export function leaves(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => leafHash(new TextEncoder().encode(`leaf ${index}`)))
}

/** Every tile of a tree, each hash of it by the definition in tlog-tiles. */
export function tilesOf(hashes: readonly Uint8Array[]): Map<string, Uint8Array> {
  return new Map(newTiles(0, hashes.length).map((id) => [tilePath(id), bytesOf(id, hashes)]))
}

function bytesOf({ level, index, width }: TileId, hashes: readonly Uint8Array[]): Uint8Array {
  const span = tileWidth ** level
  const at = (i: number) => (index * tileWidth + i) * span
  return concat(...Array.from({ length: width }, (_, i) => mth(hashes.slice(at(i), at(i + 1)))))
}

/** Hands out what the widest kept tile holds, cut to the width asked for. */
export function readerOf(hashes: readonly Uint8Array[]): ReadTile & { readonly asked: string[] } {
  const tiles = tilesOf(hashes)
  const asked: string[] = []
  const read = async (id: TileId) => {
    asked.push(tilePath(id))
    const width = Math.min(tileWidth, hashesAt(id.level, hashes.length) - id.index * tileWidth)
    const bytes = tiles.get(tilePath({ ...id, width }))
    if (bytes === undefined) throw new Error(`no tile ${tilePath(id)}`)
    return bytes.subarray(0, id.width * 32)
  }
  return Object.assign(read, { asked })
}
