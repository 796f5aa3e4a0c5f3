/**
 * Where every trail of a log stood at one size of it, under one hash. Without it a trail whose last entries were taken away would look
 * like a shorter trail, and nobody could show that a trail does not exist (audit-log §7.1).
 *
 * The map is an RFC 6962 tree over one leaf for each trail, in byte order of the trails' keys. It follows from the log's first entries
 * alone, so that whoever mirrors the log can compute it again. That a trail is absent is shown by two neighbours between which it would
 * stand; this holds as far as the leaves are in order, which only such a computation shows.
 */
import { b64url, fromB64url, sha256, utf8 } from '#audit/digest.ts'
import { AuditError } from '#audit/errors.ts'
import { inclusionProblem } from '#audit/proof.ts'
import { readLeaf } from '#audit/read-leaf.ts'
import { digest, positive } from '#audit/shape.ts'
import { emptyRoot, type Hash, isCount, leafHash, nodeHash } from '#audit/tree.ts'

/** The last entry a trail had: its number and its leaf hash. */
export interface TrailEnd {
  readonly trail: string
  readonly n: number
  readonly head: Hash
}

/** A leaf of the map and its way to the root; hashes in base64url. */
export interface HeadProof {
  readonly index: number
  readonly key: string
  readonly n: number
  readonly head: string
  /** Sibling hashes from the leaf up (RFC 9162 §2.1.3). */
  readonly path: readonly string[]
}

/** Neighbours between which a trail would stand; one of them where it would be the first or the last, none in an empty map. */
export interface Neighbours {
  readonly before?: HeadProof
  readonly after?: HeadProof
}

export type HeadsAnswer =
  | { readonly kind: 'there'; readonly proof: HeadProof }
  | ({ readonly kind: 'absent' } & Neighbours)

/** What a manifest states, beside the log it speaks of: `trails` and `mapRoot` of a `log.heads/1` entry. */
export interface HeadsMap {
  readonly log: string
  readonly size: number
  /** base64url. */
  readonly root: string
}

/** Data of a `log.heads/1` entry. */
export interface HeadsManifest {
  /** The log's first so many entries. */
  readonly asOfSize: number
  readonly mapRoot: string
  readonly trails: number
}

export interface HeadsBuilder {
  /** @throws AuditError `heads-unordered` when a trail comes twice or out of the order of keys */
  add(end: TrailEnd): void
  finish(): HeadsMap & { readonly answers: ReadonlyMap<string, HeadsAnswer> }
}

export type HeadsProblem =
  /** No proof by its shape. */
  | 'proof-malformed'
  /** The proof is another trail's. */
  | 'other-trail'
  /** The map says another number or another last entry. */
  | 'other-head'
  /** The path does not lead to the root. */
  | 'not-in-map'
  /** The neighbours do not stand side by side around the trail. */
  | 'not-adjacent'
  /** The log's entries give another map. */
  | 'map-differs'
  /** The log has fewer entries than the manifest speaks of. */
  | 'log-too-short'
  /** A leaf is no entry, or follows no entry of its trail. */
  | 'log-broken'

/** Name of a trail in the map: random to whoever does not know the trail, so that neighbours in a proof give nothing away; 32 bytes. */
export function trailKey(log: string, trail: string): Hash {
  return sha256(`bevis-audit/1 trail key\n${log}\n${trail}`)
}

/** RFC 6962 leaf hash of a trail's line in the map. */
function lineHash(log: string, { key, n, head }: Pick<HeadProof, 'key' | 'n' | 'head'>): Hash {
  return leafHash(utf8(`bevis-audit/1 trail head\n${log}\n${key}\n${n}\n${head}\n`))
}

/** Order of two hashes by their bytes, as a database sorts them. */
function byBytes(a: Hash, b: Hash): number {
  const at = a.findIndex((byte, index) => byte !== b[index])
  return (a[at] ?? 0) - (b[at] ?? 0)
}

/** The ends in the order the map takes them. */
export function inKeyOrder(log: string, ends: Iterable<TrailEnd>): TrailEnd[] {
  return [...ends]
    .map((end) => ({ end, key: trailKey(log, end.trail) }))
    .toSorted((a, b) => byBytes(a.key, b.key))
    .map(({ end }) => end)
}

