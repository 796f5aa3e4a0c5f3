/** The map of trail heads: what it proves, that nothing else verifies, and that whoever mirrors the log computes the same. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { b64url, fromB64url, sha256 } from '#audit/digest.ts'
import { buildLeaf, nextEntry } from '#audit/entry.ts'
import {
  absenceProblem,
  type HeadProof,
  type HeadsAnswer,
  headProblem,
  headsMap,
  inKeyOrder,
  manifestProblem,
  type Neighbours,
  type TrailEnd,
} from '#audit/heads.ts'
import { leafHash } from '#audit/tree.ts'
import { log, opened } from './sample.ts'

const trailOf = (number: number) => `9f0c4d2e-6a51-4c8e-9b7a-${number.toString(16).padStart(12, '0')}`
const endOf = (number: number, n = 1 + (number % 5)): TrailEnd => ({
  trail: trailOf(number),
  n,
  head: sha256(`head ${number} ${n}`),
})

function mapOf(ends: readonly TrailEnd[], wanted: readonly string[] = []) {
  const builder = headsMap(log, wanted)
  for (const end of inKeyOrder(log, ends)) builder.add(end)
  return builder.finish()
}

/** The same tree as RFC 9162 §2.1.1 spells it, by recursion and with other functions. */
function naiveRoot(ends: readonly TrailEnd[]): Buffer {
  const h = (...parts: readonly (string | Uint8Array)[]) => {
    const hash = createHash('sha256')
    for (const part of parts) hash.update(part)
    return hash.digest()
  }
  const lines = ends
    .map(({ trail, n, head }) => ({ key: h(`bevis-audit/1 trail key\n${log}\n${trail}`), n, head: Buffer.from(head) }))
    .toSorted((a, b) => a.key.compare(b.key))
    .map(({ key, n, head }) =>
      h(
        Uint8Array.of(0),
        ['bevis-audit/1 trail head', log, key.toString('base64url'), n, head.toString('base64url'), ''].join('\n'),
      ),
    )
  const root = (leaves: readonly Buffer[]): Buffer => {
    const [only] = leaves
    if (only === undefined) return h('')
    if (leaves.length === 1) return only
    let left = 1
    while (left * 2 < leaves.length) left *= 2
    return h(Uint8Array.of(1), root(leaves.slice(0, left)), root(leaves.slice(left)))
  }
  return root(lines)
}

const numbers = fc.uniqueArray(fc.nat(500), { maxLength: 70 })
const given = (answer: HeadsAnswer | undefined) => answer ?? expect.unreachable('no answer')
const stated = ({ trail, n, head }: TrailEnd) => ({ trail, n, head: b64url(head) })

describe('the map', () => {
  test('is the tree that RFC 9162 describes, over any trails in any order', () => {
    fc.assert(
      fc.property(numbers, (all) => {
        const ends = all.map((number) => endOf(number))
        expect(mapOf(ends)).toMatchObject({ size: ends.length, root: naiveRoot(ends).toString('base64url') })
      }),
    )
  })

  test('proves of each trail where it ended, and of every other that it is not there', () => {
    fc.assert(
      fc.property(numbers, numbers, (all, others) => {
        const ends = new Map(all.map((number) => [trailOf(number), endOf(number)]))
        const asked = [...all, ...others].map(trailOf)
        const map = mapOf([...ends.values()], asked)
        for (const trail of asked) {
          const answer = given(map.answers.get(trail))
          const end = ends.get(trail)
          expect(answer.kind).toBe(end === undefined ? 'absent' : 'there')
          if (answer.kind === 'absent') expect(absenceProblem(map, trail, answer)).toBeUndefined()
          else if (end !== undefined) expect(headProblem(map, stated(end), answer.proof)).toBeUndefined()
        }
      }),
    )
  })

  test('refuses trails out of order or twice', () => {
    const [first, second] = inKeyOrder(log, [endOf(1), endOf(2)])
    if (first === undefined || second === undefined) return expect.unreachable()
    const builder = headsMap(log)
    builder.add(second)
    expect(() => builder.add(first)).toThrow('heads-unordered: trail')
    expect(() => builder.add(second)).toThrow('heads-unordered: trail')
    expect(builder.finish().answers.size).toBe(0)
  })

  test('proves that trails are absent where nothing else was asked', () => {
    const ends = Array.from({ length: 21 }, (_, number) => endOf(number * 2))
    const missing = Array.from({ length: 40 }, (_, number) => trailOf(number * 2 + 1))
    for (const trail of missing) {
      const map = mapOf(ends, [trail])
      const answer = given(map.answers.get(trail))
      expect(answer.kind === 'absent' ? absenceProblem(map, trail, answer) : 'it is there').toBeUndefined()
    }
  })
})

