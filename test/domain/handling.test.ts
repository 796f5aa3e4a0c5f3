/** Who may judge what others did in a case, whatever the case holds and whatever part somebody had in it; and in which order it goes. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CaseInput } from '#domain/case.ts'
import { namedIn } from '#domain/gates/uninvolved.ts'
import { appealStates, daysSince, judgeHandler, mayFollow } from '#domain/handling.ts'
import { isUnknown } from '#domain/people.ts'
import type { PersonId } from '#domain/words.ts'
import { conflicted, linked, promised, registered } from './fixtures.ts'
import { messyCase } from './mess.ts'
import { appointed, at, days, person, university } from './world.ts'

const officer = person('officer-apart')
const withOfficer = (who: PersonId) =>
  registered(({ appointments }) => ({ appointments: [...appointments, appointed(who, 'officer', { by: university })] }))
const may = (input: CaseInput, who: PersonId, acted: readonly PersonId[] = []) =>
  judgeHandler({ case: withOfficer(who)(input), person: who, acted }).every(({ outcome }) => outcome === 'passed')
/** Everybody known whom the case names: learner, teachers, scorers, supervisors, checkers, confirmers, approvers. */
const known = (input: CaseInput) => [...new Set(namedIn(input))].filter((one) => !isUnknown(one))

describe('for every case', () => {
  test('nobody who has any part in it may judge it, were they an officer ten times', () => {
    fc.assert(
      fc.property(messyCase, (input) => {
        for (const who of known(input)) expect(may(input, who), who).toBe(false)
      }),
      { numRuns: 200 },
    )
  })

  test('nor under another account', () => {
    fc.assert(
      fc.property(messyCase, (input) => {
        for (const who of known(input)) expect(may(linked(officer, who)(input), officer), who).toBe(false)
      }),
      { numRuns: 100 },
    )
  })

  test('an officer apart may exactly when everybody in it is known', () => {
    fc.assert(
      fc.property(messyCase, (input) => {
        expect(may(input, officer)).toBe(!namedIn(input).some(isUnknown))
      }),
      { numRuns: 200 },
    )
  })

  test('an officer apart no longer may once they were appointed, decided or recorded something in it, or are partial', () => {
    fc.assert(
      fc.property(messyCase, (input) => {
        expect(may(input, officer, [officer])).toBe(false)
        expect(may(linked(officer, person('alias'))(input), officer, [person('alias')])).toBe(false)
        expect(may(conflicted(officer)(input), officer)).toBe(false)
      }),
      { numRuns: 100 },
    )
  })
})

test('somebody who is no officer, or is none any more, may not', () => {
  const input = promised['B-C1']()
  const ended = registered(({ appointments }) => ({
    appointments: [...appointments, appointed(officer, 'officer', { by: university, until: days.now })],
  }))(input)
  const rules = (one: CaseInput) =>
    judgeHandler({ case: one, person: officer, acted: [] }).map(({ rule, outcome }) => `${rule}: ${outcome}`)
  for (const one of [input, ended]) expect(rules(one)).toEqual(['handler.officer: failed', 'handler.not-named: passed'])
})

test('an appeal is lodged, acknowledged, decided and closed, and goes no other way', () => {
  const ways = appealStates.flatMap((from) =>
    appealStates.filter((to) => mayFollow('appeal', from, to)).map((to) => `${from} > ${to}`),
  )
  expect(ways).toEqual(['lodged > acknowledged', 'acknowledged > decided', 'decided > closed'])
})

test('days are counted whole, from the day something came', () => {
  const since = (day: string, moment: string) => daysSince('2026-02-28', at(day, moment))
  expect([since('2026-02-28', '23:59'), since('2026-03-01', '00:00'), since('2026-03-30', '12:00')]).toEqual([0, 1, 30])
  expect(since('2026-02-27', '23:59')).toBe(-1)
})
