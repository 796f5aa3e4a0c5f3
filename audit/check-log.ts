/** Reads a whole tiled log and computes everything anew; without it a log would be believed because it answers (audit-log §9.3). */
import { sameBytes } from '#audit/digest.ts'
import { AuditError } from '#audit/errors.ts'
import { bundlePath, decodeBundle, tilePath, tileWidth } from '#audit/tile.ts'
import { emptyEdge, extend, type Hash, hashSize, leafHash, rootOfSubtrees } from '#audit/tree.ts'

/** Bytes of a file of the log; undefined where there is none. */
export type ReadFile = (path: string) => Promise<Uint8Array | undefined>

/** What a reader of entries finds wrong with one (audit/trail-chains.ts). */
export type EntryProblem = 'entry-not-canonical' | 'entry-of-another-log' | 'number-breaks' | 'chain-breaks'

export interface LogFinding {
  readonly code:
    | 'missing'
    | 'malformed'
    | 'hash-differs'
    | 'root-differs'
    | 'root-unknown'
    /** The rest was not read. */
    | 'given-up'
    | EntryProblem
  /** Path of the file below the log's address. */
  readonly path: string
  /** Index of the entry in the log, or of the hash in its tile, where the finding is about one. */
  readonly at?: number
}

export interface LogCheck {
  readonly read: ReadFile
  /** Of the checkpoint, as the root is. */
  readonly size: number
  readonly root: Hash
  /** Everything found, in the order of the log. */
  readonly tell: (finding: LogFinding) => void
  /** Is given every entry in turn, with its leaf hash. */
  readonly onEntry?: (entry: Uint8Array, hash: Hash) => EntryProblem | undefined
  /** So many entries more are done. */
  readonly onProgress?: (entries: number) => void
}

/** Undefined where neither the entry nor its tile tells. */
type Known = Hash | undefined

/** The tile of a level that is not full yet, and how many were full before it. */
interface Level {
  pending: Known[]
  full: number
}

/** Bundles read ahead: enough to hide a network's delays, few enough to keep memory flat. */
const ahead = 8

/** After so many findings nothing is read any more: a checkpoint may claim any size, and each file that is not there is one. */
const mostFindings = 10_000

/**
 * Checks a log from its first entry to its root: every entry against its hash, every tile of every level against what lies below
 * it, the root against the checkpoint's. Where an entry cannot be had its stored hash stands in, so that the rest can be judged; after
 * ten thousand findings it gives up.
 */
export async function checkLog(asked: LogCheck): Promise<void> {
  const levels: Level[] = []
  let found = 0
  const tell: LogCheck['tell'] = (finding) => {
    found += 1
    asked.tell(finding)
  }
  const check = { ...asked, tell }
  for await (const files of inOrder(Math.ceil(check.size / tileWidth), (index) => readBoth(check, index))) {
    if (found >= mostFindings) {
      tell({ code: 'given-up', path: files.bundle.path })
      return
    }
    await climb(check, levels, 0, leafHashes(check, files))
    check.onProgress?.(files.width)
  }
  for (const [level, last] of levels.entries()) {
    if (level > 0 && last.pending.length > 0) levels[level] = { ...last, pending: await checkTile(check, level, last) }
  }
  const root = rootOfLevels(levels)
  if (root === undefined) check.tell({ code: 'root-unknown', path: 'checkpoint' })
  else if (!sameBytes(root, check.root)) check.tell({ code: 'root-differs', path: 'checkpoint' })
}

/** A file as it should be, and its bytes if it is there. */
interface File {
  readonly path: string
  /** Hashes or entries it must hold. */
  readonly width: number
  readonly bytes: Uint8Array | undefined
}

/** A level 0 tile and the entries it is of. */
interface Files {
  readonly index: number
  readonly width: number
  readonly bundle: File
  readonly tile: File
}

async function readBoth(check: LogCheck, index: number): Promise<Files> {
  const width = Math.min(tileWidth, check.size - index * tileWidth)
  const [bundle, tile] = await Promise.all([
    readFile(check, (wide) => bundlePath(index, wide), width),
    readFile(check, (wide) => tilePath({ level: 0, index, width: wide }), width),
  ])
  return { index, width, bundle, tile }
}