describe('a proof', () => {
  const ends = Array.from({ length: 21 }, (_, number) => endOf(number * 2))
  const map = mapOf(ends, [trailOf(4), trailOf(5)])
  const end = endOf(4)
  const there = given(map.answers.get(trailOf(4)))
  const absent = given(map.answers.get(trailOf(5)))
  if (there.kind !== 'there' || absent.kind !== 'absent') throw new Error('the map answers otherwise')
  const { proof } = there

  test('shows a trail that was cut short, or is longer than said', () => {
    expect(headProblem(map, { ...stated(end), n: end.n - 1 }, proof)).toBe('other-head')
    expect(headProblem(map, { ...stated(end), head: proof.key }, proof)).toBe('other-head')
    const shorter = { ...proof, n: end.n - 1 }
    expect(headProblem(map, { ...stated(end), n: end.n - 1 }, shorter)).toBe('not-in-map')
  })

  test('is nobody else’s', () => {
    expect(headProblem(map, { ...stated(end), trail: trailOf(6) }, proof)).toBe('other-trail')
    expect(headProblem({ ...map, log: 'bevis.example.org/vasterhav' }, stated(end), proof)).toBe('other-trail')
  })

  test('verifies in no other form', () => {
    const flipped = (text: string, bit: number) => {
      const bytes = Buffer.from(fromB64url(text))
      bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      return b64url(bytes)
    }
    const bit = fc.nat(255)
    const changed: fc.Arbitrary<HeadProof> = fc.oneof(
      fc
        .nat(40)
        .filter((index) => index !== proof.index)
        .map((index) => ({ ...proof, index })),
      bit.map((at) => ({ ...proof, key: flipped(proof.key, at) })),
      bit.map((at) => ({ ...proof, head: flipped(proof.head, at) })),
      fc
        .nat(99)
        .filter((n) => n !== proof.n)
        .map((n) => ({ ...proof, n })),
      fc
        .tuple(fc.nat(proof.path.length - 1), bit)
        .map(([at, one]) => ({ ...proof, path: proof.path.map((hash, i) => (i === at ? flipped(hash, one) : hash)) })),
      fc.nat(proof.path.length - 1).map((at) => ({ ...proof, path: proof.path.toSpliced(at, 1) })),
      fc.nat(proof.path.length).map((at) => ({ ...proof, path: proof.path.toSpliced(at, 0, proof.head) })),
    )
    fc.assert(
      fc.property(changed, (other) => {
        expect(headProblem(map, stated(end), other)).toBeDefined()
      }),
    )
    fc.assert(
      fc.property(bit, (at) => {
        expect(headProblem({ ...map, root: flipped(map.root, at) }, stated(end), proof)).toBeDefined()
      }),
    )
  })

  test('of an absent trail holds only between neighbours, and not for a trail that is there', () => {
    const others = mapOf(
      ends,
      ends.map(({ trail }) => trail),
    )
    const all = [...others.answers.values()].flatMap((answer) => (answer.kind === 'there' ? [answer.proof] : []))
    const between = (before?: HeadProof, after?: HeadProof) => ({
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    })
    for (const before of [undefined, ...all]) {
      for (const after of [undefined, ...all]) {
        const claim = between(before, after)
        const holds = absenceProblem(map, trailOf(5), claim) === undefined
        expect(holds).toBe(before?.index === absent.before?.index && after?.index === absent.after?.index)
        expect(absenceProblem(map, trailOf(4), claim)).toBeDefined()
      }
    }
  })

  test('of an absent trail says what is wrong with it', () => {
    const { before, after } = absent
    if (before === undefined || after === undefined) return expect.unreachable('it stands at an end')
    const claims = (some: Neighbours) => absenceProblem(map, trailOf(5), some)
    expect(claims({ before, after: { ...after, head: before.head } })).toBe('not-in-map')
    expect(claims({ before: { ...before, head: after.head }, after })).toBe('not-in-map')
    expect(claims({ before: after, after: before })).toBe('not-adjacent')
    // Side by side, but the trail stands elsewhere.
    for (const other of ends.map(({ trail }) => trail)) {
      expect(absenceProblem(map, other, { before, after })).toBe('not-adjacent')
    }
  })

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'proof'],
    ['an index before the first', { index: -1 }],
    ['half an index', { index: 0.5 }],
    ['an index in letters', { index: '1' }],
    ['no entry', { n: 0 }],
    ['a key cut short', { key: proof.key.slice(1) }],
    ['a key in bytes', { key: fromB64url(proof.key) }],
    ['a key with stray bits', { key: `${proof.key.slice(0, -1)}B` }],
    ['a head that is no text', { head: 7 }],
    ['a head in other letters', { head: `+${proof.head.slice(1)}` }],
    ['a path that is none', { path: { length: 0 } }],
    ['a path without end', { path: Array.from({ length: 54 }, () => proof.head) }],
    ['a path with a hash that is none', { path: [...proof.path, 'x'] }],
  ])('with %s is malformed, and so is what leans on it', (_, change) => {
    const other = (typeof change === 'object' && change !== null ? { ...proof, ...change } : change) as HeadProof
    expect(headProblem(map, stated(end), other)).toBe('proof-malformed')
    if (change !== undefined) {
      expect(absenceProblem(map, trailOf(5), { ...absent, before: other })).toBe('proof-malformed')
      expect(absenceProblem(map, trailOf(5), { ...absent, after: other })).toBe('proof-malformed')
    }
    const longest = { ...proof, path: Array.from({ length: 53 }, () => proof.head) }
    expect(headProblem(map, stated(end), longest)).toBe('not-in-map')
  })

  test('of an absent trail in an empty map needs no neighbour, and the empty root', () => {
    const empty = mapOf([], [trailOf(1)])
    expect(empty.answers.get(trailOf(1))).toEqual({ kind: 'absent' })
    expect(absenceProblem(empty, trailOf(1), {})).toBeUndefined()
    expect(absenceProblem({ ...empty, root: map.root }, trailOf(1), {})).toBe('not-in-map')
    expect(absenceProblem(map, trailOf(5), {})).toBe('not-adjacent')
  })

  test('of any other shape is refused and never throws', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (one, other) => {
        expect(headProblem(map, stated(end), one as HeadProof)).toBe('proof-malformed')
        const claim = { before: one as HeadProof, after: other as HeadProof }
        expect(absenceProblem(map, trailOf(5), claim)).toBeDefined()
      }),
    )
    expect(headProblem({ ...map, root: 'no root' }, stated(end), proof)).toBe('not-in-map')
  })
})

