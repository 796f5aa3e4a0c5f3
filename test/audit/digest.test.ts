/** Hashes and spellings against published vectors, and the separator that keeps parts apart. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { b64url, base32, fromB64url, hashParts, sha256 } from '#audit/digest.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe('digests', () => {
  test('are SHA-256 (FIPS 180-4, "abc")', () => {
    expect(hex(sha256('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
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

  test('read base64url in one spelling only', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => hex(fromB64url(b64url(bytes))) === hex(bytes)))
    for (const text of ['AA==', 'AB', 'A', 'A A', 'A+/A', 'AA\n']) {
      expect(() => fromB64url(text)).toThrow('base64url-not-strict')
    }
  })
})
