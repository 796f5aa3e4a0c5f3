/** What must hold for every case whatever is in it, tried on thousands of disturbed ones. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CaseInput } from '#domain/case.ts'
import { caseGates, judge } from '#domain/gates/judge.ts'
import { computeLevel } from '#domain/level.ts'
import { levels } from '#domain/policy/levels.ts'
import { bands, rank } from '#domain/words.ts'
import { conflict, judgesConflicts, messyCase, moreResults, positive, scoredCase, shuffled } from './mess.ts'

const runs = { numRuns: 200 }
const approvals = ['assumed', 'actual'] as const
const ranks = (input: CaseInput) => approvals.map((which) => rank(computeLevel(input, which).level))

/** Never a better level (lower rank) after than before, with and without approvals. */
function expectNotHigher(after: CaseInput, before: CaseInput): void {
  for (const [index, rankAfter] of ranks(after).entries())
    expect(rankAfter).toBeGreaterThanOrEqual(ranks(before)[index] ?? 0)
}

describe('for every case', () => {
  test('a positive fact more never lowers the level', () => {
    fc.assert(
      fc.property(messyCase, positive, (input, more) => expectNotHigher(input, more(input))),
      runs,
    )
  })

  test('superfluous results, passed or not, never lower the level', () => {
    fc.assert(
      fc.property(messyCase, fc.array(moreResults, { minLength: 1, maxLength: 3 }), (input, more) => {
        expectNotHigher(
          input,
          more.reduce((sum, change) => change(sum), input),
        )
      }),
      runs,
    )
  })

  test('a conflict more never raises the level', () => {
    fc.assert(
      fc.property(messyCase, conflict, (input, more) => expectNotHigher(more(input), input)),
      { numRuns: 400 },
    )
  })

  test('no further conflict among scorers turns a fail into a pass', () => {
    fc.assert(
      fc.property(scoredCase, judgesConflicts, (input, conflicts) => {
        conflicts.reduce((before, change) => {
          const after = change(before)
          expectNotHigher(after, before)
          return after
        }, input)
      }),
      runs,
    )
  })

  test('the order of the evidence changes no verdict, and judging again gives the same', () => {
    const withOrder = messyCase.chain((input) => fc.tuple(fc.constant(input), shuffled(input)))
    fc.assert(
      fc.property(withOrder, ([input, other]) => {
        for (const gate of caseGates) {
          const verdict = judge(gate, input)
          expect(judge(gate, other)).toEqual(verdict)
          expect(JSON.stringify(judge(gate, input))).toBe(JSON.stringify(verdict))
        }
      }),
      { numRuns: 80 },
    )
  })

  test('a band that does not hold has a finding, one that holds has none, and every finding cites a cell of the table', () => {
    const cells = bands
      .flatMap((band) => Object.values(levels.byBand[band]))
      .flatMap((cell) => (typeof cell === 'object' && 'rule' in cell ? [cell.rule] : []))
    fc.assert(
      fc.property(messyCase, (input) => {
        const { byBand, lacks, level } = computeLevel(input, 'actual')
        for (const band of bands) {
          const findings = Object.values(byBand[band].findings).flat()
          const open = findings.filter(({ outcome }) => outcome !== 'passed')
          expect(open.length === 0).toBe(byBand[band].holds)
          expect(
            open.every(({ missing, because }) => missing !== undefined && because.sv !== '' && because.en !== ''),
          ).toBe(true)
          for (const { rule } of findings) {
            expect(
              cells.some((cell) => cell.startsWith(`${band}.`) && (rule === cell || rule.startsWith(`${cell}.`))),
            ).toBe(true)
          }
        }
        expect(lacks.map(({ band }) => band)).toEqual(bands.filter((band) => rank(band) < rank(level)))
        expect(lacks.every(({ missing }) => missing.length > 0)).toBe(true)
      }),
      runs,
    )
  })
})
