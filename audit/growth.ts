/** What more leaves add to a log's tiles; without it the tree would be computed anew from its first leaf for every batch. */
import { hashesAt, tileWidth } from '#audit/tile.ts'
import { emptyEdge, extend, type Hash, rootOf } from '#audit/tree.ts'

/** Hashes to be put behind those a tile has. */
export interface TileGrowth {
  readonly level: number
  readonly index: number
  /** Hashes it has before, 0 … 255. */
  readonly width: number
  readonly added: readonly Hash[]
}

/** The hashes of the tile at the right end of a level, fewer than 256; empty where the last tile is full or there is none. */
export type RightmostTiles = (level: number) => readonly Hash[]

/**
 * Growth of every level when `leafHashes` follow the first `size` leaves (C2SP tlog-tiles): a tile that becomes full adds its root to
 * the level above. Lowest level first, each tile once.
 */
export function growthOf(size: number, leafHashes: readonly Hash[], rightmost: RightmostTiles): TileGrowth[] {
  const all: TileGrowth[] = []
  for (let level = 0, added = leafHashes; added.length > 0; level += 1) {
    const grown = growthOfLevel(level, hashesAt(level, size), added)
    all.push(...grown)
    added = grown
      .filter(({ width, added: more }) => width + more.length === tileWidth)
      .map(({ width, added: more }) => subtreeRoot([...(width === 0 ? [] : rightmost(level)), ...more]))
  }
  return all
}

function growthOfLevel(level: number, before: number, added: readonly Hash[]): TileGrowth[] {
  const grown: TileGrowth[] = []
  for (let done = 0; done < added.length; ) {
    const width = (before + done) % tileWidth
    const more = added.slice(done, done + tileWidth - width)
    grown.push({ level, index: Math.floor((before + done) / tileWidth), width, added: more })
    done += more.length
  }
  return grown
}

function subtreeRoot(hashes: readonly Hash[]): Hash {
  return rootOf(extend(emptyEdge, hashes))
}
