/** Hashes and spellings against published vectors, and the separator that keeps parts apart. */
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { base32, base64, concat, fromBase64, hashParts, sameBytes, sha256, utf8 } from '#audit/digest.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const words = ['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar']

describe('digests', () => {
  test('are SHA-256 (FIPS 180-4, "abc")', () => {
    const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
    expect(hex(sha256('abc'))).toBe(abc)
    expect(hex(sha256(utf8('abc')))).toBe(abc)
  })

  test('are the same where every byte is, and one is no longer than the other', () => {
    const some = Uint8Array.of(1, 2, 3)
    expect(sameBytes(some, concat(Uint8Array.of(1), Uint8Array.of(2, 3)))).toBe(true)
    for (const other of [[1, 2], [1, 2, 3, 0], [0, 2, 3], [1, 2, 0], []]) {
      expect(sameBytes(some, Uint8Array.from(other))).toBe(false)
      expect(sameBytes(Uint8Array.from(other), some)).toBe(false)
    }
  })

  test.each(words)('spell %j in base64 with padding, as Node does, and read it back', (text) => {
    const bytes = Buffer.from(text)
    expect(base64(bytes)).toBe(bytes.toString('base64'))
    expect(hex(fromBase64(base64(bytes)))).toBe(hex(bytes))
  })

  test.each([
    ['', ''],
    ['f', 'my'],
    ['fo', 'mzxq'],
    ['foo', 'mzxw6'],
    ['foob', 'mzxw6yq'],
    ['fooba', 'mzxw6ytb'],
    ['foobar', 'mzxw6ytboi'],
  ])('spell %j as %j in base32 (RFC 4648 §10, lower case, no padding)', (text, spelled) => {
    expect(base32(Buffer.from(text))).toBe(spelled)
  })

  test('keep the parts of a key apart by a zero byte', () => {
    expect(hashParts('a', 'b')).toEqual(sha256('a\0b'))
    expect(hashParts('ab', 'c')).not.toEqual(hashParts('a', 'bc'))
    expect(hashParts('a', Uint8Array.of(98))).toEqual(hashParts('a', 'b'))
  })

  test('refuse a text that carries the separator itself', () => {
    expect(() => hashParts('a', 'b\0c')).toThrow('part-ambiguous: part 1')
  })

  test.each([
    'A',
    'AA',
    'AAA',
    'AB==',
    'AAB=',
    'A===',
    '====',
    'AA=A',
    'AAAA====',
    'A-_A',
    'AA\n=',
    'AAA\u0141',
    '\u0141AAA',
  ])('read base64 in one spelling only, which is not %j', (text) => {
    expect(() => fromBase64(text)).toThrow('base64-not-strict: $')
  })
})

/** As a browser runs it, where there is no Buffer, and as Node does. */
describe.each([
  ['with', Buffer],
  ['without', undefined],
])('%s Buffer', (_, spelling) => {
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  async function digests() {
    vi.resetModules()
    vi.stubGlobal('Buffer', spelling)
    const found = await import('#audit/digest.ts')
    vi.unstubAllGlobals()
    return found
  }

  test('bytes have the spellings everybody gives them, and are read back from them', async () => {
    const ours = await digests()
    // A part of a larger buffer is spelled, not the buffer.
    const bytes = fc.uint8Array().map((some) => concat(Uint8Array.of(9), some, Uint8Array.of(9)).subarray(1, -1))
    fc.assert(
      fc.property(bytes, (some) => {
        const theirs = Buffer.from(some)
        expect(ours.hex(some)).toBe(theirs.toString('hex'))
        expect(ours.base64(some)).toBe(theirs.toString('base64'))
        expect(ours.b64url(some)).toBe(theirs.toString('base64url'))
        expect(hex(ours.fromB64url(ours.b64url(some)))).toBe(hex(some))
        expect(hex(ours.fromBase64(ours.base64(some)))).toBe(hex(some))
      }),
    )
  })

  test.each(['AA==', 'AB', 'A', 'AAAAA', 'A A', 'A+/A', 'AA\n', 'AAA\u0141', 'A\u007f'])(
    'base64url has one spelling only, which is not %j',
    async (text) => {
      const { fromB64url } = await digests()
      expect(() => fromB64url(text)).toThrow('base64url-not-strict: $')
    },
  )
})
