/** E5: who decides an appeal took no part in the case, as anybody can see from its entries. */
import { expect, test } from 'vitest'
import type { Entry } from '#audit/entry.ts'
import { readPeople } from '#verifier/people.ts'
import { judgeSeparation } from '#verifier/separation.ts'

const entry = (n: number, type: string, ref: string, data: Entry['data'] = {}): Entry =>
  ({ n, type, actor: { ref, kind: 'human', role: 'officer' }, data, act: { meaning: 'm', outcome: 'o' } }) as Entry
const people = readPeople(new TextEncoder().encode('[{"name":"Test Officer","ref":"a"}]'))
const pairOf = (decider: string) =>
  judgeSeparation(
    [
      entry(1, 'approver.appointed/1', 'z', { person: 'b' }),
      entry(2, 'decision.recorded/1', 'a', { decision: 'deci_1' }),
      entry(3, 'appeal.lodged/1', 'c', { appeal: 'appl_1' }),
      entry(4, 'appeal.decided/1', decider, { appeal: 'appl_1' }),
    ],
    undefined,
    people,
  ).pairs.find(({ pair }) => pair === 'E5')

test('an appeal decided by whoever decided in the case, or was appointed to it, fails the separation by name', () => {
  expect(pairOf('a')).toMatchObject({ holds: 'no', demanded: true, who: ['Test Officer'] })
  expect(pairOf('b')).toMatchObject({ holds: 'no', who: ['b'] })
})

test('an appeal decided by somebody apart, or by whoever only received it, passes', () => {
  for (const decider of ['c', 'd']) expect(pairOf(decider), decider).toMatchObject({ holds: 'yes', who: [] })
})

test('where no appeal was decided there is nothing to say', () => {
  expect(
    judgeSeparation([entry(1, 'decision.recorded/1', 'a')], undefined, people).pairs.map(({ pair }) => pair),
  ).toEqual(['E1', 'E2', 'E3'])
})
