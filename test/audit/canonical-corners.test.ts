/** Corners of the canonical form that mutation testing found unguarded: depth, prototypes, shared parts, and the words of each refusal. */
import { describe, expect, test } from 'vitest'
import { canonicalBytes, parseStrict, shareText } from '#audit/canonical.ts'

const text = (value: unknown, numbers: 'integers' | 'finite' = 'integers') =>
  new TextDecoder().decode(canonicalBytes(value, { numbers }))
const nested = (depth: number, wrap: (inner: unknown) => unknown, inner: unknown): unknown =>
  depth === 0 ? inner : wrap(nested(depth - 1, wrap, inner))
const inList = (inner: unknown) => [inner]
const inObject = (inner: unknown) => ({ a: inner })

describe('a value', () => {
  test.each([
    ['lists', inList],
    ['objects', inObject],
  ])('may stand 64 %s deep and no deeper', (_, wrap) => {
    expect(text(nested(64, wrap, 1))).toContain('1')
    expect(() => text(nested(65, wrap, 1))).toThrow('value-not-canonical')
  })

  test('has a plain prototype or none', () => {
    class Other extends Array<number> {}
    expect(text(Object.assign(Object.create(null) as object, { a: 1 }))).toBe('{"a":1}')
    expect(() => text(new Other())).toThrow('value-not-canonical: $')
    expect(() => text({ toJSON: 1 })).toThrow('value-not-canonical: $.toJSON')
  })
})

describe('bytes', () => {
  test.each([
    ['null', 'bytes-not-canonical: value'],
    ['{ }', 'bytes-not-canonical: fix-point'],
    ['{', 'bytes-not-json: $'],
  ])('%s are refused by their own words', (some, message) => {
    expect(() => parseStrict(new TextEncoder().encode(some))).toThrow(message)
  })
})

describe('a shared part', () => {
  test('is written once, where fractions are allowed and it stands in the upper half', () => {
    const part = { b: 0.5, a: [1] }
    expect(shareText(shareText(part))).toBe(part)
    part.b = 0.75
    // It promised not to change: what is written is what was shared.
    expect(text({ x: part }, 'finite')).toBe('{"x":{"a":[1],"b":0.5}}')
    expect(text(nested(32, inList, part), 'finite')).toContain('0.5')
    expect(text(nested(33, inList, part), 'finite')).toContain('0.75')
    expect(() => text({ x: part })).toThrow('value-not-canonical: $.x.b')
  })

  test('may be a list, and is written anew where it has no canonical form', () => {
    const list = shareText([0.5])
    list[0] = 0.25
    expect(text(list, 'finite')).toBe('[0.5]')
    const odd: { a: unknown } = shareText({ a: null })
    odd.a = 1
    expect(text(odd, 'finite')).toBe('{"a":1}')
  })
})
