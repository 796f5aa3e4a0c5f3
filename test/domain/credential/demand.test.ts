/** A demand is met by what is said and established, and by nothing else. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Demand, demandText, judgeDemand, type Statements } from '#domain/credential/demand.ts'
import { demandPattern, readDemand } from '#domain/credential/demand-text.ts'
import { bands } from '#domain/words.ts'

const demands: fc.Arbitrary<Demand> = fc
  .record({
    seqf: fc.option(fc.integer({ min: 1, max: 8 })),
    loa: fc.option(fc.integer({ min: 1, max: 4 })),
    bands: fc.option(fc.subarray([...bands], { minLength: 1 })),
  })
  .map(
    ({ seqf, loa, bands: among }): Demand => [
      ...(seqf === null ? [] : [{ member: 'seqf' as const, least: seqf }]),
      ...(loa === null ? [] : [{ member: 'loa' as const, least: loa }]),
      ...(among === null ? [] : [{ member: 'bands' as const, among }]),
    ],
  )
  .filter((demand) => demand.length > 0)

const statements: fc.Arbitrary<Statements> = fc.record(
  {
    seqf: fc.integer({ min: 1, max: 8 }),
    loa: fc.integer({ min: 0, max: 4 }),
    band: fc.constantFrom(...bands),
    test: fc.boolean(),
  },
  { requiredKeys: ['test'] },
)
const genuineness = fc.constantFrom('verified', 'refused', 'could-not-verify')

function read(text: string): Demand {
  const found = readDemand(text)
  if (found.kind !== 'demand') throw new Error(JSON.stringify(found.problems))
  return found.demand
}

const pattern = new RegExp(demandPattern, 'u')
/** Any text, pieces of demands in disorder, and demands in every spelling. */
const texts = fc.oneof(
  fc.string(),
  fc
    .array(fc.constantFrom('SeQF', 'LoA', 'bands', '>=', '≥', '{', '}', ',', ' ', 'A', 'B-C1', '6'))
    .map((all) => all.join('')),
  fc.stringMatching(pattern, { maxLength: 200 }),
)

describe('a demand in words', () => {
  test('can be read exactly when the pattern of the descriptions matches', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(readDemand(text).kind).toBe(pattern.test(text) ? 'demand' : 'invalid')
      }),
    )
  })

  test.each([
    ['SeQF ≥ 6, LoA ≥ 3, bands {A, B–C1}', 'SeQF >= 6, LoA >= 3, bands {A, B-C1}'],
    ['loa>=2', 'LoA >= 2'],
    [' bands { e , A,d-e } , seqf >=5 ', 'bands {A, D-E, E}, SeQF >= 5'],
    ['band {A}', 'bands {A}'],
  ])('%j is understood as %j', (text, understood) => {
    expect(demandText(read(text))).toBe(understood)
  })

  test.each([
    ['', 'empty', 0],
    [' , ', 'empty', 0],
    ['SeQF >= 6,, LoA >= 3', 'syntax', 10],
    ['EQF >= 6', 'unknown-member', 0],
    ['LoA >= 3, constructor >= 1', 'unknown-member', 10],
    ['SeQF > 6', 'wrong-operator', 5],
    ['SeQF 6', 'wrong-operator', 5],
    ['SeQF >= 9', 'bad-value', 8],
    ['SeQF >= 6.5', 'bad-value', 8],
    ['LoA >= 0', 'bad-value', 7],
    ['LoA >=', 'bad-value', 6],
    ['LoA >= 3, loa >= 2', 'repeated-member', 10],
    ['bands A', 'syntax', 6],
    ['bands {A', 'syntax', 6],
    ['bands {}', 'unknown-band', 7],
    ['bands {A, G}', 'unknown-band', 10],
    ['>= 6', 'syntax', 0],
    ['x'.repeat(501), 'syntax', 500],
  ])('%j is refused as %s at %i', (text, code, position) => {
    expect(readDemand(text)).toMatchObject({ kind: 'invalid', problems: [{ code, position }] })
  })

  test('all faults are told at once, in both languages, with how to mend each', () => {
    const found = readDemand('SeQF > 6, foo, bands {Z}')
    const problems = found.kind === 'invalid' ? found.problems : []
    expect(problems.map(({ code }) => code)).toEqual(['wrong-operator', 'unknown-member', 'unknown-band'])
    for (const { what, mend } of problems)
      for (const words of [what.sv, what.en, mend.sv, mend.en]) expect(words).toMatch(/\S{2}.*\.$/)
  })

  test('what is written out is read back the same', () => {
    fc.assert(
      fc.property(demands, (demand) => {
        expect(read(demandText(demand))).toEqual(demand)
      }),
    )
  })

  test('no text makes the reader fail otherwise than by telling what is wrong, inside the text', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const found = readDemand(text)
        const told = found.kind === 'demand' ? found.demand : found.problems
        expect(told.length).toBeGreaterThan(0)
        if (found.kind === 'demand') return
        for (const { position } of found.problems) expect(position >= 0 && position <= text.length).toBe(true)
      }),
    )
  })
})

