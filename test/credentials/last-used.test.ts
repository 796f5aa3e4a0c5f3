import { expect, test } from 'vitest'
import { lastUsed } from '#credentials/last-used.ts'

test('what was used last is made once, and no more than the limit is kept', () => {
  const made: string[] = []
  const get = lastUsed(2, (name) => {
    made.push(name)
    return name.toUpperCase()
  })
  expect(['a', 'b', 'a', 'c', 'a', 'b'].map(get)).toEqual(['A', 'B', 'A', 'C', 'A', 'B'])
  // `b` was the one used longest ago when `c` came.
  expect(made).toEqual(['a', 'b', 'c', 'b'])
})
