/** A log as files that never change (C2SP tlog-tiles); without them every proof would be a question only our database can answer. */
import { concat } from '#audit/digest.ts'
import { AuditError } from '#audit/errors.ts'
import { type Hash, hashSize, isCount } from '#audit/tree.ts'

/** 256 hashes make a full tile; one hash of it stands in the tile above. */
export const tileWidth = 256
/** Entry bundles carry lengths in 16 bits. */
const largestEntry = 0xff_ff
/** Where the format ends; a size that numbers can hold needs seven levels. */
const highestLevel = 63

export interface TileId {
  /** 0 holds leaf hashes; each level above one hash for every full tile below. */
  readonly level: number
  readonly index: number
  /** 1 … 256 hashes; fewer than 256 is a partial tile. */
  readonly width: number
}

export type TilePath =
  | { readonly kind: 'tile'; readonly id: TileId }
  | { readonly kind: 'entries'; readonly id: TileId }

/**
 * Path below a log's address: `tile/0/x001/067`, `tile/1/000.p/17`.
 *
 * @throws AuditError `tile-malformed`
 */
export function tilePath({ level, index, width }: TileId): string {
  if (!isCount(level) || level > highestLevel) throw new AuditError('tile-malformed', 'level')
  return `tile/${level}/${placeOf(index, width)}`
}

/**
 * Path of an entry bundle: `tile/entries/000.p/17`.
 *
 * @throws AuditError `tile-malformed`
 */
export function bundlePath(index: number, width: number): string {
  return `tile/entries/${placeOf(index, width)}`
}

/** Groups of three digits, all but the last behind an `x`, so that files and folders never share a name. */
function placeOf(index: number, width: number): string {
  if (!isCount(index)) throw new AuditError('tile-malformed', 'index')
  if (!isCount(width) || width < 1 || width > tileWidth) throw new AuditError('tile-malformed', 'width')
  const groups: string[] = []
  for (let rest = index; groups.length === 0 || rest > 0; rest = Math.floor(rest / 1000)) {
    groups.unshift(String(rest % 1000).padStart(3, '0'))
  }
  const place = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/')
  return width < tileWidth ? `${place}.p/${width}` : place
}

const pathForm = /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/

/** What a path names; undefined for every other text, another spelling of the same tile included. */
export function parseTilePath(text: string): TilePath | undefined {
  const found = pathForm.exec(text)
  if (found === null) return undefined
  const [, level, place, part] = found
  const kind = level === 'entries' ? 'entries' : 'tile'
  const id = {
    level: kind === 'entries' ? 0 : Number(level),
    index: Number(place?.replaceAll(/[x/]/g, '')),
    width: part === undefined ? tileWidth : Number(part),
  }
  if (id.level > highestLevel || id.width > tileWidth || !isCount(id.index)) return undefined
  return (kind === 'entries' ? bundlePath(id.index, id.width) : tilePath(id)) === text ? { kind, id } : undefined
}

/** How many hashes a level has in a tree of `size` leaves. */
export function hashesAt(level: number, size: number): number {
  return Math.floor(size / tileWidth ** level)
}

/**
 * Every tile, full or partial, that a tree gains or widens as it grows, lowest level first; each must exist before a checkpoint of
 * size `to` is published. The level 0 tiles are those of the entry bundles too.
 *
 * @throws AuditError `size-out-of-range`
 */
export function newTiles(from: number, to: number): TileId[] {
  if (!isCount(to) || !isCount(from) || from > to) throw new AuditError('size-out-of-range', 'from')
  const tiles: TileId[] = []
  for (let level = 0; hashesAt(level, to) > 0; level += 1) {
    const before = hashesAt(level, from)
    const after = hashesAt(level, to)
    for (let index = Math.floor(before / tileWidth); before < after && index * tileWidth < after; index += 1) {
      tiles.push({ level, index, width: Math.min(tileWidth, after - index * tileWidth) })
    }
  }
  return tiles
}

/**
 * Bytes of an entry bundle: each entry behind its length in two bytes, high byte first.
 *
 * @throws AuditError `bundle-malformed` with no entries, more than 256, or one longer than 65,535 bytes
 */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length < 1 || entries.length > tileWidth) throw new AuditError('bundle-malformed', 'entries')
  const long = entries.findIndex((entry) => entry.length > largestEntry)
  if (long >= 0) throw new AuditError('bundle-malformed', `entry ${long}`)
  return concat(...entries.flatMap((entry) => [Uint8Array.of(entry.length >>> 8, entry.length & 0xff), entry]))
}

/**
 * Entries of a bundle, as views of its bytes.
 *
 * @throws AuditError `bundle-malformed` when it is cut short, empty, or holds more than 256
 */
export function decodeBundle(bytes: Uint8Array): Uint8Array[] {
  const entries: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    // Half a length, too, ends beyond the bytes.
    const end = at + 2 + (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0))
    if (end > bytes.length || entries.length === tileWidth) {
      throw new AuditError('bundle-malformed', `entry ${entries.length}`)
    }
    entries.push(bytes.subarray(at + 2, end))
    at = end
  }
  if (entries.length === 0) throw new AuditError('bundle-malformed', 'entries')
  return entries
}

/**
 * The hashes of a tile, as views of its bytes.
 *
 * @throws AuditError `tile-malformed` unless it holds exactly as many as its width
 */
export function hashesOf(id: TileId, bytes: Uint8Array): Hash[] {
  if (bytes.length !== id.width * hashSize) throw new AuditError('tile-malformed', tilePath(id))
  return Array.from({ length: id.width }, (_, index) => bytes.subarray(index * hashSize, (index + 1) * hashSize))
}