describe('a manifest computed again', () => {
  // Three trails, entries of which take turns.
  const leaves: Uint8Array[] = []
  const ends = new Map<string, TrailEnd>()
  for (const number of [1, 2, 1, 3, 1, 2]) {
    const trail = trailOf(number)
    const before = ends.get(trail)
    const head = { log, trail, n: before?.n ?? 0, hash: before?.head ?? new Uint8Array() }
    const draft = { ...opened, id: `case:${leaves.length}` }
    const leaf = buildLeaf(nextEntry(draft, head, '2026-03-01T10:00:00.000Z'))
    leaves.push(leaf)
    ends.set(trail, { trail, n: head.n + 1, head: leafHash(leaf) })
  }
  const map = mapOf([...ends.values()])
  const manifest = { asOfSize: leaves.length, mapRoot: map.root, trails: map.size }
  async function* stream(all: readonly Uint8Array[]) {
    yield* all
  }

  test('agrees with the log it was made from, and with a longer one', async () => {
    expect(await manifestProblem(log, manifest, stream(leaves))).toBeUndefined()
    expect(await manifestProblem(log, manifest, stream([...leaves, ...leaves]))).toBeUndefined()
  })

  test('disagrees where it hides an entry, a trail, or speaks of more than there is', async () => {
    const early = { ...manifest, asOfSize: leaves.length - 1 }
    expect(await manifestProblem(log, early, stream(leaves))).toBe('map-differs')
    expect(await manifestProblem(log, { ...manifest, trails: 2 }, stream(leaves))).toBe('map-differs')
    expect(await manifestProblem(log, { ...manifest, asOfSize: 7 }, stream(leaves))).toBe('log-too-short')
    expect(await manifestProblem(log, manifest, stream(leaves.with(2, leaves[4] ?? new Uint8Array())))).toBe(
      'log-broken',
    )
    expect(await manifestProblem(log, manifest, stream(leaves.with(0, Buffer.from('no entry'))))).toBe('log-broken')
  })
})
