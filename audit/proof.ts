/** Judges proofs that strangers hand us; one that passes wrongly would let an entry be denied or invented (RFC 9162 §2.1.3.2, §2.1.4.2). */
import { sameBytes } from '#audit/digest.ts'
import { emptyRoot, type Hash, hashSize, nodeHash } from '#audit/tree.ts'

/** A number of leaves or an index: an exact whole number, or a bigint below 2^64. */
export type Count = number | bigint

export type ProofProblem =
  | 'count-malformed'
  | 'hash-malformed'
  | 'index-beyond-size'
  | 'sizes-reversed'
  | 'old-tree-empty'
  | 'proof-length-wrong'
  | 'root-differs'
  | 'old-root-differs'

export interface InclusionClaim {
  readonly leafIndex: Count
  readonly treeSize: Count
  readonly leafHash: Hash
  readonly root: Hash
  /** From the leaf's sibling up. */
  readonly proof: readonly Hash[]
}

export interface ConsistencyClaim {
  readonly size1: Count
  readonly size2: Count
  readonly root1: Hash
  readonly root2: Hash
  readonly proof: readonly Hash[]
}

/**
 * Why a proof does not show that the leaf stands at `leafIndex` of the tree, undefined when it does. Take root and size from a
 * checkpoint you verified, never from whoever hands over the proof: one path fits many pairs of index and size.
 */
export function inclusionProblem({
  leafIndex,
  treeSize,
  leafHash,
  root,
  proof,
}: InclusionClaim): ProofProblem | undefined {
  const index = exact(leafIndex)
  const size = exact(treeSize)
  if (index === undefined || size === undefined) return 'count-malformed'
  if (index >= size) return 'index-beyond-size'
  if (proof.length !== inclusionLength(index, size)) return 'proof-length-wrong'
  if (![leafHash, root, ...proof].every(isHash)) return 'hash-malformed'
  return sameBytes(rootOver(index, size, leafHash, proof), root) ? undefined : 'root-differs'
}

/** Steps to the right edge, then one hash for each left neighbour on it. */
function inclusionLength(index: bigint, size: bigint): number {
  const inner = bitLength(index ^ (size - 1n))
  return inner + bitsSet(index >> BigInt(inner))
}

/** Below the split from the tree's right edge the index tells the side; on the edge every neighbour stands to the left. */
function isLeftNeighbour(index: bigint, size: bigint): (step: number) => boolean {
  const inner = bitLength(index ^ (size - 1n))
  return (step) => step >= inner || ((index >> BigInt(step)) & 1n) === 1n
}

function rootOver(index: bigint, size: bigint, seed: Hash, path: readonly Hash[]): Hash {
  const isLeft = isLeftNeighbour(index, size)
  return path.reduce((hash, next, step) => (isLeft(step) ? nodeHash(next, hash) : nodeHash(hash, next)), seed)
}

/**
 * Why a proof does not show that the tree of `size2` begins with the tree of `size1`, undefined when it does. Between equal sizes
 * the proof is empty and the roots are the same bytes. From the empty tree nothing is proved: a caller to whom that is enough,
 * as to a witness that meets a log for the first time, says so itself (docs/decisions/0060).
 */
export function consistencyProblem(claim: ConsistencyClaim): ProofProblem | undefined {
  const from = exact(claim.size1)
  const to = exact(claim.size2)
  if (from === undefined || to === undefined) return 'count-malformed'
  if (from > to) return 'sizes-reversed'
  if (from === to) return sameTreeProblem(from, claim)
  if (from === 0n) return 'old-tree-empty'
  return growthProblem(from, to, claim)
}

function sameTreeProblem(size: bigint, { root1, root2, proof }: ConsistencyClaim): ProofProblem | undefined {
  if (proof.length > 0) return 'proof-length-wrong'
  if (!sameBytes(root1, root2)) return 'root-differs'
  return size > 0n || sameBytes(root1, emptyRoot) ? undefined : 'old-root-differs'
}

function growthProblem(from: bigint, to: bigint, { root1, root2, proof }: ConsistencyClaim): ProofProblem | undefined {
  // The last complete subtree of the old tree is a node of both; where it is the whole old tree its hash is the old root.
  const height = trailingZeros(from)
  const index = (from - 1n) >> BigInt(height)
  const isWhole = index === 0n
  const size = ((to - 1n) >> BigInt(height)) + 1n
  if (proof.length !== inclusionLength(index, size) + (isWhole ? 0 : 1)) return 'proof-length-wrong'
  if (![root1, root2, ...proof].every(isHash)) return 'hash-malformed'
  const [seed, path] = isWhole ? [root1, proof] : [proof[0] as Hash, proof.slice(1)]
  if (!sameBytes(oldRootOver(index, size, seed, path), root1)) return 'old-root-differs'
  return sameBytes(rootOver(index, size, seed, path), root2) ? undefined : 'root-differs'
}

/** As `rootOver`, from what stood to the left only: to the right of the old tree's edge there was nothing yet. */
function oldRootOver(index: bigint, size: bigint, seed: Hash, path: readonly Hash[]): Hash {
  const isLeft = isLeftNeighbour(index, size)
  return path.reduce((hash, next, step) => (isLeft(step) ? nodeHash(next, hash) : hash), seed)
}

function exact(count: unknown): bigint | undefined {
  if (typeof count === 'bigint') return count >= 0n && count < 1n << 64n ? count : undefined
  return Number.isSafeInteger(count) && Number(count) >= 0 ? BigInt(Number(count)) : undefined
}

function isHash(value: unknown): boolean {
  return value instanceof Uint8Array && value.length === hashSize
}

function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length
}

function bitsSet(value: bigint): number {
  return value.toString(2).replaceAll('0', '').length
}

function trailingZeros(value: bigint): number {
  const text = value.toString(2)
  return text.length - 1 - text.lastIndexOf('1')
}
