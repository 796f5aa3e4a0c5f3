/** Entries per second that a whole log is read and computed anew with, beside SHA-256 alone over the same bytes; and that memory stays flat. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { checkpointText } from '#audit/checkpoint.ts'
import { concat, utf8 } from '#audit/digest.ts'
import { signNote } from '#audit/note.ts'
import { ed25519Signer } from '#audit/note-key.ts'
import { bundlePath, encodeBundle, newTiles, tilePath, tileWidth } from '#audit/tile.ts'
import { emptyEdge, extend, type Hash, leafHash, rootOf } from '#audit/tree.ts'
import { root } from '#dev/stack-state.ts'
import { type Bench, type Figure, interleaved, rate } from '../figure.ts'
import { compared, listed, type Row } from '../results.ts'

/** As long as our entries are. */
const entryBytes = 600
const fewer = 4
const signer = ed25519Signer('bench.example/log', new Uint8Array(32).fill(1))

export const wholeLog: Figure = {
  name: 'whole-log',
  title: 'entries/s of a whole log read and computed anew, beside SHA-256 alone, and the memory it takes',
  measure: async ({ sizes, say }: Bench): Promise<readonly Row[]> => {
    const size = sizes.full ? 1_000_000 : 200_000
    const folder = mkdtempSync(join(tmpdir(), 'bevis-whole-log-'))
    try {
      say(`  writing a log of ${size} entries`)
      writeLog(join(folder, 'log'), size)
      writeLog(join(folder, 'small'), size / fewer)
      const found = await interleaved(sizes.runs, {
        small: async () => readAnew(join(folder, 'small'), size / fewer),
        whole: async () => readAnew(join(folder, 'log'), size),
        hashes: async () => ({ perSecond: hashesAlone(size), megabytes: 0 }),
      })
      const pace = (runs: readonly Reading[]) => runs.map(({ perSecond }) => perSecond)
      const memory = (runs: readonly Reading[]) => runs.map(({ megabytes }) => megabytes)
      return [
        compared({
          figure: `whole-log: ${size} entries read and computed anew`,
          unit: 'entries/s',
          beside: 'SHA-256 of every leaf and node, nothing else',
          ours: pace(found.whole),
          theirs: pace(found.hashes),
        }),
        listed(`whole-log: most memory, ${size} entries`, 'MB', memory(found.whole)),
        listed(`whole-log: most memory, ${size / fewer} entries`, 'MB', memory(found.small)),
      ]
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

interface Reading {
  readonly perSecond: number
  /** The most memory the process ever had. */
  readonly megabytes: number
}

/** `bevis log fsck`, start and end of the process included. */
function readAnew(folder: string, size: number): Reading {
  const command = ['--import', join(root, 'bench/floors/tell-memory.ts'), join(root, 'cli/main.ts'), 'log', 'fsck']
  const began = performance.now()
  const { status, stdout, stderr } = spawnSync(process.execPath, [...command, '--dir', folder, '--json'], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`the log is not whole: ${stdout}${stderr}`)
  return {
    perSecond: rate(size, began, performance.now()),
    megabytes: Number(stderr.trim().split('\n').at(-1)) / 1_000,
  }
}

function hashesAlone(size: number): number {
  const script = join(root, 'bench/floors/hash.ts')
  return Number(spawnSync(process.execPath, [script, String(size), String(entryBytes)], { encoding: 'utf8' }).stdout)
}

function entryOf(index: number): Uint8Array {
  const entry = new Uint8Array(entryBytes)
  new DataView(entry.buffer).setBigUint64(0, BigInt(index))
  return entry
}

/** A tiled log as files, bundle by bundle. */
function writeLog(folder: string, size: number): void {
  const levels: Hash[][] = [[]]
  const put = (path: string, bytes: Uint8Array) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), bytes)
  }
  for (let first = 0; first < size; first += tileWidth) {
    const entries = Array.from({ length: Math.min(tileWidth, size - first) }, (_, at) => entryOf(first + at))
    put(bundlePath(first / tileWidth, entries.length), encodeBundle(entries))
    levels[0]?.push(...entries.map(leafHash))
  }
  for (const { level, index, width } of newTiles(0, size)) {
    const hashes = (levels[level] ?? []).slice(index * tileWidth, index * tileWidth + width)
    put(tilePath({ level, index, width }), concat(...hashes))
    if (width === tileWidth) (levels[level + 1] ??= []).push(rootOf(extend(emptyEdge, hashes)))
  }
  const text = checkpointText({
    origin: signer.name,
    size,
    root: rootOf(extend(emptyEdge, levels[0] ?? [])),
    extensions: [],
  })
  put('checkpoint', utf8(signNote(text, [signer])))
}
