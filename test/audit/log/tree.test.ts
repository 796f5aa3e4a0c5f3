/** The tree against RFC 9162's own recursion and the reference roots of the certificate-transparency tests. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hex } from '#audit/digest.ts'
import { consistencyProblem, inclusionProblem } from '#audit/proof.ts'
import { tileTree } from '#audit/tile-tree.ts'
import { emptyEdge, emptyRoot, extend, leafHash, rootOf } from '#audit/tree.ts'
import { mth, path, proof } from './naive.ts'
import { leaves, readerOf } from './tiles.ts'

/** The eight leaves every RFC 6962 implementation is tried with, and the root after each. */
const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

/** Hashes come as views, copies and buffers; what counts is their bytes. */
const spelled = (hashes: readonly Uint8Array[]) => hashes.map(hex)

describe('the tree', () => {
  test('has the reference roots after each of the reference leaves', () => {
    const hashes = inputs.map((input) => leafHash(Buffer.from(input, 'hex')))
    const found = roots.map((_, size) => hex(rootOf(extend(emptyEdge, hashes.slice(0, size)))))
    expect(found).toEqual(roots)
    expect(hex(emptyRoot)).toBe(roots[0])
  })

  test('grown in any steps is the tree built at once, and the tree of the RFC', () => {
    const all = leaves(700)
    fc.assert(
      fc.property(fc.nat(700), fc.nat(700), (a, b) => {
        const [first, second] = a < b ? [a, b] : [b, a]
        const grown = extend(extend(emptyEdge, all.slice(0, first)), all.slice(first, second))
        expect(spelled(grown.hashes)).toEqual(spelled(extend(emptyEdge, all.slice(0, second)).hashes))
        expect(hex(rootOf(grown))).toBe(hex(mth(all.slice(0, second))))
      }),
      { numRuns: 60 },
    )
  })

  test('refuses an edge that does not fit its size, and a hash of another length', () => {
    expect(() => extend({ size: 3, hashes: leaves(1) }, [])).toThrow('edge-malformed: hashes')
    expect(() => extend(emptyEdge, [new Uint8Array(31)])).toThrow('hash-malformed: leaf 0')
    const full = { size: 2 ** 53 - 1, hashes: leaves(53) }
    expect(() => extend(full, leaves(1))).toThrow('size-out-of-range: size')
  })
})

describe('proofs', () => {
  test('from tiles are those of the RFC and verify, for every leaf and size to 64', async () => {
    const all = leaves(64)
    const tree = tileTree(readerOf(all))
    for (let size = 1; size <= 64; size += 1) {
      const some = all.slice(0, size)
      const root = await tree.root(size)
      const made: unknown[] = [hex(root), spelled((await tree.edge(size)).hashes)]
      const due: unknown[] = [hex(mth(some)), spelled(extend(emptyEdge, some).hashes)]
      for (const [leafIndex, leaf] of some.entries()) {
        const within = await tree.inclusion(leafIndex, size)
        const from = await tree.consistency(leafIndex + 1, size)
        const claim = { size1: leafIndex + 1, size2: size, root1: mth(some.slice(0, leafIndex + 1)), root2: root }
        made.push(spelled(within), spelled(from))
        due.push(spelled(path(leafIndex, some)), spelled(proof(leafIndex + 1, some)))
        made.push(inclusionProblem({ leafIndex, treeSize: size, leafHash: leaf, root, proof: within }))
        made.push(consistencyProblem({ ...claim, proof: from }))
        due.push(undefined, undefined)
      }
      expect(made).toEqual(due)
    }
  })

  test('from tiles of three levels are those of the RFC', async () => {
    const all = leaves(66_000)
    const tree = tileTree(readerOf(all))
    for (const [index, size] of [
      [65_999, 66_000],
      [255, 513],
    ] as const) {
      const some = all.slice(0, size)
      expect(hex(await tree.root(size))).toBe(hex(mth(some)))
      expect(spelled(await tree.inclusion(index, size))).toEqual(spelled(path(index, some)))
      expect(spelled(await tree.consistency(index + 1, size))).toEqual(spelled(proof(index + 1, some)))
    }
  })

  test('from tiles beside and above each other are those of the RFC, and verify', async () => {
    const all = leaves(700)
    const tree = tileTree(readerOf(all))
    const root = await tree.root(700)
    expect(hex(root)).toBe(hex(mth(all)))
    for (const index of [0, 255, 256, 511, 512, 699]) {
      expect(spelled(await tree.inclusion(index, 700))).toEqual(spelled(path(index, all)))
      expect(spelled(await tree.consistency(index + 1, 700))).toEqual(spelled(proof(index + 1, all)))
    }
  })

  test('need no hash from the empty tree, and compute no root twice', async () => {
    const tree = tileTree(readerOf(leaves(5)))
    expect(await tree.consistency(0, 5)).toEqual([])
    expect(await tree.root(5)).toBe(await tree.root(5))
  })

  test('against one size read each tile once', async () => {
    const read = readerOf(leaves(70_000))
    const tree = tileTree(read)
    await Promise.all(Array.from({ length: 200 }, (_, at) => tree.inclusion(69_000 + at, 70_000)))
    expect(new Set(read.asked).size).toBe(read.asked.length)
    expect(read.asked.length).toBeLessThan(12)
  })

  test('refuse what is not in the tree, and tiles that do not fit', async () => {
    const tree = tileTree(readerOf(leaves(5)))
    await expect(tree.inclusion(5, 5)).rejects.toThrow('index-out-of-range: index')
    await expect(tree.inclusion(-1, 5)).rejects.toThrow('index-out-of-range: index')
    await expect(tree.consistency(6, 5)).rejects.toThrow('size-out-of-range: from')
    await expect(tree.consistency(0.5, 5)).rejects.toThrow('size-out-of-range: from')
    await expect(tree.consistency(-1, 5)).rejects.toThrow('size-out-of-range: from')
    await expect(tree.consistency(1, 4.5)).rejects.toThrow('size-out-of-range: from')
    await expect(tree.root(0.5)).rejects.toThrow('size-out-of-range: size')
    await expect(tileTree(async () => new Uint8Array(31)).root(1)).rejects.toThrow('tile-malformed: tile/0/000.p/1')
    expect(await tree.root(0)).toEqual(emptyRoot)
  })
})
