/** The newest manifest of trail heads, computed again from a log's published entries; without it only the institution could tell whether it is true. */
import type { ReadFile } from '#audit/check-log.ts'
import { utf8 } from '#audit/digest.ts'
import { parseLeaf } from '#audit/entry.ts'
import { type HeadsManifest, type HeadsProblem, manifestProblem } from '#audit/heads.ts'
import { logOf } from '#audit/succession.ts'
import { tileWidth } from '#audit/tile.ts'
import { bundleIn } from './log-source.ts'

export interface ManifestSeeker {
  /** Is shown every entry of the log in turn. */
  readonly next: (leaf: Uint8Array) => void
  /** The last one that was shown, and its index. */
  readonly found: () => { readonly manifest: HeadsManifest; readonly index: number } | undefined
}

const mark = Buffer.from(utf8('"log.heads/1"'))

export function seekManifest(): ManifestSeeker {
  let index = -1
  let found: ReturnType<ManifestSeeker['found']>
  return {
    next: (leaf) => {
      index += 1
      const manifest = Buffer.from(leaf.buffer, leaf.byteOffset, leaf.length).includes(mark)
        ? manifestIn(leaf)
        : undefined
      if (manifest !== undefined) found = { manifest, index }
    },
    found: () => found,
  }
}

function manifestIn(leaf: Uint8Array): HeadsManifest | undefined {
  try {
    const { type, data } = parseLeaf(leaf)
    const [asOfSize, mapRoot, trails] = [data?.['asOfSize'], data?.['mapRoot'], data?.['trails']]
    const isOne = type === 'log.heads/1' && typeof mapRoot === 'string'
    return isOne ? { asOfSize: Number(asOfSize), mapRoot, trails: Number(trails) } : undefined
  } catch {
    return undefined
  }
}

/** Reads the log's first entries once more; `size` is the checkpoint's. */
export function judgeManifest(
  read: ReadFile,
  { origin, size }: { readonly origin: string; readonly size: number },
  manifest: HeadsManifest,
): Promise<HeadsProblem | undefined> {
  return manifestProblem(logOf(origin).log, manifest, leavesOf(read, size))
}

/** Entries in order, up to the first bundle that cannot be had. */
async function* leavesOf(read: ReadFile, size: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index * tileWidth < size; index += 1) {
    const width = Math.min(tileWidth, size - index * tileWidth)
    const leaves = await bundleIn(read, index, width)
    if (leaves === undefined) return
    yield* leaves
  }
}