/** A log may drop a partial tile once it has the full one. */
async function readFile({ read }: LogCheck, pathOf: (width: number) => string, width: number): Promise<File> {
  const bytes = await read(pathOf(width))
  const full = bytes === undefined && width < tileWidth ? await read(pathOf(tileWidth)) : undefined
  if (full !== undefined) return { path: pathOf(tileWidth), width: tileWidth, bytes: full }
  return { path: pathOf(width), width, bytes }
}

/** Leaf hashes of a bundle's entries, held against the tile's. */
function leafHashes(check: LogCheck, { index, width, bundle, tile }: Files): Known[] {
  const entries = contentOf(check, bundle, decodeBundle)?.slice(0, width)
  const hashes = entries?.map((entry, at) => {
    const hash = leafHash(entry)
    const code = check.onEntry?.(entry, hash)
    if (code !== undefined) check.tell({ code, path: bundle.path, at: index * tileWidth + at })
    return hash
  })
  return reconciled(check, tile, hashes ?? unknown(width))
}

/** What a file holds, where it is there and holds what it must. */
function contentOf<T>(check: LogCheck, file: File, decode: (bytes: Uint8Array) => T[]): T[] | undefined {
  const { path, width, bytes } = file
  if (bytes === undefined) {
    check.tell({ code: 'missing', path })
    return undefined
  }
  const content = readable(() => decode(bytes))
  if (content?.length === width) return content
  check.tell({ code: 'malformed', path })
  return undefined
}

function readable<T>(decode: () => T): T | undefined {
  try {
    return decode()
  } catch (error) {
    if (error instanceof AuditError) return undefined
    throw error
  }
}

/** Computed hashes against those a tile holds; the tile fills in for what could not be computed. */
function reconciled(check: LogCheck, file: File, computed: readonly Known[]): Known[] {
  const stored = contentOf(check, file, hashesIn)
  return computed.map((hash, at) => {
    const other = stored?.[at]
    if (hash !== undefined && other !== undefined && !sameBytes(hash, other)) {
      check.tell({ code: 'hash-differs', path: file.path, at })
    }
    return hash ?? other
  })
}

function hashesIn(bytes: Uint8Array): Hash[] {
  if (bytes.length % hashSize !== 0) throw new AuditError('tile-malformed', 'length')
  const count = bytes.length / hashSize
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * hashSize, (at + 1) * hashSize))
}

function unknown(width: number): Known[] {
  return Array.from({ length: width }, () => undefined)
}

/** Takes the hashes of a level 0 tile up: a full tile is one hash of the level above, which may fill that one's tile. */
async function climb(check: LogCheck, levels: Level[], level: number, hashes: readonly Known[]): Promise<void> {
  const here = (levels[level] ??= { pending: [], full: 0 })
  here.pending.push(...hashes)
  if (here.pending.length < tileWidth) return
  const tile = level === 0 ? here.pending : await checkTile(check, level, here)
  levels[level] = { pending: [], full: here.full + 1 }
  await climb(check, levels, level + 1, [edgeOf(tile)?.[0]])
}

async function checkTile(check: LogCheck, level: number, { pending, full }: Level): Promise<Known[]> {
  const file = await readFile(check, (width) => tilePath({ level, index: full, width }), pending.length)
  return reconciled(check, file, pending)
}

/** The complete subtrees of the tree are those of its levels' last tiles, the highest level first. */
function rootOfLevels(levels: readonly Level[]): Known {
  const edges = levels.toReversed().map(({ pending }) => edgeOf(pending))
  return edges.every((edge) => edge !== undefined) ? rootOfSubtrees(edges.flat()) : undefined
}

function edgeOf(hashes: readonly Known[]): readonly Hash[] | undefined {
  return hashes.every((hash) => hash !== undefined) ? extend(emptyEdge, hashes).hashes : undefined
}

/** Starts a few reads before their turn; what they find is told in order all the same. */
async function* inOrder<T>(count: number, start: (index: number) => Promise<T>): AsyncGenerator<T> {
  const begun: Promise<T>[] = []
  for (let index = 0; index < count || begun.length > 0; ) {
    if (index < count && begun.length < ahead) {
      const next = start(index)
      // Whoever waits for an earlier one hears of that one's failure; this one's must not end the process.
      next.catch(() => undefined)
      begun.push(next)
      index += 1
    } else {
      yield (await begun.shift()) as T
    }
  }
}
