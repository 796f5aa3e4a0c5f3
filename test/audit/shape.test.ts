/** Shapes of what strangers may hand us: each form with its neighbours that are none, and the name of the member that does not fit. */
import { describe, expect, test } from 'vitest'
import {
  anyOf,
  type Check,
  code,
  databaseTime,
  digest,
  isObject,
  listOf,
  logOrigin,
  misfitOf,
  moment,
  natural,
  positive,
  shaped,
  uuid,
} from '#audit/shape.ts'
import { digest as someDigest, trail } from './sample.ts'

test.each<[string, Check, readonly unknown[], readonly unknown[]]>([
  ['a code', code, ['!', '~', 'x'.repeat(512)], ['', ' ', 'a b', 'å', '\u007f', 'a\n', 'x'.repeat(513), 7]],
  ['a UUID', uuid, [trail], [trail.toUpperCase(), `${trail}0`, `0${trail}`, trail.replaceAll('-', ''), 7]],
  [
    'a digest',
    digest,
    [someDigest, 'A'.repeat(43)],
    [`${'A'.repeat(42)}B`, `${'A'.repeat(42)}=`, `+${'A'.repeat(42)}`, 'A'.repeat(44), 'A'.repeat(42), 7],
  ],
  ['the name of a log', logOrigin, ['a.b/c', 'a/b/c-1'], ['a', 'a/', '/a', 'A/b', 'a/b c', 'a/b\n', 'a/b.c']],
  [
    'a time of the database',
    databaseTime,
    ['2026-03-01T10:00:00.000Z', '2024-02-29T23:59:59.999Z'],
    [
      '2026-02-29T10:00:00.000Z',
      '2026-03-01T24:00:00.000Z',
      '2026-03-01T10:00:00Z',
      '2026-03-01T10:00:00.000+00:00',
      ' 2026-03-01T10:00:00.000Z',
      '2026-03-01T10:00:00.000Z ',
      ['2026-03-01T10:00:00.000Z'],
      7,
    ],
  ],
  ['a natural number', natural, [0, 1, 2 ** 53 - 1], [-1, 0.5, 2 ** 53, '1', undefined]],
  ['a positive number', positive, [1, 2 ** 53 - 1], [0, -1, 0.5, '1']],
  ['an object', isObject, [{}, { a: 1 }], [[], null, undefined, 'a', 7]],
  ['a list of one or more', listOf(natural), [[1], [1, 2]], [[], [1, -1], [-1, 1], 1, { length: 1 }]],
  ['a list of any', anyOf(natural), [[], [1]], [[1, -1], [-1, 1], { length: 0 }]],
])('%s', (_, check, fit, misfit) => {
  for (const value of fit) expect([value, check(value)]).toEqual([value, true])
  for (const value of misfit) expect([value, check(value)]).toEqual([value, false])
})

describe('a time in another zone', () => {
  const claimed = moment(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})$/)

  test('may be another day in ours, and must be one that is', () => {
    expect(claimed('2026-03-01T00:30:00+01:00')).toBe(true)
    expect(claimed('2026-03-01T00:30:00Z')).toBe(true)
    expect(claimed('2026-13-01T00:30:00+01:00')).toBe(false)
    expect(claimed('2026-02-30T00:30:00Z')).toBe(false)
    expect(claimed('2026-02-30T00:30:00+01:00')).toBe(false)
    expect(claimed('2026-03-01T00:30:00+25:00')).toBe(false)
  })
})

describe('a shape', () => {
  const shape = { required: { a: natural, b: natural }, optional: { c: natural } }
  const misfit = misfitOf(shape)

  test.each<[unknown, string | undefined]>([
    [{ a: 1, b: 2 }, undefined],
    [{ a: 1, b: 2, c: 3 }, undefined],
    [{ b: 2 }, 'a'],
    [{ a: 1, b: -1 }, 'b'],
    [{ a: 1, b: 2, c: -1 }, 'c'],
    [{ a: 1, b: 2, d: 4 }, 'd'],
    [{ a: 1, b: 2, toString: 4 }, 'toString'],
    [[1, 2], '$'],
    [null, '$'],
  ])('names the first member of %j that does not fit: %s', (value, name) => {
    expect(misfit(value)).toBe(name)
    expect(shaped(shape)(value)).toBe(name === undefined)
  })

  test('needs no optional members', () => {
    expect(misfitOf({ required: {} })({})).toBeUndefined()
    expect(misfitOf({ required: {} })({ a: 1 })).toBe('a')
  })
})
