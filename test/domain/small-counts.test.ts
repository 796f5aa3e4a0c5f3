import { expect, test } from 'vitest'
import { tellCounts } from '#domain/small-counts.ts'

const told = (counts: Record<string, number>) =>
  Object.fromEntries(
    tellCounts(Object.entries(counts).map(([name, count]) => ({ name, count }))).map((one) => [one.name, one.count]),
  )

test('numbers below five are not told, others are', () => {
  expect(told({ a: 1, b: 4, c: 5, d: 900 })).toEqual({ a: null, b: null, c: 5, d: 900 })
  expect(told({ a: 5, b: 6 })).toEqual({ a: 5, b: 6 })
})

test('where one number would be hidden alone, the next smallest is hidden with it', () => {
  expect(told({ a: 2, b: 900, c: 7 })).toEqual({ a: null, b: 900, c: null })
  expect(told({ a: 2 })).toEqual({ a: null })
})

test('nothing at all is not a number about anybody', () => {
  expect(told({ a: 0, b: 10 })).toEqual({ b: 10 })
})
