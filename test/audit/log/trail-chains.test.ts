/** Trails followed through a log as its entries go by: which links break, whose entries they are, and how many. */
import { describe, expect, test } from 'vitest'
import { sha256, utf8 } from '#audit/digest.ts'
import { buildLeaf, nextEntry, type TrailHead } from '#audit/entry.ts'
import { trailChains } from '#audit/trail-chains.ts'
import { leafHash } from '#audit/tree.ts'
import { leavesOf, log, opened, start, trail } from '../sample.ts'

const entries = leavesOf([opened, opened, opened])
const other = trail.replace('9', '8')

function leafAt(head: Partial<TrailHead>): Uint8Array {
  return buildLeaf(nextEntry(opened, { ...start, ...head }, '2026-03-01T10:00:00.000Z'))
}

function follow(...leaves: readonly Uint8Array[]) {
  const { next, counts } = trailChains(log)
  return { problems: leaves.map((leaf) => next(leaf, leafHash(leaf))), counts: counts() }
}

describe('trails in a log', () => {
  test('are whole where every entry follows the one before it in its trail, whatever stands between', () => {
    const [first, second, third] = entries as [Uint8Array, Uint8Array, Uint8Array]
    expect(follow(first, leafAt({ trail: other }), second, utf8('{"v":"another"}'), third)).toEqual({
      problems: [undefined, undefined, undefined, undefined, undefined],
      counts: { trails: 2, ours: 4, others: 1 },
    })
  })

  test('break where a number is left out, and hold again from there', () => {
    const [first, , third] = entries as [Uint8Array, Uint8Array, Uint8Array]
    const fourth = leafAt({ n: 3, hash: leafHash(third) })
    expect(follow(first, third, fourth).problems).toEqual([undefined, 'number-breaks', undefined])
  })

  test('break where an entry follows another than the one that stands there', () => {
    const [first = start.hash] = entries
    expect(follow(first, leafAt({ n: 1, hash: sha256('another') })).problems).toEqual([undefined, 'chain-breaks'])
    expect(follow(leafAt({ n: 0 }), leafAt({ n: 1, hash: leafHash(leafAt({})) })).problems).toEqual([
      undefined,
      undefined,
    ])
  })

  test('are of this log alone', () => {
    const foreign = leafAt({ log: 'bevis.example.org/sodersol' })
    expect(follow(foreign, ...entries)).toEqual({
      problems: ['entry-of-another-log', undefined, undefined, undefined],
      counts: { trails: 1, ours: 4, others: 0 },
    })
  })

  test.each([
    ['whose name is all there is', '"bevis-audit/1"'],
    ['behind a space', ' {"v":"bevis-audit/1"}'],
    ['cut short', new TextDecoder().decode(entries[0]).slice(0, -1)],
  ])('do not lose an entry of ours %s as somebody else’s', (_, leaf) => {
    expect(follow(utf8(leaf))).toEqual({
      problems: ['entry-not-canonical'],
      counts: { trails: 0, ours: 1, others: 0 },
    })
  })

  test.each(['', '"', '"bevis-audit/2"', '"bevis-audit/1', 'bevis-audit/1', '{"v":"x","w":"bevis-audit/"}'])(
    'leave alone what does not claim to be ours: %s',
    (leaf) => {
      expect(follow(utf8(leaf))).toEqual({ problems: [undefined], counts: { trails: 0, ours: 0, others: 1 } })
    },
  )
})
