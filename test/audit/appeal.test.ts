/** Who took part in what a trail tells, what an appeal can be against, and what followed from it. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { appealed, followedIn, tookPart } from '#audit/appeal.ts'
import type { Entry } from '#audit/entry.ts'
import { entryTypes } from '#audit/entry-types.ts'

const entry = (n: number, type: string, ref: string, data: Entry['data'] = {}): Entry =>
  ({ n, type, actor: { ref, kind: 'human', role: 'officer' }, data, act: { meaning: 'm', outcome: 'o' } }) as Entry

const clerical = ['appeal.lodged/1', 'appeal.acknowledged/1', 'appeal.closed/1']
const byPeople = Object.keys(entryTypes).filter(
  (type) => entryTypes[type]?.actors.includes('human') === true && !clerical.includes(type),
)

describe('whoever took part', () => {
  test('is everybody who did anything before the appeal was decided, and who is named there, and nobody else', () => {
    const act = fc.tuple(
      fc.constantFrom(...byPeople, ...clerical),
      fc.constantFrom('a', 'b', 'c'),
      fc.option(fc.constantFrom('d', 'e')),
    )
    fc.assert(
      fc.property(fc.array(act, { maxLength: 12 }), fc.array(act, { maxLength: 4 }), (before, after) => {
        const tell = (acts: typeof before, from: number) =>
          acts.map(([type, ref, person], at) =>
            entry(from + at, type, ref, { appeal: 'appl_2', ...(person === null ? {} : { person }) }),
          )
        const decided = entry(before.length + 1, 'appeal.decided/1', 'z', { appeal: 'appl_1' })
        const expected = before.flatMap(([type, ref, person]) => [
          ...(clerical.includes(type) ? [] : [ref]),
          ...(person === null ? [] : [person]),
        ])
        const trail = [...tell(before, 1), decided, ...tell(after, before.length + 2)]
        expect(tookPart(trail, 'appl_1')).toEqual(new Set(expected))
      }),
    )
  })

  test('is also who acts between its lodging and its decision, and everybody while it is not decided', () => {
    const trail = [
      entry(1, 'appeal.lodged/1', 'a', { appeal: 'appl_1' }),
      entry(2, 'decision.recorded/1', 'b'),
      entry(3, 'appeal.decided/1', 'c', { appeal: 'appl_1' }),
    ]
    expect(tookPart(trail, 'appl_1')).toEqual(new Set(['b']))
    expect(tookPart(trail.slice(0, 2), 'appl_1')).toEqual(new Set(['b']))
  })

  test('is no machine', () => {
    const judged = {
      ...entry(1, 'gate.judged/1', 'pipeline'),
      actor: { ref: 'pipeline', kind: 'service', role: 'gate' },
    } as Entry
    expect(tookPart([judged], 'appl_1')).toEqual(new Set())
  })
})

describe('an appeal', () => {
  const trail = [
    entry(1, 'decision.recorded/1', 'a', { decision: 'deci_1' }),
    entry(2, 'case.refused/1', 'a'),
    entry(3, 'revocation.proposed/1', 'a', { revocation: 'revo_1' }),
    entry(4, 'revocation.approved/1', 'b', { revocation: 'revo_1' }),
    entry(5, 'appeal.lodged/1', 'b', { appeal: 'appl_1' }),
    entry(6, 'appeal.decided/1', 'c', { appeal: 'appl_1' }),
    entry(7, 'decision.recorded/1', 'c', { decision: 'deci_2' }),
    entry(8, 'credential.revoked/1', 'signer', { revocation: 'revo_1' }),
  ]
  test.each([
    ['deci_1', 1],
    ['outcome', 2],
    ['revo_1', 4],
    ['appl_1', 6],
    ['deci_9', undefined],
    ['constructor', undefined],
  ])('against %s is against entry %s', (against, n) => {
    expect(appealed(trail, against)?.n).toBe(n)
  })

  test('is against no outcome while the case runs, no proposal, and no appeal that is not decided', () => {
    expect([appealed(trail.slice(0, 1), 'outcome'), appealed(trail.slice(0, 3), 'revo_1')]).toEqual([
      undefined,
      undefined,
    ])
    expect(appealed(trail.slice(0, 5), 'appl_1')).toBeUndefined()
  })

  test('has had done what was decided or carried out after it, not what was before', () => {
    const decided = trail[5] as Entry
    const followed = ['deci_1', 'deci_2', 'revo_1', 'appl_1'].filter((id) => followedIn(trail, decided, id))
    expect(followed).toEqual(['deci_2', 'revo_1'])
  })

  test('has had nothing done by what only speaks of a decision or of a revocation', () => {
    const decided = trail[5] as Entry
    const later = [
      entry(7, 'case.resumed/1', 'pipeline', { decision: 'deci_2' }),
      entry(8, 'revocation.approved/1', 'b', { revocation: 'revo_1' }),
    ]
    expect(['deci_2', 'revo_1'].filter((id) => followedIn(later, decided, id))).toEqual([])
  })

  test('is not disturbed by entries that tell nothing', () => {
    const types = ['decision.recorded/1', 'appeal.decided/1', 'credential.revoked/1']
    const bare = types.map((type, at) => ({ ...entry(at + 7, type, 'd'), data: undefined }) as unknown as Entry)
    expect(appealed([...trail, ...bare], 'deci_1')?.n).toBe(1)
    expect(followedIn(bare, trail[5] as Entry, 'deci_1')).toBe(false)
    expect(tookPart(bare, 'appl_1')).toEqual(new Set(['d']))
  })
})
