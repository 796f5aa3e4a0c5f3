/** A log against the one it followed: which of the old entries stand where they stood; without it "the rest was lost" would be anybody's word. */
import type { ReadFile } from '#audit/check-log.ts'
import type { Checkpoint } from '#audit/checkpoint.ts'
import { sameBytes, utf8 } from '#audit/digest.ts'
import { type Succession, succeededType, successionIn } from '#audit/succession.ts'
import { hashesOf, type TileId, tilePath, tileWidth } from '#audit/tile.ts'
import { emptyEdge, extend, type Hash, hashSize, rootOf } from '#audit/tree.ts'

export interface SuccessionSeeker {
  /** Is shown every entry of the log in turn. */
  readonly next: (leaf: Uint8Array) => void
  /** What the log says of those before it, with the index of the entry that says so. */
  readonly found: () => readonly (Succession & { readonly index: number })[]
}

const mark = Buffer.from(utf8(`"${succeededType}"`))

export function seekSuccessions(): SuccessionSeeker {
  const found: (Succession & { readonly index: number })[] = []
  let index = -1
  return {
    next: (leaf) => {
      index += 1
      const isOne = Buffer.from(leaf.buffer, leaf.byteOffset, leaf.length).includes(mark)
      const said = isOne ? successionIn(leaf) : undefined
      if (said !== undefined) found.push({ ...said, index })
    },
    found: () => found,
  }
}

export interface Compared {
  /** Whether the old log's published hashes make the root it signed. */
  readonly isWhole: boolean
  /** Old entries that do not stand in the new log at their places; of a log that is not whole, up to where it ends. */
  readonly lost: number
  /** Index of the first of them. */
  readonly first: number | undefined
}

/** Entry by entry, by the hashes that both publish; `check-log.ts` tells whether the new one's are true. */
export async function compareWithBefore(
  [readOld, readNew]: readonly [ReadFile, ReadFile],
  { before, size }: { readonly before: Checkpoint; readonly size: number },
): Promise<Compared> {
  let edge = emptyEdge
  let isWhole = true
  let lost = 0
  let first: number | undefined
  for (let index = 0; index * tileWidth < before.size; index += 1) {
    const at = index * tileWidth
    const old = await hashesIn(readOld, index, Math.min(tileWidth, before.size - at))
    const now = await hashesIn(readNew, index, Math.max(0, Math.min(tileWidth, size - at)))
    if (old.length < Math.min(tileWidth, before.size - at)) {
      // What cannot be had compares with nothing, and its checkpoint may claim any size.
      isWhole = false
      break
    }
    edge = extend(edge, old)
    for (const [offset, hash] of old.entries()) {
      const here = now[offset]
      if (here !== undefined && sameBytes(here, hash)) continue
      lost += 1
      first ??= at + offset
    }
  }
  return { isWhole: isWhole && sameBytes(rootOf(edge), before.root), lost, first }
}

/** Of a tile of entries' hashes; a part may have given way to the whole. Empty where it cannot be had. */
async function hashesIn(read: ReadFile, index: number, width: number): Promise<Hash[]> {
  if (width === 0) return []
  const id: TileId = { level: 0, index, width }
  const bytes = (await read(tilePath(id))) ?? (await read(tilePath({ ...id, width: tileWidth })))
  if (bytes === undefined || bytes.length < width * hashSize) return []
  return hashesOf(id, bytes.subarray(0, width * hashSize))
}
