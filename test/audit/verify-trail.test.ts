/** A trail checked from its bytes alone: every manipulation of the detection matrix that a chain can show, and which check shows it. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { canonicalBytes } from '#audit/canonical.ts'
import { b64url, fromB64url } from '#audit/digest.ts'
import { buildLeaf, type Entry, genesis, nextEntry, parseLeaf } from '#audit/entry.ts'
import { leafHash } from '#audit/tree.ts'
import { type TrailExpectation, verifyTrail } from '#audit/verify-trail.ts'
import { cleared, decided, leavesOf, log, opened, start, trail } from './sample.ts'

const leaves = leavesOf([opened, decided, cleared])
const head = { n: 3, hash: b64url(leafHash(leaves[2] ?? new Uint8Array())) }
const expected: TrailExpectation = { log, trail, head }

const outcome = (given: readonly Uint8Array[], id: string, against: TrailExpectation = expected) =>
  verifyTrail(given, against).checks.find((check) => check.id === id)?.outcome

const because = (given: readonly Uint8Array[], id: string, against: TrailExpectation = expected) =>
  Object.values(verifyTrail(given, against).checks.find((check) => check.id === id)?.because ?? {})

function rewritten(index: number, change: Partial<Entry>): Uint8Array[] {
  return leaves.map((leaf, at) => (at === index ? buildLeaf({ ...parseLeaf(leaf), ...change }) : leaf))
}

describe('an untouched trail', () => {
  test('passes every check against a known end', () => {
    const report = verifyTrail(leaves, expected)
    expect(report.outcome).toBe('passed')
    expect(report.entries.map((entry) => entry.n)).toEqual([1, 2, 3])
  })

  test('is not called complete when nobody knows where it ends', () => {
    const report = verifyTrail(leaves)
    expect(report.outcome).toBe('could-not-check')
    expect(report.checks.filter((check) => check.outcome !== 'passed')).toEqual([
      expect.objectContaining({ id: 'completeness', outcome: 'could-not-check' }),
    ])
  })

  test('of one entry is told of as one, whether it can be read or not', () => {
    const [first = new Uint8Array()] = leaves
    expect([outcome([first], 'canonical'), ...because([first], 'canonical')]).toEqual([
      'passed',
      'Posten har en enda läsart.',
      'The entry has exactly one reading.',
    ])
    const spaced = Uint8Array.from([...first, 0x20])
    expect([outcome([spaced], 'canonical'), ...because([spaced], 'canonical')]).toEqual([
      'failed',
      'Post 1 är inte kanonisk.',
      'Entry 1 is not canonical.',
    ])
  })

  test('verifies as published, with hashes computed by others', () => {
    const vector = JSON.parse(readFileSync(new URL('../vectors/audit/trail.json', import.meta.url), 'utf8'))
    const stored = vector.entries.map(({ leaf }: { leaf: string }) => fromB64url(leaf))
    expect(b64url(genesis(vector.log, vector.trail))).toBe(vector.genesis)
    expect(stored.map((leaf: Uint8Array) => b64url(leafHash(leaf)))).toEqual(
      vector.entries.map(({ hash }: { hash: string }) => hash),
    )
    const end = vector.entries.at(-1)
    expect(verifyTrail(stored, { head: { n: vector.entries.length, hash: end.hash } }).outcome).toBe('passed')
  })
})

describe('a changed trail', () => {
  test('shows an edited entry', () => {
    const edited = rewritten(1, { act: { meaning: 'approve', reason: 'R-13', outcome: 'success' } })
    expect(outcome(edited, 'chain')).toBe('failed')
    expect(verifyTrail(edited, expected).outcome).toBe('failed')
  })

  test('is called changed as a whole, even where something else could not be checked', () => {
    const report = verifyTrail(leaves.slice(1))
    expect(report.checks.map((check) => check.outcome)).toContain('could-not-check')
    expect(report.outcome).toBe('failed')
  })

  test('shows an edited last entry when the end is known', () => {
    const edited = rewritten(2, { data: { ...cleared.data, level: 'A' } })
    expect(outcome(edited, 'chain')).toBe('passed')
    expect(outcome(edited, 'completeness')).toBe('failed')
  })

  test('shows a removed entry', () => {
    const removed = leaves.filter((_, index) => index !== 1)
    expect(outcome(removed, 'sequence')).toBe('failed')
    expect(outcome(removed, 'chain')).toBe('failed')
  })

  test('shows a removed beginning', () => {
    expect(outcome(leaves.slice(1), 'sequence')).toBe('failed')
    expect(outcome(leaves.slice(1), 'chain')).toBe('failed')
  })

  test('shows a cut end when the end is known', () => {
    expect(outcome(leaves.slice(0, 2), 'completeness')).toBe('failed')
    expect(outcome(leaves, 'completeness', { head: { ...head, n: 4 } })).toBe('failed')
  })

  test('shows entries in another order', () => {
    expect(outcome(leaves.toReversed(), 'sequence')).toBe('failed')
  })

  test('shows an act that was moved from another entry', () => {
    const moved = rewritten(0, { act: decided.act })
    expect(outcome(moved, 'chain')).toBe('failed')
    const last = rewritten(2, { act: decided.act })
    expect(outcome(last, 'completeness')).toBe('failed')
  })

  test('shows an entry of another trail', () => {
    const foreign = buildLeaf(
      nextEntry(opened, { ...start, trail: trail.replace('9', '8') }, '2026-03-01T10:00:00.000Z'),
    )
    expect(outcome([foreign, ...leaves.slice(1)], 'identity')).toBe('failed')
    expect(outcome(leaves, 'identity', { trail: trail.replace('9', '8') })).toBe('failed')
  })

  test('shows another log', () => {
    expect(outcome(leaves, 'identity', { log: 'bevis.example.org/sodersol' })).toBe('failed')
  })

  test('shows a time that goes back', () => {
    const late = rewritten(0, { at: '2026-03-01T11:00:00.000Z' })
    expect(outcome(late, 'time')).toBe('failed')
  })

  test('shows a step that stands twice', () => {
    expect(outcome(leavesOf([opened, opened]), 'unique', {})).toBe('failed')
  })

  test('shows bytes with a second reading, and believes nothing else then', () => {
    const spaced = [...leaves]
    spaced[1] = new TextEncoder().encode(` ${new TextDecoder().decode(leaves[1])}`)
    expect(outcome(spaced, 'canonical')).toBe('failed')
    expect(outcome(spaced, 'chain')).toBe('could-not-check')
  })
})

describe('a seal', () => {
  const issued = { ...cleared, id: `${cleared.id}:issued`, type: 'case.issued/1', data: { evidenceVersion: 2 } }
  const before = leavesOf([opened, decided, cleared, issued])
  const sealed = (data: NonNullable<Entry['data']>) => {
    const last = before.at(-1) ?? new Uint8Array()
    const draft = { ...issued, id: `${issued.id}:sealed`, type: 'trail.sealed/1', data }
    return [
      ...before,
      buildLeaf(nextEntry(draft, { ...start, n: 4, hash: leafHash(last) }, '2026-03-01T10:00:09.000Z')),
    ]
  }
  const covered = b64url(leafHash(before.at(-1) ?? new Uint8Array()))

  test('that tells what stands before it is believed', () => {
    expect(outcome(sealed({ count: 4, head: covered }), 'seals', {})).toBe('passed')
  })

  test('that tells anything else shows', () => {
    expect(outcome(sealed({ count: 3, head: covered }), 'seals', {})).toBe('failed')
    expect(outcome(sealed({ count: 4, head: b64url(leafHash(leaves[0] ?? new Uint8Array())) }), 'seals', {})).toBe(
      'failed',
    )
  })

  test('is missed where the case has ended, and not before', () => {
    expect(outcome(before, 'seals', {})).toBe('could-not-check')
    expect(outcome(before.slice(0, 3), 'seals', {})).toBe('passed')
    expect(because(before, 'seals', {})).toEqual([
      expect.stringMatching(/^Ärendet är avslutat .+ utan försegling/),
      expect.stringMatching(/^The case has ended, .+ without a seal/),
    ])
  })

  test('that tells nothing, or begins its trail and tells of more, shows', () => {
    const draft = { ...issued, type: 'trail.sealed/1', data: { count: 1, head: covered } }
    const only = nextEntry(draft, start, '2026-03-01T10:00:00.000Z')
    const { data: _, ...bare } = only
    for (const leaf of [buildLeaf(only), canonicalBytes(bare)]) expect(outcome([leaf], 'seals', {})).toBe('failed')
  })

  test('is told with its place, true or not', () => {
    const place = [expect.stringMatching(/ post 5\b/), expect.stringMatching(/ entry 5\b/)]
    expect(because(sealed({ count: 4, head: covered }), 'seals', {})).toEqual(place)
    expect(because(sealed({ count: 3, head: covered }), 'seals', {})).toEqual(place)
  })
})

describe('what a check tells', () => {
  const spaced = leaves.with(1, new TextEncoder().encode(` ${new TextDecoder().decode(leaves[1])}`))
  const alien = leaves.with(
    2,
    new TextEncoder().encode(new TextDecoder().decode(leaves[2]).replace('cleared/1', 'cleared/9')),
  )
  const lacking = leaves.with(
    1,
    new TextEncoder().encode(new TextDecoder().decode(leaves[1]).replace('"kind":"human"', '"kind":"service"')),
  )

  test.each<[string, readonly Uint8Array[], string, TrailExpectation, string]>([
    ['a second reading', spaced, 'canonical', expected, '2'],
    ['two bad entries', [...spaced.slice(0, 2), new Uint8Array(1)], 'canonical', expected, '2, 3'],
    ['a whole trail', leaves, 'canonical', expected, '3'],
    ['a foreign trail', leaves, 'identity', { trail: trail.replace('9', '8') }, ' 1 '],
    ['a foreign entry', rewritten(1, { trail: trail.replace('9', '8') }), 'identity', expected, ' 2 '],
    ['a gap', leaves.toSpliced(1, 1), 'sequence', expected, '2'],
    ['a broken link', leaves.toSpliced(1, 1), 'chain', expected, '2'],
    ['a type that is violated', lacking, 'types', expected, '2'],
    ['a first entry whose type is violated', lacking.slice(1), 'types', {}, ' 1 '],
    ['what is violated', lacking, 'types', expected, 'actor.kind'],
    ['a later type', alien, 'types', expected, '3'],
    ['a time that goes back', rewritten(0, { at: '2026-03-01T11:00:00.000Z' }), 'time', expected, '2'],
    ['a cut end', leaves.slice(0, 2), 'completeness', expected, '3'],
    ['a true end', leaves, 'completeness', expected, '3'],
  ])('of %s names the place, in both languages', (_, given, id, against, place) => {
    expect(because(given, id, against)).toEqual([expect.stringContaining(place), expect.stringContaining(place)])
  })

  test('is one sentence or two in each language, whatever it finds', () => {
    const trails = [
      [],
      leaves,
      spaced,
      alien,
      lacking,
      leaves.toReversed(),
      leavesOf([opened, opened]),
      leaves.slice(0, 1),
    ]
    const moved = [rewritten(0, { at: '2026-03-01T11:00:00.000Z' }), rewritten(1, { trail: trail.replace('9', '8') })]
    for (const given of [...trails, ...moved]) {
      for (const against of [{}, expected]) {
        for (const { because } of verifyTrail(given, against).checks) {
          expect(because.sv).toMatch(/^[A-ZÅÄÖ].+[.]$/)
          expect(because.en).toMatch(/^[A-Z].+[.]$/)
          expect(because.sv).not.toBe(because.en)
        }
      }
    }
  })
})

test('an empty trail proves nothing', () => {
  expect(verifyTrail([]).outcome).toBe('could-not-check')
  expect(verifyTrail([]).checks.every((check) => check.outcome === 'could-not-check')).toBe(true)
})

test('an entry that lacks what its type demands is wrong', () => {
  const text = new TextDecoder().decode(leaves[1]).replace('"kind":"human"', '"kind":"service"')
  expect(outcome([new TextEncoder().encode(text)], 'types', {})).toBe('failed')
})

test('an entry type of a later version is reported as unchecked, not as wrong', () => {
  const [first] = leaves
  const text = new TextDecoder().decode(first).replace('case.opened/1', 'case.opened/9')
  expect(outcome([new TextEncoder().encode(text)], 'types', {})).toBe('could-not-check')
})