/** A leaf whose way to the root is wanted. */
interface Traced {
  readonly index: number
  readonly line: Pick<HeadProof, 'key' | 'n' | 'head'>
  readonly path: Hash[]
}

/** A complete subtree, and whose ways lead through it. */
interface Subtree {
  readonly size: number
  readonly hash: Hash
  readonly traced: readonly Traced[]
}

interface Held {
  readonly key: Hash
  readonly leaf: Traced
  wanted: boolean
}

interface Found {
  readonly at?: Held
  readonly before?: Held | undefined
  readonly after?: Held | undefined
}

/**
 * Builds the map of a log from its trails' ends, given in the order of `inKeyOrder`, and with it the proof of each wanted trail. Holds
 * the right edge of the tree and the wanted proofs, however many trails pass by.
 *
 * @throws AuditError `heads-unordered`
 */
export function headsMap(log: string, wanted: readonly string[] = []): HeadsBuilder {
  const asked = [...new Set(wanted)]
    .map((trail) => ({ trail, key: trailKey(log, trail) }))
    .toSorted((a, b) => byBytes(a.key, b.key))
  const found = new Map<string, Found>()
  const edge: Subtree[] = []
  let next = 0
  let count = 0
  // A leaf waits for its neighbour: only then is it known whether a trail is missing between the two.
  let held: Held | undefined

  const settle = () => {
    if (held !== undefined) push(edge, subtreeOf(log, held))
  }
  return {
    add: ({ trail, n, head }) => {
      const key = trailKey(log, trail)
      if (held !== undefined && byBytes(held.key, key) >= 0) throw new AuditError('heads-unordered', 'trail')
      const leaf: Traced = { index: count, line: { key: b64url(key), n, head: b64url(head) }, path: [] }
      const here: Held = { key, leaf, wanted: false }
      for (let one = asked[next]; one !== undefined && byBytes(one.key, key) <= 0; one = asked[++next]) {
        const same = byBytes(one.key, key) === 0
        found.set(one.trail, same ? { at: here } : { before: held, after: here })
        here.wanted = true
        if (!same && held !== undefined) held.wanted = true
      }
      settle()
      held = here
      count += 1
    },
    finish: () => {
      for (const one of asked.slice(next)) found.set(one.trail, { before: held })
      if (held !== undefined && next < asked.length) held.wanted = true
      settle()
      const root = rootOver(edge)
      return { log, size: count, root: b64url(root), answers: answersOf(found) }
    },
  }
}

function subtreeOf(log: string, { leaf, wanted }: Held): Subtree {
  return { size: 1, hash: lineHash(log, leaf.line), traced: wanted ? [leaf] : [] }
}

function push(edge: Subtree[], subtree: Subtree): void {
  let grown = subtree
  for (let left = edge.at(-1); left?.size === grown.size; left = edge.at(-1)) {
    edge.pop()
    grown = join(left, grown)
  }
  edge.push(grown)
}

function join(left: Subtree, right: Subtree): Subtree {
  for (const { path } of left.traced) path.push(right.hash)
  for (const { path } of right.traced) path.push(left.hash)
  return {
    size: left.size + right.size,
    hash: nodeHash(left.hash, right.hash),
    traced: [...left.traced, ...right.traced],
  }
}

/** What is left of the edge is joined from the right (RFC 9162 §2.1.1: the left part is the largest power of two below the size). */
function rootOver(edge: readonly Subtree[]): Hash {
  return (
    edge.reduceRight<Subtree | undefined>((right, left) => (right === undefined ? left : join(left, right)), undefined)
      ?.hash ?? emptyRoot
  )
}

function answersOf(found: ReadonlyMap<string, Found>): Map<string, HeadsAnswer> {
  const proofOf = ({ leaf }: Held): HeadProof => ({ index: leaf.index, ...leaf.line, path: leaf.path.map(b64url) })
  return new Map(
    [...found].map(([trail, { at, before, after }]): [string, HeadsAnswer] => [
      trail,
      at === undefined
        ? {
            kind: 'absent',
            ...(before === undefined ? {} : { before: proofOf(before) }),
            ...(after === undefined ? {} : { after: proofOf(after) }),
          }
        : { kind: 'there', proof: proofOf(at) },
    ]),
  )
}

