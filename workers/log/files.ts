/** The log as plain files (C2SP tlog-tiles): what any tool can read, mirror and check, and what a lost database is filled from again. */
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseCheckpoint } from '#audit/checkpoint.ts'
import { AuditError } from '#audit/errors.ts'
import { parseNote } from '#audit/note.ts'
import { bundlePath, encodeBundle, newTiles, type TileId, tilePath, tileWidth } from '#audit/tile.ts'
import type { ReadTile } from '#audit/tile-tree.ts'

/** Where files of a log come from. */
export interface LogSource {
  readonly tile: ReadTile
  /** Leaves from one position up to but not including another. */
  readonly leaves: (from: number, to: number) => Promise<readonly Uint8Array[]>
}

export interface LogFiles {
  /** Size of the checkpoint that stands there; 0 where none does. */
  size(): Promise<number>
  /** Writes every tile and bundle a log of `to` leaves has that one of `from` had not. Safe to repeat. */
  grow(from: number, to: number, source: LogSource): Promise<void>
  /** Last: a checkpoint promises that everything under it is there. */
  putCheckpoint(note: string): Promise<void>
}

/** Files under one folder, `checkpoint` and `tile/…`. */
export function logFiles(folder: string): LogFiles {
  return {
    size: async () => {
      const note = await readFile(join(folder, 'checkpoint'), 'utf8').catch(absent)
      return note === undefined ? 0 : sizeIn(note)
    },
    grow: async (from, to, source) => {
      for (const id of newTiles(from, to)) {
        await put(folder, tilePath(id), await source.tile(id))
        if (id.level > 0) continue
        const first = id.index * tileWidth
        await put(
          folder,
          bundlePath(id.index, id.width),
          encodeBundle([...(await source.leaves(first, first + id.width))]),
        )
      }
      // A reader of an older checkpoint finds the whole tile in place of a part (tlog-tiles, partial tiles).
      for (const id of newTiles(from, to).filter(({ width }) => width === tileWidth)) await dropParts(folder, id)
    },
    putCheckpoint: (note) => put(folder, 'checkpoint', note),
  }
}

function sizeIn(note: string): number {
  try {
    return parseCheckpoint(parseNote(note).text).size
  } catch (error) {
    // Written anew from the beginning.
    if (error instanceof AuditError) return 0
    throw error
  }
}

/** Whole or not there: written aside and renamed. Two workers may write the same, and in containers under the same process id. */
async function put(folder: string, path: string, content: Uint8Array | string): Promise<void> {
  const file = join(folder, path)
  const aside = `${file}.${randomUUID()}.new`
  await mkdir(dirname(file), { recursive: true })
  await writeFile(aside, content)
  await rename(aside, file)
}

async function dropParts(folder: string, { level, index }: TileId): Promise<void> {
  const part = (path: string) => join(folder, dirname(path))
  await rm(part(tilePath({ level, index, width: 1 })), { recursive: true, force: true })
  if (level === 0) await rm(part(bundlePath(index, 1)), { recursive: true, force: true })
}

function absent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}
