/**
 * A copy of a published log that only ever grows: entries are copied, the tree over them is computed here. Without one the only copy of
 * a log would lie with whoever has most to gain from another (audit-log §11, B10).
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ReadFile } from '#audit/check-log.ts'
import type { Checkpoint } from '#audit/checkpoint.ts'
import { concat, sameBytes } from '#audit/digest.ts'
import { AuditError } from '#audit/errors.ts'
import type { Policy } from '#audit/policy.ts'
import { consistencyProblem } from '#audit/proof.ts'
import { decodeBundle, encodeBundle, hashesOf, type TileId, tileWidth } from '#audit/tile.ts'
import { type ReadTile, tileTree } from '#audit/tile-tree.ts'
import { type Edge, emptyEdge, emptyRoot, extend, type Hash, leafHash, rootOf } from '#audit/tree.ts'
import { logFiles } from '#workers/log/files.ts'
import { CliError, usage } from './cli-error.ts'
import { believedCheckpoint, bundleIn, checkpointIn, openLog, readNote, tilesIn } from './log-source.ts'
import type { Progress } from './progress.ts'

export interface Mirrored {
  readonly checkpoint: Checkpoint
  /** Entries that came now; 0 where the copy was as new, or newer. */
  readonly came: number
  /** The address shows an older checkpoint than the copy has, of the same log: a cache, or a server that lags. */
  readonly lags: boolean
}

export interface MirrorOptions {
  readonly read: ReadFile
  readonly folder: string
  readonly policy: Policy
  /** Told how many entries will come. */
  readonly progress: (entries: number) => Pick<Progress, 'step' | 'end'>
}

/**
 * Brings the copy in `folder` up to what is published, or leaves it as it was. Its checkpoint is the last thing written, so a copy that
 * was interrupted is an older one.
 *
 * @throws CliError, exit 3: `log/not-believed` by the policy; `log/forked` where the log tells another history than the copy holds, and
 * then its note is kept beside ours as `checkpoint.refused`; `log/entries-differ` where what is served does not make the root that was
 * signed; `log/copy-damaged` where ours does not
 */
export async function mirror(options: MirrorOptions): Promise<Mirrored> {
  const { read, folder, policy } = options
  const note = await readNote(read)
  const checkpoint = believedCheckpoint(note, policy)
  const copy = await openCopy(folder)
  if (copy.held !== undefined && copy.held.origin !== checkpoint.origin)
    throw usage('folder', `the folder holds ${copy.held.origin}, not ${checkpoint.origin}`, mends.folder)
  const size = copy.held?.size ?? 0
  if (checkpoint.size <= size) {
    await demandSame(copy, { folder, note, checkpoint })
    return { checkpoint: copy.held ?? checkpoint, came: 0, lags: checkpoint.size < size }
  }
  await mkdir(folder, { recursive: true })
  await dropLeftovers(folder)
  const coming = await mkdtemp(join(folder, '.coming-'))
  try {
    const fits = await take(options, { copy, coming, to: checkpoint.size })
    if (fits === undefined || !sameBytes(fits, checkpoint.root)) throw await whyNot(options, { copy, note, checkpoint })
    const files = logFiles(folder)
    await files.grow(size, checkpoint.size, { tile: computed(folder, coming), leaves: leavesIn(coming) })
    await files.putCheckpoint(note)
  } finally {
    await rm(coming, { recursive: true, force: true })
  }
  return { checkpoint, came: checkpoint.size - size, lags: false }
}

/** Of a copy that was killed on its way. */
async function dropLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith('.coming-')) await rm(join(folder, name), { recursive: true, force: true })
  }
}

interface Copy {
  /** Its checkpoint; undefined where there is none yet. */
  readonly held: Checkpoint | undefined
  /** Of what it holds. */
  readonly tree: ReturnType<typeof tileTree>
}

async function openCopy(folder: string): Promise<Copy> {
  const read = openLog({ dir: folder })
  const tree = tileTree(tilesIn(read))
  if ((await read('checkpoint')) === undefined) return { held: undefined, tree }
  const held = checkpointIn(await readNote(read))
  const root = held.size === 0 ? emptyRoot : await tree.root(held.size).catch(misfit)
  if (root === undefined || !sameBytes(root, held.root))
    throw refused('copy-damaged', 'what lies in the folder does not make the root of its checkpoint', mends.copy)
  return { held, tree }
}

interface Shown {
  readonly note: string
  readonly checkpoint: Checkpoint
}