/**
 * Why a proof does not show that, as the map has it, the trail had exactly `n` entries and the last of them this leaf hash (base64url);
 * undefined when it does. Never throws, whatever it is given.
 */
export function headProblem(
  map: HeadsMap,
  end: { readonly trail: string; readonly n: number; readonly head: string },
  proof: HeadProof,
): HeadsProblem | undefined {
  if (!isProof(proof)) return 'proof-malformed'
  if (proof.key !== b64url(trailKey(map.log, end.trail))) return 'other-trail'
  if (proof.n !== end.n || proof.head !== end.head) return 'other-head'
  return isInMap(map, proof) ? undefined : 'not-in-map'
}

/** Why the neighbours do not show that the map has no such trail; undefined when they do. Never throws, whatever it is given. */
export function absenceProblem(map: HeadsMap, trail: string, { before, after }: Neighbours): HeadsProblem | undefined {
  const given = [before, after].filter((one) => one !== undefined)
  if (!given.every(isProof)) return 'proof-malformed'
  if (!areAdjacent(map, before?.index, after?.index)) return 'not-adjacent'
  const key = trailKey(map.log, trail)
  if (before !== undefined && byBytes(fromB64url(before.key), key) >= 0) return 'not-adjacent'
  if (after !== undefined && byBytes(key, fromB64url(after.key)) >= 0) return 'not-adjacent'
  if (given.length === 0) return map.root === b64url(emptyRoot) ? undefined : 'not-in-map'
  return given.every((one) => isInMap(map, one)) ? undefined : 'not-in-map'
}

/** The place between the two, before the first, after the last, or in nothing at all. */
function areAdjacent({ size }: HeadsMap, before: number | undefined, after: number | undefined): boolean {
  return (before ?? -1) + 1 === (after ?? size)
}

function isInMap({ log, size, root }: HeadsMap, proof: HeadProof): boolean {
  const problem = inclusionProblem({
    leafIndex: proof.index,
    treeSize: size,
    leafHash: lineHash(log, proof),
    root: digest(root) ? fromB64url(root) : new Uint8Array(),
    proof: proof.path.map(fromB64url),
  })
  return problem === undefined
}

/** No tree has longer ways than the bits of a safe integer. */
const longestPath = 53

/** What a stranger's JSON must be before anything is computed from it. */
function isProof(value: unknown): value is HeadProof {
  const { index, key, n, head, path } = (value ?? {}) as Readonly<Record<string, unknown>>
  const isPath = Array.isArray(path) && path.length <= longestPath && path.every(digest)
  return isPath && isCount(index) && positive(n) && digest(key) && digest(head)
}

/**
 * Computes a manifest again from the log's leaves, in the log's order; more than `asOfSize` of them may be given. Holds one line for
 * each trail. Undefined when they give the map that the manifest states.
 */
export async function manifestProblem(
  log: string,
  manifest: HeadsManifest,
  leaves: AsyncIterable<Uint8Array>,
): Promise<HeadsProblem | undefined> {
  const ends = new Map<string, TrailEnd>()
  let read = 0
  for await (const leaf of leaves) {
    if (read === manifest.asOfSize) break
    const end = endOf(leaf)
    if (end === undefined || end.n !== (ends.get(end.trail)?.n ?? 0) + 1) return 'log-broken'
    ends.set(end.trail, end)
    read += 1
  }
  if (read !== manifest.asOfSize) return 'log-too-short'
  const builder = headsMap(log)
  for (const end of inKeyOrder(log, ends.values())) builder.add(end)
  const { size, root } = builder.finish()
  return size === manifest.trails && root === manifest.mapRoot ? undefined : 'map-differs'
}

function endOf(leaf: Uint8Array): TrailEnd | undefined {
  const entry = readLeaf(leaf)
  return entry === undefined ? undefined : { trail: entry.trail, n: entry.n, head: leafHash(leaf) }
}
