/** The manifest: what is written is what is read, and nothing else is. */
import { describe, expect, test } from 'vitest'
import { canonicalBytes } from '#audit/canonical.ts'
import {
  contentDigest,
  type Manifest,
  manifestBytes,
  parseManifest,
  pathFits,
  type SampleLine,
  withheldOrder,
} from '#audit/package/manifest.ts'

const digest = 'A'.repeat(43)
const trail = '9f0c0000-0000-4000-8000-000000000000'
const earlier = '1f0c0000-0000-4000-8000-000000000000'
const files = [
  { path: 'README.en.md', sha256: digest, size: 3 },
  { path: `trails/${trail}/0001.json`, sha256: digest, size: 510 },
]
const manifest: Manifest = {
  v: 'bevis-package/1',
  kind: 'trail',
  log: 'audit.example.org/uni-a',
  checkpoint: { size: 7, root: digest },
  made: '2026-11-22T01:10:00.123Z',
  recorded: { trail, first: 8, last: 8 },
  profile: 'accreditor',
  purpose: 'audit',
  requester: 'x',
  content: contentDigest(files),
  rules: [digest, `B${digest.slice(1)}`],
  trails: [
    { trail: earlier, case: 'case_b', entries: 4, head: digest },
    { trail, case: 'case_a', entries: 1, head: digest },
  ],
  files,
  withheld: [
    { trail, n: 1, digest, part: 'detail', why: 'profile' },
    { trail, n: 2, part: 'inputs', why: 'protected' },
    { trail, n: 2, digest, part: 'inputs', why: 'erased' },
    { trail, n: 10, digest, why: 'erased' },
  ],
}
const sample: SampleLine = {
  method: 'stratified',
  strata: ['level'],
  from: '2026-01-01T00:00:00.000Z',
  until: '2026-02-01T00:00:00.000Z',
  size: 2,
  seed: '0'.repeat(32),
  announced: { trail, n: 7, id: 'sample:1' },
  population: { count: 800, digest },
  counts: [{ stratum: ['E', 'Kurs å'], population: 400, drawn: 2 }],
  drawn: ['case_b', 'case_a'],
}

test('a manifest is read as it was written, with a sample and without', () => {
  expect(parseManifest(manifestBytes(manifest))).toEqual(manifest)
  const drawn = { ...manifest, kind: 'sample', sample } as const
  expect(parseManifest(manifestBytes(drawn))).toEqual(drawn)
  const all = { ...sample, achievement: 'crypto', level: 'B-C1', seedFrom: { size: 7, root: digest } }
  expect(parseManifest(manifestBytes({ ...drawn, reason: 'dnr-1', sample: all })).sample).toEqual(all)
})

test('its content digest changes with any file', () => {
  const other = files.map((one, index) => (index === 0 ? { ...one, size: 4 } : one))
  expect(contentDigest(other)).not.toBe(contentDigest(files))
})

describe('refused is a manifest', () => {
  const [first, second] = files
  test.each<[string, object, string]>([
    ['of another version', { v: 'bevis-package/2' }, 'v'],
    ['with a member nobody named', { extra: 1 }, 'extra'],
    ['with a profile that is none', { profile: 'everybody' }, 'profile'],
    ['with files out of order', { files: [second, first] }, 'files'],
    [
      'with two files that differ in case only',
      {
        files: [
          { ...first, path: 'A' },
          { ...first, path: 'a' },
        ],
      },
      'files',
    ],
    ['with a path upwards', { files: [{ ...first, path: '../x' }] }, 'files'],
    ['with a path in pieces', { files: [{ ...first, path: ['x'] }] }, 'files'],
    ['with a size that is no count', { files: [{ ...first, size: -1 }] }, 'files'],
    ['with trails out of order', { trails: manifest.trails.toReversed() }, 'trails'],
    ['with a trail twice', { trails: [manifest.trails[0], manifest.trails[0]] }, 'trails'],
    ['with rules out of order', { rules: manifest.rules.toReversed() }, 'rules'],
    ['with a reason for withholding that is none', { withheld: [{ trail, n: 1, why: 'because' }] }, 'withheld'],
    ['that withholds out of order', { withheld: manifest.withheld.toReversed() }, 'withheld'],
    ['that says the same twice', { withheld: [manifest.withheld[1], manifest.withheld[1]] }, 'withheld'],
    ['of a sample without its draw', { kind: 'sample' }, 'sample'],
    ['of a draw that is no sample', { sample }, 'sample'],
    ['with a digest in a second spelling', { content: `${'A'.repeat(42)}B` }, 'content'],
  ])('%s', (_what, change, where) => {
    const bytes = canonicalBytes({ ...manifest, ...change })
    expect(() => parseManifest(bytes)).toThrow(`manifest-malformed: ${where}`)
  })

  test.each<[string, object]>([
    ['by a method that is none', { method: 'handpicked' }],
    ['from a seed of other letters', { seed: 'G'.repeat(32) }],
    ['of nobody', { drawn: [] }],
    ['without counts', { counts: [] }],
    ['with a stratum longer than any value is', { counts: [{ stratum: ['x'.repeat(513)], population: 1, drawn: 0 }] }],
    ['with a stratum that is no text', { counts: [{ stratum: [7], population: 1, drawn: 0 }] }],
  ])('of a sample %s', (_what, change) => {
    const bytes = canonicalBytes({ ...manifest, kind: 'sample', sample: { ...sample, ...change } })
    expect(() => parseManifest(bytes)).toThrow('manifest-malformed: sample')
  })

  test('that no reader would accept, before it is written', () => {
    expect(() => manifestBytes({ ...manifest, rules: manifest.rules.toReversed() })).toThrow(
      'manifest-malformed: rules',
    )
  })
})

test('withheld lines stand by trail, then number, part and digest; nothing stands for what a line lacks', () => {
  const line = { trail, n: 12, why: 'erased' } as const
  expect(withheldOrder({ ...line, part: 'detail', digest })).toBe(`${trail} 0000000000000012 detail ${digest}`)
  expect(withheldOrder(line)).toBe(`${trail} 0000000000000012  `)
})

describe('a path', () => {
  const long = 'a'.repeat(100)

  test.each([
    'a',
    'README.en.md',
    'a/b/c',
    'tile/0/x001/234.p/5',
    '...',
    '.hidden',
    'a..',
    '..a',
    long,
    `${long.slice(1)}/${long}`,
  ])('may be %s', (path) => {
    expect(pathFits(path)).toBe(true)
  })

  test.each([
    '',
    '/',
    '/a',
    'a/',
    'a//b',
    '.',
    '..',
    'a/..',
    './a',
    'a b',
    'å',
    'aå',
    'åa',
    'a\n',
    'C:',
    'a\\b',
    `${long}a`,
    `${long}/${long}`,
    7,
    undefined,
    ['a'],
  ])('may not be %j', (path) => {
    expect(pathFits(path)).toBe(false)
  })
})
