/** The table of legal moves, read the way the recording transactions read it. */
import { describe, expect, test } from 'vitest'
import { caseStates, endStates, isEnd } from '#domain/issuance/state.ts'
import { findTransition, mayMove, nextStates, transitions } from '#domain/issuance/transitions.ts'

describe('the transitions of a case', () => {
  test('never leave an end state', () => {
    expect(endStates.flatMap((state) => nextStates(state))).toEqual([])
    expect(caseStates.filter(isEnd)).toEqual([...endStates])
  })

  test('name every state, and each but the first can be reached', () => {
    const reached = new Set(transitions.map(({ to }) => to))
    expect(caseStates.filter((state) => !reached.has(state))).toEqual(['received'])
  })

  test('are written down once each', () => {
    const keys = transitions.map(({ from, by, to }) => `${from} ${by} ${to}`)
    expect(new Set(keys).size).toBe(keys.length)
  })

  test('issue only what is cleared, with clearance and a stored credential', () => {
    expect(transitions.filter(({ to }) => to === 'issued')).toEqual([
      { from: 'cleared', to: 'issued', by: 'credential-stored', needs: ['clearance', 'credential'] },
    ])
  })

  test('clear only from judging, with every gate and approval', () => {
    expect(transitions.filter(({ to }) => to === 'cleared')).toEqual([
      { from: 'judging', to: 'cleared', by: 'all-passed', needs: ['gates-passed', 'approvals'] },
    ])
  })

  test('refuse nobody without a decision and a reason', () => {
    const refusals = transitions.filter(({ to }) => to === 'refused')
    expect(refusals.length).toBeGreaterThan(0)
    for (const { needs } of refusals) expect(needs).toEqual(['decision', 'reason'])
  })

  test('withdraw from everywhere before an end, as long as nothing is signed', () => {
    const from = transitions.filter(({ to }) => to === 'withdrawn').map((one) => one.from)
    expect(from).toEqual(caseStates.filter((state) => !isEnd(state)))
    expect(findTransition('cleared', 'withdrawn', 'withdrawn')?.needs).toContain('no-credential')
  })

  test('take nothing back that is signed: from cleared only delivery goes on with a credential', () => {
    const others = nextStates('cleared').filter(({ by }) => by !== 'credential-stored')
    expect(others.length).toBeGreaterThan(0)
    for (const { needs } of others) expect(needs).toContain('no-credential')
  })

  test.each([
    ['waiting', 'judging', 'evidence-arrived', true],
    ['deciding', 'judging', 'evidence-arrived', true],
    ['deciding', 'waiting', 'returned', true],
    ['deciding', 'cleared', 'all-passed', false],
    ['judging', 'issued', 'credential-stored', false],
    ['refused', 'judging', 'evidence-arrived', false],
    ['stopped', 'cleared', 'all-passed', false],
    ['deciding', 'judging', 'returned', false],
  ] as const)('%s → %s because of %s: %s', (from, to, cause, legal) => {
    expect(mayMove(from, to, cause)).toBe(legal)
  })
})
