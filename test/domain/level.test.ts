/** The level of each fixture, and the sentences of the level itself. */
import { describe, expect, test } from 'vitest'
import type { CaseInput } from '#domain/case.ts'
import { computeLevel, reachesByOwnTable } from '#domain/level.ts'
import { levels } from '#domain/policy/levels.ts'
import { fixtures, promised } from './fixtures.ts'

describe('a case as promised', () => {
  for (const { name, band, of } of fixtures) {
    test(`${name} reaches exactly ${band}`, () => {
      const computation = computeLevel(of(), 'actual')
      expect(computation.lacks.filter((lack) => lack.band === band)).toEqual([])
      expect(computation.level).toBe(band)
      expect(computeLevel(of(), 'assumed').level).toBe(band)
    })
  }
})

describe('frozen rules', () => {
  /** Nobody has approved, and the rules say that nobody needs to. */
  const loosened = (input: CaseInput): CaseInput => {
    const { 'C2-D': band } = levels.byBand
    const approvers = { ...band.approvers, demand: { ...band.approvers.demand, roles: [] } }
    const profiles = { ...levels, byBand: { ...levels.byBand, 'C2-D': { ...band, approvers } } }
    return { ...input, approvals: [], profiles }
  }

  test('that were loosened are found out by our own table of that version', () => {
    const input = loosened(promised['C2-D']())
    expect(computeLevel(input, 'actual').level).toBe('C2-D')
    expect(reachesByOwnTable(input)).toBe(false)
  })

  test('of a table that we never published are not believed', () => {
    const input = promised['C2-D']()
    expect(reachesByOwnTable(input)).toBe(true)
    expect(reachesByOwnTable({ ...input, profiles: { ...levels, version: '1999-01' } })).toBe(false)
    expect(reachesByOwnTable({ ...input, profiles: { ...levels, version: `${levels.version}+norrsken` } })).toBe(true)
  })
})
