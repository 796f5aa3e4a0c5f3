/** Canonical bytes: one value, one spelling, and nothing repaired on the way. */
import serialize from 'canonicalize'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalBytes, type Json, parseStrict } from '#audit/canonical.ts'

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const bytes = (value: string) => new TextEncoder().encode(value)

describe('canonical bytes', () => {
  test('order members by their UTF-16 code units and escape only what RFC 8785 escapes', () => {
    expect(text(canonicalBytes({ b: 1, a: 'å"\n', '€': true, Z: [] }))).toBe('{"Z":[],"a":"å\\"\\n","b":1,"€":true}')
  })

  test('write fractions only when they are asked for', () => {
    expect(text(canonicalBytes({ passMark: 0.6 }, { numbers: 'finite' }))).toBe('{"passMark":0.6}')
    expect(() => canonicalBytes({ passMark: 0.6 })).toThrow('value-not-canonical: $.passMark')
  })

  test('write nulls only when they are allowed', () => {
    expect(text(canonicalBytes([null], { nulls: 'allowed' }))).toBe('[null]')
    expect(() => canonicalBytes([null])).toThrow('value-not-canonical: $[0]')
  })

  test.each([
    ['an undefined member', { a: undefined }, '$.a'],
    ['a hole in a list', Object.assign([], { length: 3 }), '$'],
    ['an object with toJSON', { toJSON: () => 'x' }, '$.toJSON'],
    ['a date', { at: new Date(0) }, '$.at'],
    ['a map', new Map(), '$'],
    ['bytes', { leaf: new Uint8Array(2) }, '$.leaf'],
    ['a lone surrogate in a text', ['\ud800'], '$[0]'],
    ['a lone surrogate in a name', { '\udc00': 1 }, '$.\udc00'],
    ['a member called __proto__', JSON.parse('{"__proto__":1}'), '$.__proto__'],
    ['a symbol', { [Symbol('s')]: 1 }, '$'],
    ['infinity', [Number.POSITIVE_INFINITY], '$[0]'],
    ['an unsafe integer', [2 ** 53], '$[0]'],
    ['a big integer', [1n], '$[0]'],
    ['a list with extra members', Object.assign([1], { more: 1 }), '$'],
  ])('refuse %s', (_, value, where) => {
    expect(() => canonicalBytes(value)).toThrow(`value-not-canonical: ${where}`)
  })

  test('refuse what is nested beyond reason', () => {
    const deep = JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`)
    expect(() => canonicalBytes(deep)).toThrow('value-not-canonical')
    expect(() => parseStrict(bytes(`${'['.repeat(200)}${']'.repeat(200)}`))).toThrow('bytes-not-canonical')
  })
})

describe('strict parsing', () => {
  test.each([
    ['a repeated member', '{"a":1,"a":2}', 'bytes-not-canonical'],
    ['members out of order', '{"b":1,"a":2}', 'bytes-not-canonical'],
    ['a space', '{"a": 1}', 'bytes-not-canonical'],
    ['a needless escape', '"\\u0061"', 'bytes-not-canonical'],
    ['an integer with a fraction', '[1.0]', 'bytes-not-canonical'],
    ['minus zero', '[-0]', 'bytes-not-canonical'],
    ['a fraction where only integers may be', '[0.5]', 'bytes-not-canonical'],
    ['null', 'null', 'bytes-not-canonical'],
    ['a byte order mark', '\ufeff{}', 'bytes-not-json'],
    ['half a document', '{"a":', 'bytes-not-json'],
    ['nothing', '', 'bytes-not-json'],
  ])('refuses %s', (_, document, code) => {
    expect(() => parseStrict(bytes(document))).toThrow(code)
  })

  test('refuses bytes that are not UTF-8', () => {
    expect(() => parseStrict(Uint8Array.of(0x22, 0xff, 0x22))).toThrow('bytes-not-json')
  })

  test('reads back exactly what was written, for any value', () => {
    const { json } = fc.letrec<{ json: Json }>((tie) => ({
      json: fc.oneof(
        { maxDepth: 4 },
        fc.string({ unit: 'grapheme' }),
        fc.boolean(),
        fc.maxSafeInteger(),
        fc.array(tie('json'), { maxLength: 4 }),
        fc.dictionary(
          fc.string().filter((name) => name !== '__proto__' && name !== 'toJSON'),
          tie('json'),
          {
            maxKeys: 4,
            noNullPrototype: true,
          },
        ),
      ),
    }))
    fc.assert(
      fc.property(json, (value) => {
        const written = canonicalBytes(value)
        expect(canonicalBytes(parseStrict(written))).toEqual(written)
      }),
    )
  })
})

test('whatever JSON holds, the bytes are those of a library of other hands', () => {
  const plain = fc.jsonValue({ maxDepth: 5 }).filter((value) => !/__proto__|toJSON/.test(JSON.stringify(value)))
  fc.assert(
    fc.property(plain, (value) => {
      const options = { numbers: 'finite', nulls: 'allowed' } as const
      expect(text(canonicalBytes(value, options))).toBe(serialize(value))
    }),
  )
})
