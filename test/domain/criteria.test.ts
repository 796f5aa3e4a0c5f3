/** Criteria that were there before the learner was assessed by them, as far as the record tells. */
import { describe, expect, test } from 'vitest'
import { assessmentBeginning, criteriaFirst } from '#domain/criteria.ts'
import type { EvidenceKind } from '#domain/evidence.ts'
import { as, type Instant } from '#domain/words.ts'
import { type Change, each, promised } from './fixtures.ts'

const at = (text: string) => as<Instant>(text)
const without =
  (kind: EvidenceKind): Change =>
  (input) => ({ ...input, evidence: input.evidence.filter((fact) => fact.kind !== kind) })
const before = at('2020-01-01T00:00:00.000Z')

describe('an assessment', () => {
  test('began when the supervision of its occasion did', () => {
    const input = promised.A()
    const [report] = input.evidence.filter((fact) => fact.kind === 'proctoring')
    expect(assessmentBeginning(input)).toEqual({ at: report?.from, by: report?.from })
  })

  test('of which nobody reports how it was supervised had begun by its result', () => {
    const input = without('proctoring')(promised.A())
    const results = input.evidence.filter((fact) => fact.kind === 'result')
    const [first] = results.flatMap(({ purpose, at: on }) => (purpose === 'summative' ? [on] : [])).toSorted()
    expect(assessmentBeginning(input)).toEqual({ by: first })
  })

  test('began earlier where a result of it is dated before its supervision', () => {
    const early = each('result', () => ({ at: before }))
    expect(assessmentBeginning(early(promised.A()))?.by).toBe(before)
  })

  test('is none where the band stands on taking part', () => {
    expect(assessmentBeginning(without('result')(promised.F()))).toBeUndefined()
  })
})

describe('criteria', () => {
  const began = at('2026-05-04T09:00:00.000Z')
  const known = { at: began, by: began }
  test.each([
    ['the day before', '2026-05-03T09:00:00.000Z', known, 'yes'],
    ['a millisecond before', '2026-05-04T08:59:59.999Z', known, 'yes'],
    ['at the same moment', '2026-05-04T09:00:00.000Z', known, 'no'],
    ['afterwards', '2026-05-04T09:00:00.001Z', known, 'no'],
    ['before the result, of an assessment without a beginning', '2026-05-03T09:00:00.000Z', { by: began }, 'unknown'],
    ['after the result, whenever it began', '2026-05-05T09:00:00.000Z', { by: began }, 'no'],
    ['once, of an assessment nobody tells of', '2026-05-03T09:00:00.000Z', undefined, 'unknown'],
    ['nobody knows when', undefined, known, 'unknown'],
  ] as const)('published %s', (_when, published, beginning, holds) => {
    const found = criteriaFirst(published === undefined ? undefined : at(published), beginning)
    expect(found.holds).toBe(holds)
    expect(found.because.sv).not.toBe('')
    expect(found.because.en).not.toBe('')
  })
})
