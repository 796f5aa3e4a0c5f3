/** What a batch of leaves adds to the tiles: grown in any steps, they are the tiles of the whole tree. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concat } from '#audit/digest.ts'
import { growthOf } from '#audit/growth.ts'
import { tilePath, tileWidth } from '#audit/tile.ts'
import { mth } from './naive.ts'
import { leaves, tilesOf } from './tiles.ts'

const most = 1_100
const all = leaves(most)

describe('growth', () => {
  test('in any steps gives the tiles of the tree, each widened once a step and never asked for when it begins', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(600), { maxLength: 8 }), (steps) => {
        const rows: Uint8Array[][] = []
        let size = 0
        for (const step of steps) {
          const added = all.slice(size, size + step)
          const grown = growthOf(size, added, (level) => {
            const rightmost = (rows[level] ?? []).slice(-((rows[level]?.length ?? 0) % tileWidth))
            expect(rightmost.length).toBeGreaterThan(0)
            return rightmost
          })
          for (const { level, index, width, added: more } of grown) {
            const row = (rows[level] ??= [])
            expect(index * tileWidth + width).toBe(row.length)
            row.push(...more)
          }
          expect(new Set(grown.map(({ level, index }) => `${level}/${index}`)).size).toBe(grown.length)
          expect(grown.map(({ level }) => level)).toEqual(grown.map(({ level }) => level).toSorted((a, b) => a - b))
          size += added.length
        }
        for (const [path, bytes] of tilesOf(all.slice(0, size))) {
          const tiles = rows.flatMap((row, level) =>
            Array.from({ length: Math.ceil(row.length / tileWidth) }, (_, index) => {
              const hashes = row.slice(index * tileWidth, (index + 1) * tileWidth)
              return [tilePath({ level, index, width: hashes.length }), concat(...hashes)] as const
            }),
          )
          expect(new Map(tiles).get(path)).toEqual(bytes)
        }
      }),
      { numRuns: 30 },
    )
  })

  test('of one leaf may fill a tile on every level, and begins the level above', () => {
    const last = all[255] as Uint8Array
    const below = all.slice(0, 255)
    const root = mth([...below, last])
    expect(growthOf(65_535, [last], () => below)).toEqual([
      { level: 0, index: 255, width: 255, added: [last] },
      { level: 1, index: 0, width: 255, added: [root] },
      { level: 2, index: 0, width: 0, added: [mth([...below, root])] },
    ])
  })

  test('of nothing is nothing', () => {
    expect(growthOf(7, [], () => [])).toEqual([])
  })
})
