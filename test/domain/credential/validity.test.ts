/** Months differ in length; validity must not. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { plusMonths, validityFrom } from '#domain/credential/validity.ts'
import { as, type Instant } from '#domain/words.ts'

const at = (text: string): Instant => as<Instant>(text)

describe('validity', () => {
  test.each([
    ['2026-01-31T10:00:00.000Z', 1, '2026-02-28T10:00:00.000Z'],
    ['2027-01-31T10:00:00.000Z', 13, '2028-02-29T10:00:00.000Z'],
    ['2026-11-30T23:59:59.999Z', 2, '2027-01-30T23:59:59.999Z'],
    ['2026-12-01T00:00:00.000Z', 12, '2027-12-01T00:00:00.000Z'],
    ['2096-02-29T00:00:00.000Z', 48, '2100-02-28T00:00:00.000Z'],
    ['2026-05-31T00:00:00.000Z', 1, '2026-06-30T00:00:00.000Z'],
  ])('%s and %i months is %s', (from, months, until) => {
    expect(plusMonths(at(from), months)).toBe(until)
  })

  test('agrees with the platform calendar on every day that exists in the target month', () => {
    const days = fc.date({ min: new Date('2000-01-01'), max: new Date('2090-01-01'), noInvalidDate: true })
    fc.assert(
      fc.property(days, fc.integer({ min: 0, max: 120 }), (date, months) => {
        const expected = new Date(date)
        expected.setUTCDate(1)
        expected.setUTCMonth(expected.getUTCMonth() + months + 1, 0)
        const last = expected.getUTCDate()
        expected.setUTCDate(Math.min(date.getUTCDate(), last))
        expect(plusMonths(at(date.toISOString()), months)).toBe(expected.toISOString())
      }),
    )
  })

  test('without a period there is no end', () => {
    expect(validityFrom(at('2026-01-01T00:00:00.000Z'), undefined)).toEqual({ from: '2026-01-01T00:00:00.000Z' })
  })
})
