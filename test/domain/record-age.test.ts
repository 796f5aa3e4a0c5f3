import { expect, test } from 'vitest'
import { recordAge } from '#domain/record-age.ts'

const mark = { identity: 'one', reached: 40 }

test('a record is as old as its mark says, until somebody accepts what is missing', () => {
  expect(recordAge({ identity: 'one', reached: 40 }, mark)).toBe('agrees')
  expect(recordAge({ identity: 'one', reached: 39 }, mark)).toBe('older')
  expect(recordAge({ identity: 'one', reached: 39, acceptedMark: 40 }, mark)).toBe('accepted')
  expect(recordAge({ identity: 'two', reached: 41 }, mark)).toBe('foreign')
  expect(recordAge({ identity: 'one', reached: 0 }, undefined)).toBe('unmarked')
})

test('a log that was filled again makes no old record a whole one', () => {
  expect(recordAge({ identity: 'one', reached: 60, putBack: true }, mark)).toBe('older')
})
