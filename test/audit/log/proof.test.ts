/** Proofs against the published vectors and at every corner (docs/decisions/0060): each refusal for its own reason. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type ConsistencyClaim, consistencyProblem, type InclusionClaim, inclusionProblem } from '#audit/proof.ts'
import { emptyRoot, leafHash, nodeHash } from '#audit/tree.ts'
import { root as house } from '../../support/paths.ts'
import { mth, path, proof } from './naive.ts'
import { leaves } from './tiles.ts'

interface Vector {
  readonly name: string
  readonly wantErr: boolean
  readonly proof: readonly string[] | null
  readonly leafIdx: number
  readonly treeSize: number
  readonly leafHash: string
  readonly root: string
  readonly size1: number
  readonly size2: number
  readonly root1: string
  readonly root2: string
}

const vectors = (kind: 'inclusion' | 'consistency') => {
  const file = join(house, 'test', 'vectors', 'audit', 'merkle-proofs.json')
  return (JSON.parse(readFileSync(file, 'utf8')) as Record<string, Vector[]>)[kind] ?? []
}
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64'))

function inclusion(index: number, size: number): InclusionClaim {
  const some = leaves(size)
  return {
    leafIndex: index,
    treeSize: size,
    leafHash: some[index] as Uint8Array,
    root: mth(some),
    proof: path(index, some),
  }
}

function consistency(from: number, to: number): ConsistencyClaim {
  const some = leaves(to)
  return { size1: from, size2: to, root1: mth(some.slice(0, from)), root2: mth(some), proof: proof(from, some) }
}

describe('a proof of inclusion', () => {
  test.each(vectors('inclusion').map((vector) => [vector.name, vector] as const))(
    'is judged as published: %s',
    (_, vector) => {
      const { leafIdx, treeSize, leafHash: leaf, root, proof: hashes, wantErr } = vector
      const claim = {
        leafIndex: leafIdx,
        treeSize,
        leafHash: bytes(leaf),
        root: bytes(root),
        proof: (hashes ?? []).map(bytes),
      }
      expect(inclusionProblem(claim) !== undefined).toBe(wantErr)
    },
  )

  test.each<[string, Partial<InclusionClaim>, string | undefined]>([
    ['as it is', {}, undefined],
    ['with counts as bigint', { leafIndex: 5n, treeSize: 7n }, undefined],
    ['at the size', { leafIndex: 7 }, 'index-beyond-size'],
    ['in a tree of nothing', { leafIndex: 0, treeSize: 0 }, 'index-beyond-size'],
    ['before the first', { leafIndex: -1 }, 'count-malformed'],
    ['before the first, as bigint', { leafIndex: -1n }, 'count-malformed'],
    ['between two leaves', { leafIndex: 5.5 }, 'count-malformed'],
    ['beyond exact numbers', { treeSize: 2 ** 53 }, 'count-malformed'],
    ['beyond 64 bits', { treeSize: 1n << 64n }, 'count-malformed'],
    ['of an index as text', { leafIndex: '5' as unknown as number }, 'count-malformed'],
    ['with a hash cut short', { leafHash: new Uint8Array(31) }, 'hash-malformed'],
    ['with a root cut short', { root: new Uint8Array(31) }, 'hash-malformed'],
    ['with a sibling cut short', { proof: inclusion(5, 7).proof.with(1, new Uint8Array(33)) }, 'hash-malformed'],
    ['with text for a root', { root: 'x'.repeat(32) as unknown as Uint8Array }, 'hash-malformed'],
    ['without its last hash', { proof: inclusion(5, 7).proof.slice(0, -1) }, 'proof-length-wrong'],
    ['with a hash too many', { proof: [...inclusion(5, 7).proof, emptyRoot] }, 'proof-length-wrong'],
    ['under another root', { root: emptyRoot }, 'root-differs'],
    ['of its neighbour', { leafIndex: 4 }, 'root-differs'],
  ])('%s', (_, change, problem) => {
    expect(inclusionProblem({ ...inclusion(5, 7), ...change })).toBe(problem)
  })

  test('of the first leaf may count from a bigint of nothing', () => {
    expect(inclusionProblem({ ...inclusion(0, 7), leafIndex: 0n })).toBeUndefined()
  })

  test('stands at the far end of a log no machine holds', () => {
    const leaf = leafHash(new Uint8Array(1))
    const size = (1n << 64n) - 1n
    const hashes = leaves(63)
    const root = hashes.reduce((hash, next) => nodeHash(next, hash), leaf)
    // The last of 2^64 − 1 leaves stands alone on every level: each neighbour is to its left.
    const claim = { leafIndex: size - 1n, treeSize: size, leafHash: leaf, root, proof: hashes }
    expect(inclusionProblem(claim)).toBeUndefined()
    expect(inclusionProblem({ ...claim, leafIndex: size - 2n })).toBe('proof-length-wrong')
  })
})

describe('a proof of consistency', () => {
  test.each(vectors('consistency').map((vector) => [vector.name, vector] as const))(
    'is judged as published: %s',
    (_, vector) => {
      const { size1, size2, root1, root2, proof: hashes, wantErr } = vector
      const claim = { size1, size2, root1: bytes(root1), root2: bytes(root2), proof: (hashes ?? []).map(bytes) }
      expect(consistencyProblem(claim) !== undefined).toBe(wantErr)
    },
  )

  const sound = consistency(6, 11)
  test.each<[string, Partial<ConsistencyClaim>, string | undefined]>([
    ['as it is', {}, undefined],
    ['with counts as bigint', { size1: 6n, size2: 11n }, undefined],
    ['backwards', { size1: 11, size2: 6 }, 'sizes-reversed'],
    ['from the empty tree', { size1: 0, root1: emptyRoot, proof: [] }, 'old-tree-empty'],
    ['from a negative size', { size1: -6 }, 'count-malformed'],
    ['to a size as text', { size2: '11' as unknown as number }, 'count-malformed'],
    ['with an old root cut short', { root1: sound.root1.slice(1) }, 'hash-malformed'],
    ['with a new root cut short', { root2: sound.root2.slice(1) }, 'hash-malformed'],
    ['with a hash cut short', { proof: sound.proof.with(0, new Uint8Array(31)) }, 'hash-malformed'],
    ['without its first hash', { proof: sound.proof.slice(1) }, 'proof-length-wrong'],
    ['with a hash too many', { proof: [...sound.proof, emptyRoot] }, 'proof-length-wrong'],
    ['with nothing', { proof: [] }, 'proof-length-wrong'],
    ['from another old root', { root1: emptyRoot }, 'old-root-differs'],
    ['to another new root', { root2: emptyRoot }, 'root-differs'],
    ['between equal sizes with equal roots', { size1: 11, root1: sound.root2, proof: [] }, undefined],
    ['between equal sizes with a hash', { size1: 11, root1: sound.root2, proof: [emptyRoot] }, 'proof-length-wrong'],
    ['between equal sizes with two roots', { size1: 11, proof: [] }, 'root-differs'],
    ['between two empty trees', { size1: 0, size2: 0, root1: emptyRoot, root2: emptyRoot, proof: [] }, undefined],
    [
      'between two empty trees with roots of something',
      { size1: 0, size2: 0, root1: sound.root1, root2: sound.root1, proof: [] },
      'old-root-differs',
    ],
  ])('%s', (_, change, problem) => {
    expect(consistencyProblem({ ...sound, ...change })).toBe(problem)
  })

  test.each([
    [1, 2],
    [4, 5],
    [4, 8],
    [7, 8],
    [8, 13],
    [12, 13],
  ])('from %i to %i needs no hash that the old root gives', (from, to) => {
    const claim = consistency(from, to)
    expect(consistencyProblem(claim)).toBeUndefined()
    expect(consistencyProblem({ ...claim, proof: [claim.root1, ...claim.proof] })).toBe('proof-length-wrong')
  })
})
