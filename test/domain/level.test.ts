/** The level of each fixture, and the sentences of the level itself. */
import { describe, expect, test } from 'vitest'
import { computeLevel } from '#domain/level.ts'
import { fixtures } from './fixtures.ts'

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
