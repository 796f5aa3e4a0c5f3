/** Subjects: what is built reads back, and nothing else reads at all. */
import { describe, expect, test } from 'vitest'
import { as, type InstitutionId } from '#domain/words.ts'
import {
  completionsSubject,
  issuanceSubject,
  issuanceTopics,
  parseCompletionsSubject,
  parseIssuanceSubject,
} from '#events/subjects.ts'

const institution = as<InstitutionId>('norrsken')

describe('completions', () => {
  test('the subject of an origin is parsed back to that origin', () => {
    const origin = { institution, source: 'canvas-norrsken' }
    expect(completionsSubject(origin)).toBe('completions.norrsken.canvas-norrsken')
    expect(parseCompletionsSubject(completionsSubject(origin))).toEqual(origin)
  })

  test.each(['*', '>', 'a.b', 'A1', '1a', '-ab', 'ab-', 'a--b', 'å-lms', '', 'a', 'x'.repeat(61), 'a b', 'a_b'])(
    '%j is no source, so no permission can be built from it',
    (source) => {
      expect(() => completionsSubject({ institution, source })).toThrow(TypeError)
      expect(parseCompletionsSubject(`completions.norrsken.${source}`)).toBeUndefined()
    },
  )

  test.each([
    'completions.norrsken',
    'completions.norrsken.canvas.more',
    'issuance.norrsken.canvas',
    'completions..canvas',
  ])('%s proves no origin', (subject) => {
    expect(parseCompletionsSubject(subject)).toBeUndefined()
  })
})

describe('issuance', () => {
  test.each(issuanceTopics)('%s is parsed back', (topic) => {
    expect(parseIssuanceSubject(issuanceSubject(institution, topic))).toEqual({ institution, topic })
  })

  test.each(['issuance.norrsken', 'issuance.norrsken.case', 'issuance.norrsken.case.step.x', 'issuance.*.case.step'])(
    '%s is none of ours',
    (subject) => {
      expect(parseIssuanceSubject(subject)).toBeUndefined()
    },
  )
})
