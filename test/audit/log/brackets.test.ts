import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Anchor, bracketOf, bracketProblem } from '#audit/brackets.ts'

const at = (minute: number, second = 0) => new Date(Date.UTC(2026, 2, 1, 10, minute, second)).toISOString()

/** Stamped at 10:10 with ten entries and told of by entry 12; at 10:20 with twenty, told of by entry 25. */
const anchors: readonly Anchor[] = [
  { size: 10, index: 12, genTime: at(10) },
  { size: 20, index: 25, genTime: at(20), accuracyMs: 1_000 },
]

describe('the bracket of an entry', () => {
  test.each([
    [0, { before: at(10) }],
    [9, { before: at(10) }],
    [10, { before: at(20, 1) }],
    [12, { before: at(20, 1) }],
    [13, { after: at(10), before: at(20, 1) }],
    [20, { after: at(10) }],
    [26, { after: at(19, 59) }],
  ])('at %i is the narrowest that the time-stamps give', (index, bracket) => {
    expect(bracketOf(index, anchors)).toEqual(bracket)
  })

  test('is open on both sides without time-stamps', () => {
    expect(bracketOf(3, [])).toEqual({})
  })

  test('does not depend on the order of the time-stamps, and more of them never make it wider', () => {
    const one = fc.record({ size: fc.nat(50), index: fc.nat(50), minute: fc.nat(59) })
    fc.assert(
      fc.property(fc.array(one, { maxLength: 6 }), one, fc.nat(50), (some, more, index) => {
        const given = some.map(({ minute, ...rest }) => ({ ...rest, genTime: at(minute) }))
        const all = [...given, { ...more, genTime: at(more.minute) }]
        const narrow = bracketOf(index, all)
        const wide = bracketOf(index, given)
        expect(bracketOf(index, all.toReversed())).toEqual(narrow)
        expect((narrow.after ?? '') >= (wide.after ?? '')).toBe(true)
        expect((narrow.before ?? '9') <= (wide.before ?? '9')).toBe(true)
      }),
    )
  })

  test('that nobody stamped judges nothing', () => {
    expect(bracketProblem(at(15), {})).toBeUndefined()
  })

  test.each([
    [at(15), undefined],
    [at(9, 30), undefined],
    [at(21), undefined],
    [at(9), undefined],
    [at(21, 1), undefined],
    [at(8, 59), 'backdated'],
    [at(21, 2), 'dated-ahead'],
    [at(8), 'backdated'],
    [at(22), 'dated-ahead'],
  ])('judges an entry dated %s, with a minute for the way into the log', (dated, problem) => {
    expect(bracketProblem(dated, bracketOf(13, anchors))).toBe(problem)
  })
})