describe('a demand judged', () => {
  test.each([
    ['SeQF >= 6', { seqf: 6 }, 'met'],
    ['SeQF >= 6', { seqf: 5 }, 'not-met'],
    ['SeQF >= 6', {}, 'could-not-check'],
    ['LoA >= 1', { loa: 0 }, 'not-met'],
    ['LoA >= 3', { loa: 4 }, 'met'],
    ['bands {A, B-C1}', { band: 'B-C1' }, 'met'],
    ['bands {A, B-C1}', { band: 'C2-D' }, 'not-met'],
    ['bands {C2-D}', { band: 'A' }, 'not-met'],
    ['SeQF >= 6, LoA >= 3', { seqf: 7 }, 'could-not-check'],
    ['SeQF >= 6, LoA >= 3', { loa: 2 }, 'not-met'],
  ] as const)('%s against %j is %s', (text, said, result) => {
    const judged = judgeDemand(read(text), { genuineness: 'verified', statements: { test: false, ...said } })
    expect(judged.result).toBe(result)
  })

  test('nothing is met unless the credential is verified, no test, and states everything', () => {
    fc.assert(
      fc.property(demands, genuineness, fc.option(statements), (demand, genuine, said) => {
        const given = said === null ? {} : { statements: said }
        const judged = judgeDemand(demand, { genuineness: genuine, ...given })
        const isSound = genuine === 'verified' && said !== null && !said.test
        const saysAll = demand.every(({ member }) => said?.[member === 'bands' ? 'band' : member] !== undefined)
        if (judged.result === 'met') expect([isSound, saysAll]).toEqual([true, true])
        if (!isSound) expect(judged.clauses.map(({ result }) => result)).not.toContain('met')
        if (genuine === 'refused') expect(judged.result).toBe('not-met')
      }),
    )
  })

  test('the whole is met exactly when every clause is, and not met when one is not', () => {
    fc.assert(
      fc.property(demands, statements, (demand, said) => {
        const { result, clauses } = judgeDemand(demand, {
          genuineness: 'verified',
          statements: { ...said, test: false },
        })
        const each = clauses.map((clause) => clause.result)
        const expected = each.includes('not-met')
          ? 'not-met'
          : each.every((one) => one === 'met')
            ? 'met'
            : 'could-not-check'
        expect(result).toBe(expected)
      }),
    )
  })

  test('a credential that says more never meets less', () => {
    const raised = (said: Statements): Statements => ({
      ...said,
      ...(said.seqf === undefined ? {} : { seqf: Math.min(said.seqf + 1, 8) }),
      ...(said.loa === undefined ? {} : { loa: Math.min(said.loa + 1, 4) }),
    })
    fc.assert(
      fc.property(demands, statements, (demand, said) => {
        const judge = (one: Statements) => judgeDemand(demand, { genuineness: 'verified', statements: one }).result
        if (judge(said) === 'met') expect(judge(raised(said))).toBe('met')
      }),
    )
  })
})
