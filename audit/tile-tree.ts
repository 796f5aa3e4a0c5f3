/** Roots and proofs from tiles; without it a proof would need every leaf of the log (C2SP tlog-tiles, RFC 9162 §2.1). */
import { AuditError } from '#audit/errors.ts'
import { hashesAt, hashesOf, type TileId, tileWidth } from '#audit/tile.ts'
import {
  consistencyRanges,
  type Edge,
  type Hash,
  inclusionRanges,
  isCount,
  nodeHash,
  type Range,
  rootOfSubtrees,
  subtreesOf,
} from '#audit/tree.ts'

/** The bytes of a tile: `32 × width`, cut from a wider one where only that is kept. */
export type ReadTile = (id: TileId) => Promise<Uint8Array>

export interface TileTree {
  root(size: number): Promise<Hash>
  /** RFC 9162 §2.1.3.1: from the leaf's sibling up. */
  inclusion(index: number, size: number): Promise<Hash[]>
  /** RFC 9162 §2.1.4.1; empty from size 0 and between equal sizes. */
  consistency(from: number, to: number): Promise<Hash[]>
  edge(size: number): Promise<Edge>
}

interface Tile {
  /** Its hashes, and above them the inner nodes, filled as they are asked for. */
  readonly levels: (Hash | undefined)[][]
}

const levelsInTile = 8

/**
 * A tree over tiles, which it keeps for its own life, so many proofs against one size cost little more than one. Sizes and indexes
 * beyond the tree are refused with AuditError `size-out-of-range` or `index-out-of-range`, a tile that does not fit with
 * `tile-malformed`. What the tiles say is believed: verify a proof against a checkpoint before you trust it.
 */
export function tileTree(read: ReadTile): TileTree {
  const tiles = new Map<string, { width: number; tile: Promise<Tile> }>()
  const ragged = new Map<string, Hash>()

  function tileOf(id: TileId): Promise<Tile> {
    const key = `${id.level}/${id.index}`
    const known = tiles.get(key)
    if (known !== undefined && known.width >= id.width) return known.tile
    const tile = read(id).then((bytes) => ({ levels: [hashesOf(id, bytes)] }))
    tiles.set(key, { width: id.width, tile })
    return tile.catch((error: unknown) => {
      tiles.delete(key)
      throw error
    })
  }

  /** Hash of a complete subtree, in a tree of `size` leaves. */
  async function subtree(range: Range, size: number): Promise<Hash> {
    const height = Math.round(Math.log2(range.size))
    const level = Math.floor(height / levelsInTile)
    const first = range.start / tileWidth ** level
    const index = Math.floor(first / tileWidth)
    const width = Math.min(tileWidth, hashesAt(level, size) - index * tileWidth)
    const within = height % levelsInTile
    const { levels } = await tileOf({ level, index, width })
    return nodeIn(levels, within, (first % tileWidth) / 2 ** within)
  }

  const subtrees = (range: Range, size: number): Promise<Hash[]> =>
    Promise.all(subtreesOf(range).map((complete) => subtree(complete, size)))

  /** Hash of any range a proof names; what is not complete ends at the tree's edge and recurs in many proofs. */
  async function hashOf(range: Range, size: number): Promise<Hash> {
    const key = `${range.start}+${range.size}`
    const known = ragged.get(key)
    if (known !== undefined) return known
    const hashes = await subtrees(range, size)
    const hash = rootOfSubtrees(hashes)
    if (hashes.length > 1) ragged.set(key, hash)
    return hash
  }

  const hashesOfAll = (ranges: readonly Range[], size: number): Promise<Hash[]> =>
    Promise.all(ranges.map((range) => hashOf(range, size)))

  return {
    root: async (size) => hashOf(wholeOf(size), size),
    inclusion: async (index, size) => hashesOfAll(inclusionRanges(index, size), size),
    consistency: async (from, to) => hashesOfAll(consistencyRanges(from, to), to),
    edge: async (size) => ({ size, hashes: await subtrees(wholeOf(size), size) }),
  }
}

function wholeOf(size: number): Range {
  if (!isCount(size)) throw new AuditError('size-out-of-range', 'size')
  return { start: 0, size }
}

function nodeIn(levels: (Hash | undefined)[][], height: number, index: number): Hash {
  const level = (levels[height] ??= [])
  return (level[index] ??= nodeHash(nodeIn(levels, height - 1, 2 * index), nodeIn(levels, height - 1, 2 * index + 1)))
}
