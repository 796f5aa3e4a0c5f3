/** The three questions of an auditor, answered for cases that are as promised and for cases where one person held two duties. */
import { describe, expect, test } from 'vitest'
import { type Pair, separationOfDuties } from '#domain/duties.ts'
import { all, approval, approvedBy, each, fixtures, promised, registered } from './fixtures.ts'
import { certifier, decider, examiner, reviewer, scorer, secondScorer, teacher } from './world.ts'

const judged = (input: Parameters<typeof separationOfDuties>[0], pair: Pair) =>
  separationOfDuties(input).pairs.find((one) => one.pair === pair)

describe('separation of duties', () => {
  test.each(fixtures)('$name: no demanded pair is broken where the case is as promised', ({ of }) => {
    const broken = separationOfDuties(of()).pairs.filter(({ demanded, holds }) => demanded && holds !== 'yes')
    expect(broken).toEqual([])
  })

  test('names who taught, who scored and who decided in which role', () => {
    expect(separationOfDuties(promised.A()).duties).toMatchObject({
      taught: [teacher],
      scored: [scorer, secondScorer].toSorted(),
      'external-reviewer': [reviewer],
      'decision-maker': [decider],
    })
  })

  test('E2: a scorer who has taught stands in the way at A', () => {
    const taughtToo = each('participation', (fact) =>
      fact.teaching === undefined ? {} : { teaching: { ...fact.teaching, teachers: [scorer] } },
    )
    expect(judged(taughtToo(promised.A()), 'E2')).toMatchObject({ holds: 'no', demanded: true, persons: [scorer] })
  })

  test('E1 and E2 are unknown, and never held, where the list of teachers is not whole', () => {
    const partial = each('participation', (fact) =>
      fact.teaching === undefined ? {} : { teaching: { ...fact.teaching, complete: false } },
    )
    expect(judged(partial(promised.A()), 'E1')?.holds).toBe('unknown')
    expect(judged(partial(promised.A()), 'E2')?.holds).toBe('unknown')
  })

  test('E3: an external examiner employed by who examines is none', () => {
    const insider = registered(({ persons }) => ({
      persons: persons.map((person) =>
        person.id === reviewer
          ? { ...person, employments: person.employments.map((job) => ({ ...job, organisation: certifier })) }
          : person,
      ),
    }))
    expect(judged(insider(promised.A()), 'E3')).toMatchObject({ holds: 'no', demanded: true })
  })

  test('E3 is not asked for where no slot is for an external examiner alone', () => {
    expect(judged(promised['B-C1'](), 'E3')).toMatchObject({ holds: 'yes', demanded: false })
  })

  test('a person with two ids is one person', () => {
    const twice = all(
      registered(({ linked }) => ({ linked: [...linked, [teacher, scorer]] })),
      approvedBy(approval(examiner, 'examiner')),
    )
    expect(judged(twice(promised['B-C1']()), 'E2')?.persons).toEqual([scorer])
  })
})