/** What is shown is no longer than the copy: then it must be the beginning of it. */
async function demandSame(
  copy: Copy,
  { folder, note, checkpoint }: Shown & { readonly folder: string },
): Promise<void> {
  const { held, tree } = copy
  if (held === undefined || checkpoint.size === 0) return
  const proof = await tree.consistency(checkpoint.size, held.size)
  if (isBeginning([checkpoint, held], proof)) return
  throw await forked(folder, note)
}

function isBeginning([one, other]: readonly [Checkpoint, Checkpoint], proof: readonly Hash[]): boolean {
  const claim = { size1: one.size, root1: one.root, size2: other.size, root2: other.root, proof }
  return consistencyProblem(claim) === undefined
}

/** Copies the bundles that are new, and answers the root they make; undefined where they do not go on from what the copy holds. */
async function take(
  { read, progress }: MirrorOptions,
  { copy, coming, to }: { readonly copy: Copy; readonly coming: string; readonly to: number },
): Promise<Hash | undefined> {
  const from = copy.held?.size ?? 0
  const line = progress(to - from)
  const whole = Math.floor(from / tileWidth) * tileWidth
  // From the last whole tile on, so that what the last bundle held before is computed again too.
  let edge: Edge = whole === 0 ? emptyEdge : await copy.tree.edge(whole)
  // One after the other: a log may sign any size, and a list of all its tiles would be as long.
  for (let index = whole / tileWidth; index * tileWidth < to; index += 1) {
    const width = Math.min(tileWidth, to - index * tileWidth)
    const entries = await bundleIn(read, index, width)
    if (entries === undefined) return undefined
    const hashes = entries.map(leafHash)
    const known = from - index * tileWidth
    if (known > 0 && !sameBytes(rootOf(extend(edge, hashes.slice(0, known))), copy.held?.root ?? emptyRoot))
      return undefined
    edge = extend(edge, hashes)
    await writeFile(join(coming, String(index)), encodeBundle(entries))
    line.step(width - Math.max(0, known))
  }
  line.end()
  return rootOf(edge)
}

function misfit(error: unknown): undefined {
  if (error instanceof AuditError) return undefined
  throw error
}

/** By whose fault what is served does not go on from the copy to what was signed: a log's that forks, or a server's. */
async function whyNot({ read, folder }: MirrorOptions, { copy, note, checkpoint }: Shown & { readonly copy: Copy }) {
  const { held } = copy
  const served = tileTree(tilesIn(read))
  const isOne =
    held === undefined ||
    held.size === 0 ||
    (await served
      .consistency(held.size, checkpoint.size)
      .then((proof) => isBeginning([held, checkpoint], proof), misfit))
  if (isOne !== true) return forked(folder, note)
  return refused('entries-differ', 'the entries that are served do not make the root that was signed', mends.entries)
}

/** Two notes by one key that contradict each other are the proof of it, so both are kept. */
async function forked(folder: string, note: string): Promise<CliError> {
  await writeFile(join(folder, 'checkpoint.refused'), note)
  return refused('forked', 'the log now tells another history than the one this copy holds', mends.forked)
}

/** Hashes of what came, and above them of the tiles that were written just before. */
function computed(folder: string, coming: string): ReadTile {
  const here = tilesIn(openLog({ dir: folder }))
  return async ({ level, index, width }: TileId) => {
    if (level === 0) return concat(...(await entriesIn(coming, index)).map(leafHash))
    const roots: Hash[] = []
    for (let child = 0; child < width; child += 1) {
      const below = { level: level - 1, index: index * tileWidth + child, width: tileWidth }
      roots.push(rootOf(extend(emptyEdge, hashesOf(below, await here(below)))))
    }
    return concat(...roots)
  }
}

const leavesIn = (coming: string) => (from: number) => entriesIn(coming, from / tileWidth)

async function entriesIn(coming: string, index: number): Promise<Uint8Array[]> {
  return decodeBundle(await readFile(join(coming, String(index))))
}

const mends = {
  folder: 'each log, and each that follows another, has a folder of its own',
  copy: 'bevis log fsck --dir <folder> tells what differs; take the copy anew in an empty folder and keep this one',
  forked:
    'keep <folder>/checkpoint and <folder>/checkpoint.refused: together they prove it; tell the institution and its witnesses',
  entries: 'bevis log fsck --url <address> tells what differs; the copy is as it was, so try again later',
} as const

function refused(code: 'forked' | 'entries-differ' | 'copy-damaged', what: string, mend: string) {
  return new CliError({ exit: 'verification-failed', code: `log/${code}`, what, mend })
}
