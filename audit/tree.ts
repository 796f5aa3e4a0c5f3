/** The Merkle tree of RFC 9162 §2.1; without it a log would be a list that only its keeper can vouch for. */
import { sha256 } from '#audit/digest.ts'
import { AuditError } from '#audit/errors.ts'

/** SHA-256 of a leaf or of an inner node; 32 bytes. */
export type Hash = Uint8Array

export const hashSize = 32

/** The right edge of a tree: the roots of its complete subtrees, largest first, one for each bit set in `size`. All an appender needs. */
export interface Edge {
  /** Number of leaves, at most 2^53 − 1. */
  readonly size: number
  readonly hashes: readonly Hash[]
}

/** Root of the tree without leaves: SHA-256 of nothing. */
export const emptyRoot: Hash = sha256(new Uint8Array(0))

export const emptyEdge: Edge = { size: 0, hashes: [] }

/** Hashing is hot: one buffer for every inner node, filled and read without a pause between. */
const node = Uint8Array.of(1, ...new Uint8Array(2 * hashSize))

/** SHA-256(0x00 ‖ leaf). */
export function leafHash(leaf: Uint8Array): Hash {
  const prefixed = new Uint8Array(leaf.length + 1)
  prefixed.set(leaf, 1)
  return sha256(prefixed)
}

/** SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Hash, right: Hash): Hash {
  node.set(left, 1)
  node.set(right, 1 + hashSize)
  return sha256(node)
}

/**
 * The edge after more leaves; about two hashes a leaf.
 *
 * @throws AuditError `edge-malformed`, `hash-malformed`, `size-out-of-range`
 */
export function extend(edge: Edge, leafHashes: readonly Hash[]): Edge {
  if (edge.hashes.length !== bitsSet(edge.size)) throw new AuditError('edge-malformed', 'hashes')
  if (!Number.isSafeInteger(edge.size + leafHashes.length)) throw new AuditError('size-out-of-range', 'size')
  const hashes = [...edge.hashes]
  for (const [index, hash] of leafHashes.entries()) {
    if (hash.length !== hashSize) throw new AuditError('hash-malformed', `leaf ${index}`)
    hashes.push(hash)
    closeSubtrees(hashes, edge.size + index)
  }
  return { size: edge.size + leafHashes.length, hashes }
}

/** Every leaf with an odd index closes a pair, and the pair may close the next: as often as the index ends in one bits. */
function closeSubtrees(hashes: Hash[], index: number): void {
  for (let left = index; left % 2 === 1; left = (left - 1) / 2) {
    const second = hashes.pop() as Hash
    hashes.push(nodeHash(hashes.pop() as Hash, second))
  }
}

/** Root hash of the tree whose edge this is. */
export function rootOf(edge: Edge): Hash {
  return rootOfSubtrees(edge.hashes)
}

/** Joins complete subtrees, largest first, to one hash, from the right (RFC 9162 §2.1.1). */
export function rootOfSubtrees(subtrees: readonly Hash[]): Hash {
  return subtrees.length === 0 ? emptyRoot : subtrees.reduceRight((right, left) => nodeHash(left, right))
}

/** A run of leaves whose common hash stands in a proof. */
export interface Range {
  readonly start: number
  readonly size: number
}

/** The complete subtrees that leaves `start` … `start + size − 1` fall into, largest first. */
export function subtreesOf({ start, size }: Range): Range[] {
  const found: Range[] = []
  for (let at = start, left = size; left > 0; ) {
    const complete = powerUpTo(left)
    found.push({ start: at, size: complete })
    at += complete
    left -= complete
  }
  return found
}

/**
 * Whose hashes prove that leaf `index` is in a tree of `size` leaves, in the order of the proof (RFC 9162 §2.1.3.1).
 *
 * @throws AuditError `index-out-of-range`
 */
export function inclusionRanges(index: number, size: number): Range[] {
  if (!isCount(size) || !isCount(index) || index >= size) throw new AuditError('index-out-of-range', 'index')
  const proof: Range[] = []
  for (let whole: Range = { start: 0, size }; whole.size > 1; ) {
    const { left, right } = halves(whole)
    const inLeft = index < right.start
    proof.push(inLeft ? right : left)
    whole = inLeft ? left : right
  }
  return proof.toReversed()
}

/**
 * Whose hashes prove that the tree of `to` leaves begins with the tree of `from` (RFC 9162 §2.1.4.1). Nothing is to be proved
 * from the empty tree or between equal sizes.
 *
 * @throws AuditError `size-out-of-range`
 */
export function consistencyRanges(from: number, to: number): Range[] {
  if (!isCount(to) || !isCount(from) || from > to) throw new AuditError('size-out-of-range', 'from')
  if (from === 0) return []
  const proof: Range[] = []
  let whole: Range = { start: 0, size: to }
  while (whole.start + whole.size !== from) {
    const { left, right } = halves(whole)
    const inLeft = from <= right.start
    proof.push(inLeft ? right : left)
    whole = inLeft ? left : right
  }
  // Whoever verifies knows the old root; the last subtree of the old tree only when it is the whole of it.
  if (whole.start > 0) proof.push(whole)
  return proof.toReversed()
}

function halves({ start, size }: Range): { left: Range; right: Range } {
  const split = powerUpTo(size - 1)
  return { left: { start, size: split }, right: { start: start + split, size: size - split } }
}

/** Largest power of two that is at most n, for n ≥ 1. Multiplied, not shifted: shifts end at 32 bits. */
function powerUpTo(n: number): number {
  let power = 1
  while (power * 2 <= n) power *= 2
  return power
}

function bitsSet(size: number): number {
  let bits = 0
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2
  return bits
}

/** A number of leaves or an index that numbers can hold exactly. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
