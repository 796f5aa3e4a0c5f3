import { expect, test } from 'vitest'
import { allClasses, claimProblem, type ErasureClaim } from '#domain/erasure.ts'
import { dueOn, isEarly, type RetentionRule } from '#domain/retention.ts'
import { as, type Instant } from '#domain/words.ts'

const claim: ErasureClaim = { type: 'swedish-authority', classes: allClasses, basis: 'gdpr-17-1-e' }

test.each<[string, Partial<ErasureClaim>, string | undefined]>([
  ['an authority says why the archive duty does not stand against it', {}, 'archive-ground-missing'],
  ['no public record is a reason', { archive: 'not-a-record' }, undefined],
  ['a disposal decision is one by itself', { basis: 'archive-disposal' }, undefined],
  ['an order is one by itself', { basis: 'court-order' }, undefined],
  ['others have no archive duty', { type: 'private-gdpr' }, undefined],
  ['the key is nobody’s case', { basis: 'archive-disposal', caseId: 'case_x' }, 'identity-of-one-case'],
  ['with the key everything goes', { basis: 'archive-disposal', classes: ['identity'] }, 'identity-alone'],
])('%s', (_says, changes, expected) => {
  expect(claimProblem({ ...claim, ...changes })).toBe(expected)
})

const at = (day: string) => as<Instant>(`${day}T00:00:00.000Z`)
const rule: RetentionRule = {
  id: 'r',
  classes: ['facts'],
  keep: 'after-end',
  days: 30,
  basis: 'archive-disposal',
  decision: 'd-1',
}
const endedAt = at('2026-01-01')

test.each<[string, Partial<RetentionRule>, object, Instant | undefined]>([
  ['counts from the end', {}, {}, at('2026-01-31')],
  ['counts from the last expiry', { keep: 'until-expiry' }, { expiresAt: at('2027-01-01') }, at('2027-01-31')],
  ['counts from the end where there is no credential', { keep: 'until-expiry' }, {}, at('2026-01-31')],
  ['never comes where a credential never expires', { keep: 'until-expiry' }, { expiresAt: 'never' }, undefined],
  ['never comes for what is kept for ever', { keep: 'forever' }, {}, undefined],
])('the day %s', (_says, changes, facts, expected) => {
  expect(dueOn({ ...rule, ...changes }, { endedAt, ...facts })).toBe(expected)
})

test('what no rule covers may go at any time, what one covers on its day and not before', () => {
  const on = (day: string) => ({ kept: { endedAt }, now: at(day) })
  expect(isEarly([rule], ['decisions'], on('2026-01-02'))).toBe(false)
  expect(isEarly([rule], ['facts', 'decisions'], on('2026-01-30'))).toBe(true)
  expect(isEarly([rule], ['facts'], on('2026-01-31'))).toBe(false)
})
