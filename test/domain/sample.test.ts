/** Drawn samples: the same for everybody, and every stratum is heard. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { drawFrom, type Member } from '#domain/sample.ts'

const seeds = fc.stringMatching(/^[0-9a-f]{31}[1-9a-f]$/)
const seed = '00000000000000010000000000000002'
const levels = ['A', 'B-C1', 'E', 'F']
const populations = fc
  .array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 80 })
  .map((picks) =>
    picks.map(
      (pick, index): Member => ({ id: `case_${String(index).padStart(3, '0')}`, stratum: [levels[pick] ?? ''] }),
    ),
  )

describe('a sample', () => {
  test('is the same for the same population, size and seed, in whatever order the population comes', () => {
    fc.assert(
      fc.property(populations, seeds, fc.integer({ min: 1, max: 90 }), (population, one, size) => {
        const drawn = drawFrom(population, { size, seed: one })
        expect(drawFrom(population.toReversed(), { size, seed: one })).toEqual(drawn)
        expect(new Set(drawn.ids).size).toBe(Math.min(size, population.length))
      }),
    )
  })

  test('counts what it drew of each stratum, and one of each comes before a second of any', () => {
    fc.assert(
      fc.property(populations, fc.integer({ min: 1, max: 90 }), (population, size) => {
        const { ids, counts } = drawFrom(population, { size, seed })
        const drawnOf = (level: string) =>
          ids.filter((id) => population.find((one) => one.id === id)?.stratum[0] === level)
        for (const { stratum, drawn } of counts) expect(drawnOf(stratum[0] ?? '')).toHaveLength(drawn)
        if (size >= counts.length) for (const { drawn } of counts) expect(drawn).toBeGreaterThan(0)
        else for (const { drawn } of counts) expect(drawn).toBeLessThan(2)
      }),
    )
  })

  test('follows the shares of large strata', () => {
    const of = (level: string, many: number): Member[] =>
      Array.from({ length: many }, (_, index) => ({ id: `${level}-${index}`, stratum: [level] }))
    const { counts } = drawFrom([...of('A', 600), ...of('E', 300), ...of('F', 100)], { size: 20, seed })
    expect(counts.map(({ drawn }) => drawn)).toEqual([12, 6, 2])
  })

  test('of a given seed is this one, for ever', () => {
    const population = Array.from({ length: 10 }, (_, index) => ({ id: `case_${index}`, stratum: [] }))
    expect(drawFrom(population, { size: 4, seed }).ids).toMatchInlineSnapshot(`
      [
        "case_0",
        "case_1",
        "case_2",
        "case_8",
      ]
    `)
  })
})
