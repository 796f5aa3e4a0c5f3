/** A tiled log as a folder of files, as any log would publish it. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { checkpointText } from '#audit/checkpoint.ts'
import { signNote } from '#audit/note.ts'
import type { NoteSigner } from '#audit/note-key.ts'
import { bundlePath, encodeBundle, newTiles, tileWidth } from '#audit/tile.ts'
import { leafHash } from '#audit/tree.ts'
import { mth } from './naive.ts'
import { tilesOf } from './tiles.ts'

export function writeLog(folder: string, entries: readonly Uint8Array[], signer: NoteSigner): void {
  const put = (path: string, bytes: Uint8Array | string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), bytes)
  }
  const hashes = entries.map(leafHash)
  for (const [path, bytes] of tilesOf(hashes)) put(path, bytes)
  for (const { level, index, width } of newTiles(0, entries.length)) {
    const some = entries.slice(index * tileWidth, index * tileWidth + width)
    if (level === 0) put(bundlePath(index, width), encodeBundle(some))
  }
  const text = checkpointText({ origin: signer.name, size: entries.length, root: mth(hashes), extensions: [] })
  put('checkpoint', signNote(text, [signer]))
}
