/** What happened, in words: nothing that can happen lacks them, and what another version wrote keeps its name. */
import { describe, expect, test } from 'vitest'
import { entryTypes } from '#audit/entry-types.ts'
import { outcomeWords, roleWords, sentenceOf, type Told, timeWords, typeWords } from '#audit/package/words.ts'
import { caseGates } from '#domain/gates/judge.ts'

const told = (type: string, rest: Partial<Told> = {}) =>
  sentenceOf({ type, actor: { role: 'pipeline' }, act: { outcome: 'success' }, ...rest })

test('every type of entry has words in both languages', () => {
  expect(Object.keys(typeWords)).toEqual(expect.arrayContaining(Object.keys(entryTypes)))
  expect(Object.values(typeWords).filter(({ sv, en }) => sv === '' || en === '')).toEqual([])
})

describe('a sentence', () => {
  test('of a judgement says what was judged, and how it ended', () => {
    expect(told('gate.judged/1', { act: { outcome: 'fail' }, data: { gate: 'identity' } })).toEqual({
      sv: 'Steg bedömt: identitetskontroll – inte uppfyllt',
      en: 'Step judged: identity check – failed',
    })
  })

  test('of a decision says how it was decided', () => {
    expect(told('decision.recorded/1', { act: { outcome: 'return' } })).toEqual({
      sv: 'Beslut: sänder tillbaka för komplettering',
      en: 'Decision: returns for completion',
    })
  })

  test.each([
    ['approver.appointed/1', 'Beslutande utsågs: examinator', 'Approver appointed: examiner'],
    ['approver.ended/1', 'Beslutande entledigades: examinator', 'Approver’s appointment ended: examiner'],
    ['approver.reminded/1', 'Beslutande påmindes: examinator', 'Approver reminded: examiner'],
  ])('of %s says in which role', (type, sv, en) => {
    expect(told(type, { data: { role: 'examiner' } })).toEqual({ sv, en })
  })

  test('of an issued credential names the one it takes the place of, where it does', () => {
    expect(told('credential.issued/1')).toEqual(typeWords['credential.issued/1'])
    expect(told('credential.issued/1', { data: { replaces: 'cred_a' } })).toEqual({
      sv: 'Mikromeriten signerades och utfärdades, i stället för cred_a, som är återkallat',
      en: 'Credential signed and issued, in place of cred_a, which is revoked',
    })
  })

  test('of a credential issued beside another, or revoked for another, names the one that stands', () => {
    expect(told('credential.issued/1', { data: { beside: 'cred_a' } })).toEqual({
      sv: 'Mikromeriten signerades och utfärdades, vid sidan av cred_a, som gäller',
      en: 'Credential signed and issued, beside cred_a, which stands',
    })
    expect(told('credential.revoked/1')).toEqual(typeWords['credential.revoked/1'])
    expect(told('credential.revoked/1', { data: { successor: 'cred_b' } })).toEqual({
      sv: 'Mikromeriten återkallades; i stället gäller cred_b',
      en: 'Credential revoked; cred_b stands in its place',
    })
  })

  test('of everything else is the words of its type', () => {
    expect(told('case.opened/1', { data: { role: 'examiner', gate: 'identity' } })).toEqual({
      sv: 'Ärendet öppnades',
      en: 'Case opened',
    })
  })

  test('of another version keeps the names that this one has no words for', () => {
    expect(told('case.dreamt/9')).toEqual({ sv: 'case.dreamt/9', en: 'case.dreamt/9' })
    expect(told('gate.judged/1', { act: { outcome: 'perhaps' }, data: { gate: 'mood' } }).en).toBe(
      'Step judged: mood – perhaps',
    )
  })
})

test('every gate is a role too, for the machine’s part that judges it; a role nobody knows keeps its name', () => {
  expect(caseGates.filter((gate) => roleWords(gate).sv === gate)).toEqual([])
  expect(roleWords('decision-maker')).toEqual({ sv: 'beslutsfattare', en: 'decision-maker' })
  expect(roleWords('gardener')).toEqual({ sv: 'gardener', en: 'gardener' })
})

test('an outcome has words, and one that is called like what every object has is no exception', () => {
  expect(outcomeWords('could-not-check').en).toBe('could not be checked')
  for (const words of [outcomeWords, roleWords]) expect(words('constructor').sv).toBe('constructor')
})

describe('a time', () => {
  test('is spelled out alike on every machine', () => {
    expect(timeWords('2026-11-23T14:05:09.000Z', 'sv')).toBe('23 november 2026 kl. 14.05.09 UTC')
    expect(timeWords('2026-11-23T14:05:09.000Z', 'en')).toBe('23 November 2026, 14:05:09 UTC')
  })

  test('begins with the first month and day, without zeros in front', () => {
    expect(timeWords('2026-01-01T00:00:00.000Z', 'sv')).toBe('1 januari 2026 kl. 00.00.00 UTC')
    expect(timeWords('2026-12-31T23:59:59.999Z', 'en')).toBe('31 December 2026, 23:59:59 UTC')
  })
})
