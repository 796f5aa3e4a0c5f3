/** Salted digests: they open to what was committed to and to nothing else. */
import { describe, expect, test } from 'vitest'
import { disclose, newSalt, openDisclosure } from '#audit/disclosure.ts'

const salt = Uint8Array.from({ length: 16 }, (_, index) => index)

describe('a disclosure', () => {
  test('is the base64url of [salt, name, value] and its digest the hash of that text (RFC 9901 §4.2)', () => {
    const { disclosure, digest } = disclose('reason', 'Åtgärdat', salt)
    expect(Buffer.from(disclosure, 'base64url').toString()).toBe('["AAECAwQFBgcICQoLDA0ODw","reason","Åtgärdat"]')
    expect(digest).toBe('7hYcE0Q6pYZcxJNAlIsGb0la-djj6inI5nApAmNDRDc')
  })

  test('opens against the digest it belongs to', () => {
    const { disclosure, digest } = disclose('grade', { value: 0.5, at: null }, newSalt())
    const opened = openDisclosure(disclosure, ['other', digest])
    expect(opened).toEqual({ kind: 'opened', name: 'grade', value: { value: 0.5, at: null }, digest })
  })

  test('is foreign to an entry that never committed to it', () => {
    const { disclosure } = disclose('grade', 'VG', newSalt())
    const { digest } = disclose('grade', 'VG', newSalt())
    expect(openDisclosure(disclosure, [digest]).kind).toBe('foreign')
  })

  test.each([
    ['no base64url', '***'],
    ['no list', Buffer.from('{}').toString('base64url')],
    ['too few parts', Buffer.from('["a","b"]').toString('base64url')],
    ['too many parts', Buffer.from('["a","b",1,2]').toString('base64url')],
    ['a salt that is no text', Buffer.from('[1,"b","c"]').toString('base64url')],
    ['a name that is no text', Buffer.from('["a",1,"c"]').toString('base64url')],
    ['a second spelling of the same', Buffer.from('["a", "b", 1]').toString('base64url')],
  ])('is malformed as %s', (_, disclosure) => {
    expect(openDisclosure(disclosure, []).kind).toBe('malformed')
  })

  test('that is no text is a fault of the caller, not a malformed disclosure', () => {
    expect(() => openDisclosure(undefined as unknown as string, [])).toThrow(TypeError)
  })

  test('needs 128 bits of salt and a name of its own', () => {
    expect(() => disclose('a', 1, new Uint8Array(15))).toThrow('salt-too-short')
    expect(() => disclose('_sd', 1, salt)).toThrow('disclosure-name-reserved')
    expect(() => disclose('...', 1, salt)).toThrow('disclosure-name-reserved')
    expect(newSalt()).not.toEqual(newSalt())
  })
})
