/** The manifest: what is written is what is read, and nothing else is. */
import { describe, expect, test } from 'vitest'
import { canonicalBytes } from '#audit/canonical.ts'
import { contentDigest, type Manifest, manifestBytes, parseManifest } from '#audit/package/manifest.ts'

const digest = 'A'.repeat(43)
const trail = '9f0c0000-0000-4000-8000-000000000000'
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
  rules: [digest],
  trails: [{ trail, case: 'case_a', entries: 1, head: digest }],
  files,
  withheld: [
    { trail, n: 1, digest, part: 'detail', why: 'profile' },
    { trail, n: 2, part: 'inputs', why: 'protected' },
  ],
}

test('a manifest is read as it was written', () => {
  expect(parseManifest(manifestBytes(manifest))).toEqual(manifest)
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
    ['with a size that is no count', { files: [{ ...first, size: -1 }] }, 'files'],
    ['with a reason for withholding that is none', { withheld: [{ trail, n: 1, why: 'because' }] }, 'withheld'],
    ['that says the same twice', { withheld: [manifest.withheld[1], manifest.withheld[1]] }, 'withheld'],
    ['of a sample without its draw', { kind: 'sample' }, 'sample'],
    ['with a digest in a second spelling', { content: `${'A'.repeat(42)}B` }, 'content'],
  ])('%s', (_what, change, where) => {
    const bytes = canonicalBytes({ ...manifest, ...change })
    expect(() => parseManifest(bytes)).toThrow(`manifest-malformed: ${where}`)
  })
})
