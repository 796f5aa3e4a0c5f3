/** Follows every trail through a log as its entries go by, with two values a trail; a log can be whole and still lose a trail's link. */
import type { EntryProblem } from '#audit/check-log.ts'
import { b64url } from '#audit/digest.ts'
import { genesis } from '#audit/entry.ts'
import { readLeaf } from '#audit/read-leaf.ts'
import { logOf } from '#audit/succession.ts'
import type { Hash } from '#audit/tree.ts'

export interface TrailChains {
  /** What is wrong with the next entry of the log; entries of another form than ours are counted and left alone. */
  readonly next: (leaf: Uint8Array, hash: Hash) => EntryProblem | undefined
  readonly counts: () => { readonly trails: number; readonly ours: number; readonly others: number }
}

/** @param origin of the log; every entry of ours names the log that it stands for, in whichever generation */
export function trailChains(origin: string): TrailChains {
  const { log } = logOf(origin)
  const heads = new Map<string, { readonly n: number; readonly hash: string }>()
  let others = 0
  let ours = 0

  function next(leaf: Uint8Array, hash: Hash): EntryProblem | undefined {
    if (!claimsToBeOurs(leaf)) {
      others += 1
      return undefined
    }
    ours += 1
    const entry = readLeaf(leaf)
    if (entry === undefined) return 'entry-not-canonical'
    if (entry.log !== log) return 'entry-of-another-log'
    const head = heads.get(entry.trail) ?? { n: 0, hash: b64url(genesis(entry.log, entry.trail)) }
    heads.set(entry.trail, { n: entry.n, hash: b64url(hash) })
    if (entry.n !== head.n + 1) return 'number-breaks'
    return entry.prev === head.hash ? undefined : 'chain-breaks'
  }

  return { next, counts: () => ({ trails: heads.size, ours, others }) }
}

const mark = new TextEncoder().encode('"bevis-audit/1"')

/** Whether the bytes name our envelope anywhere: a broken entry of ours must not pass as somebody else's. */
function claimsToBeOurs(leaf: Uint8Array): boolean {
  for (let at = leaf.indexOf(mark[0] as number); at >= 0; at = leaf.indexOf(mark[0] as number, at + 1)) {
    if (mark.every((byte, index) => leaf[at + index] === byte)) return true
  }
  return false
}
