/** An institution may only tighten: each member of each row in both directions, and whole cases under random tightenings. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Tightening as Declared } from '#config/register/files.ts'
import { computeLevel } from '#domain/level.ts'
import { levels } from '#domain/policy/levels.ts'
import { type Tightening, tighten } from '#domain/policy/tighten.ts'
import { type Band, bands, rank } from '#domain/words.ts'
import { messyCase } from '../mess.ts'

const why = { because: { sv: 'Beslut', en: 'Decision' }, reference: 'Dnr 1' }
type Demand = Pick<Tightening, 'row' | 'demand'>
const declared = (band: Band, of: Demand, id = 'skarpning-1') => ({ id, band, ...of, ...why }) as Tightening

const tighter: readonly (readonly [Band, Demand])[] = [
  ['A', { row: 'loa', demand: { atLeast: 4 } }],
  ['E', { row: 'loa', demand: { atLeast: 1 } }],
  ['D-E', { row: 'loa', demand: { orProctored: false } }],
  ['B-C1', { row: 'separation', demand: { organisations: true } }],
  ['C2-D', { row: 'separation', demand: { scorers: 'one-per-result' } }],
  ['B-C1', { row: 'separation', demand: { scorers: 'all', scorersNotEmployer: true } }],
  ['C2-D', { row: 'separation', demand: { approver: ['not-teacher', 'not-scorer'] } }],
  ['E', { row: 'separation', demand: { confirmerNotLearner: true } }],
  ['C2-D', { row: 'separation', demand: { checkerNotTeacher: true } }],
  ['B-C1', { row: 'separation', demand: { teachingDays: 365 } }],
  ['D-E', { row: 'separation', demand: { teachersKnown: true } }],
  ['A', { row: 'supervision', demand: { ways: ['on-site-id-check'] } }],
  ['C2-D', { row: 'supervision', demand: { ways: ['online-human'] } }],
  ['D-E', { row: 'supervision', demand: { ways: ['on-site-id-check', 'online-human'] } }],
  ['B-C1', { row: 'identity', demand: { ways: ['document'] } }],
  ['E', { row: 'identity', demand: { ways: ['session'] } }],
  ['B-C1', { row: 'premises', demand: { demands: 'approved' } }],
  ['F', { row: 'premises', demand: { demands: 'named' } }],
  ['D-E', { row: 'attendance', demand: { share: 0.9 } }],
  ['A', { row: 'durations', demand: { evidence: 60, approval: 60, reminder: 30, officer: 60, freshLogin: 60 } }],
]

const looser: readonly (readonly [Band, Demand])[] = [
  ['A', { row: 'loa', demand: { atLeast: 2 } }],
  ['C2-D', { row: 'loa', demand: { orProctored: true } }],
  ['A', { row: 'separation', demand: { organisations: false } }],
  ['A', { row: 'separation', demand: { scorers: 'one-per-result' } }],
  ['B-C1', { row: 'separation', demand: { scorers: 'none' } }],
  ['A', { row: 'separation', demand: { scorersNotEmployer: false } }],
  ['B-C1', { row: 'separation', demand: { approver: ['not-teacher'] } }],
  ['C2-D', { row: 'separation', demand: { approver: [] } }],
  ['D-E', { row: 'separation', demand: { confirmerNotLearner: false } }],
  ['B-C1', { row: 'separation', demand: { checkerNotTeacher: false } }],
  ['A', { row: 'separation', demand: { teachingDays: 729 } }],
  ['C2-D', { row: 'separation', demand: { teachersKnown: false } }],
  ['A', { row: 'supervision', demand: { ways: [] } }],
  ['B-C1', { row: 'identity', demand: { ways: ['document', 'roster'] } }],
  ['B-C1', { row: 'identity', demand: { ways: [] } }],
  ['A', { row: 'premises', demand: { demands: 'confirmed' } }],
  ['D-E', { row: 'premises', demand: { demands: 'none' } }],
  ['D-E', { row: 'attendance', demand: { share: 0.5 } }],
  ['B-C1', { row: 'durations', demand: { freshLogin: 7_200 } }],
  ['E', { row: 'durations', demand: { approval: 60, officer: 86_400 * 8 } }],
]

const name = ([band, { row, demand }]: readonly [Band, Demand]) => `${band} ${row} ${JSON.stringify(demand)}`

describe('a tightening', () => {
  for (const row of tighter) {
    test(`is accepted when it is tighter: ${name(row)}`, () => {
      const [band, of] = row
      const result = tighten(levels, [declared(band, of)])
      expect(result.kind).toBe('profiles')
      if (result.kind !== 'profiles') return
      const profile = result.profiles.byBand[band]
      const applied = of.row === 'durations' ? profile.durations : profile[of.row].demand
      expect(applied).toMatchObject(of.demand)
      expect({ ...result.profiles.byBand, [band]: levels.byBand[band] }).toEqual(levels.byBand)
    })
  }

  for (const row of looser) {
    test(`is refused when it is looser: ${name(row)}`, () => {
      const [band, of] = row
      const result = tighten(levels, [declared(band, of)])
      expect(result).toMatchObject({ kind: 'loosens', problems: [{ rule: `${band}.${of.row}` }] })
    })
  }

  test('that repeats the table changes no demand', () => {
    const same = bands.map((band) =>
      declared(band, { row: 'separation', demand: levels.byBand[band].separation.demand }, `same-${band}`),
    )
    const result = tighten(levels, same)
    if (result.kind !== 'profiles') throw new TypeError('refused')
    for (const band of bands) {
      expect(result.profiles.byBand[band].separation.demand).toEqual(levels.byBand[band].separation.demand)
    }
  })

  test('says in the cell whose decision it is, and keeps rule id and source', () => {
    const result = tighten(levels, [declared('A', { row: 'loa', demand: { atLeast: 4 } })])
    if (result.kind !== 'profiles') throw new TypeError('refused')
    expect(result.profiles.byBand.A.loa).toMatchObject({ rule: 'A.loa', source: levels.byBand.A.loa.source })
    expect(result.profiles.byBand.A.loa.text.sv).toContain('Dnr 1')
  })

  test('one that is looser spoils all: nothing is applied', () => {
    const [first] = tighter
    const [, second] = looser
    if (first === undefined || second === undefined) throw new TypeError('no rows')
    expect(tighten(levels, [declared(...first), declared(...second, 'skarpning-2')]).kind).toBe('loosens')
  })

  test('of several the strictest member counts, in any order', () => {
    const three = declared('C2-D', { row: 'loa', demand: { atLeast: 3 } }, 'a')
    const four = declared('C2-D', { row: 'loa', demand: { atLeast: 4 } }, 'b')
    for (const list of [
      [three, four],
      [four, three],
    ]) {
      const result = tighten(levels, list)
      expect(result).toMatchObject({ profiles: { byBand: { 'C2-D': { loa: { demand: { atLeast: 4 } } } } } })
    }
  })

  test('two that leave no way at all are refused, because no way would mean no demand', () => {
    const document = declared('B-C1', { row: 'identity', demand: { ways: ['document'] } }, 'a')
    const match = declared('B-C1', { row: 'identity', demand: { ways: ['login-live-match'] } }, 'b')
    expect(tighten(levels, [document, match])).toMatchObject({ kind: 'loosens' })
  })

  test('as declared in a register has the shape the rules take', () => {
    const fromFile: Declared = { id: 'x', band: 'A', row: 'loa', demand: { atLeast: 4 }, ...why }
    const taken: Tightening = fromFile
    expect(tighten(levels, [taken]).kind).toBe('profiles')
  })
})

/** Random demands, tighter and looser alike; the rule sorts them out. */
const anyDemand: fc.Arbitrary<Demand> = fc.oneof(
  fc.record({ row: fc.constant('loa' as const), demand: fc.record({ atLeast: fc.constantFrom(1, 2, 3, 4) }) }),
  fc.record({
    row: fc.constant('separation' as const),
    demand: fc.record(
      {
        organisations: fc.boolean(),
        scorers: fc.constantFrom('all', 'one-per-result', 'none'),
        scorersNotEmployer: fc.boolean(),
        approver: fc.subarray([
          'not-teacher',
          'not-scorer',
          'not-invigilator',
          'not-employer',
          'not-unit-or-line',
        ] as const),
        checkerNotTeacher: fc.boolean(),
        teachingDays: fc.constantFrom(0, 365, 730, 1_000),
        teachersKnown: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
  }),
  fc.record({
    row: fc.constant('supervision' as const),
    demand: fc.record({ ways: fc.subarray(['on-site-id-check', 'online-human'] as const, { minLength: 1 }) }),
  }),
  fc.record({
    row: fc.constant('identity' as const),
    demand: fc.record({
      ways: fc.subarray(['document', 'login-live-match', 'roster', 'session', 'proctored'] as const, { minLength: 1 }),
    }),
  }),
  fc.record({
    row: fc.constant('premises' as const),
    demand: fc.record({ demands: fc.constantFrom('approved', 'confirmed', 'named', 'where', 'none') }),
  }),
  fc.record({ row: fc.constant('attendance' as const), demand: fc.record({ share: fc.constantFrom(0, 0.8, 0.95) }) }),
  fc.record({
    row: fc.constant('durations' as const),
    demand: fc.record({ freshLogin: fc.constantFrom(60, 3_600, 9_000) }),
  }),
) as fc.Arbitrary<Demand>

const anyTightenings = fc
  .array(fc.tuple(fc.constantFrom(...bands), anyDemand), { minLength: 1, maxLength: 3 })
  .map((list) => list.map(([band, of], index) => declared(band, of, `t-${index}`)))

describe('whatever an institution declares', () => {
  test('an accepted tightening never raises the level of any case', () => {
    let accepted = 0
    fc.assert(
      fc.property(messyCase, anyTightenings, (input, tightenings) => {
        const single = tightenings.filter((one) => tighten(levels, [one]).kind === 'profiles')
        const result = tighten(levels, single)
        if (result.kind !== 'profiles') return
        accepted += single.length
        const tightened = { ...input, profiles: result.profiles }
        for (const approvals of ['assumed', 'actual'] as const) {
          expect(rank(computeLevel(tightened, approvals).level)).toBeGreaterThanOrEqual(
            rank(computeLevel(input, approvals).level),
          )
        }
      }),
      { numRuns: 300 },
    )
    expect(accepted).toBeGreaterThan(50)
  })
})
