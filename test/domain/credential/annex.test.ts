/** The list itself, so that an element cannot quietly fall away. */
import { describe, expect, test } from 'vitest'
import { annexI, lack } from '#domain/credential/annex.ts'

describe('Annex I', () => {
  test('has sixteen elements of which the first eleven are mandatory', () => {
    expect(annexI.map((one) => one.number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16])
    expect(annexI.filter((one) => one.mandatory)).toHaveLength(11)
  })

  test('names a missing element in both languages', () => {
    expect(lack(9, { sv: 's', en: 'e' })).toEqual({
      element: 9,
      name: { sv: 'typ av bedömning', en: 'type of assessment' },
      because: { sv: 's', en: 'e' },
    })
    expect(() => lack(17, { sv: 's', en: 'e' })).toThrow(RangeError)
  })
})
