/** The kit's types are those of the published schemas; without this an emitter could compile what intake refuses. */
import { expect, test } from 'vitest'
import { committedKitTypes, kitTypes } from '../../tools/generate-kit-types.ts'

test('the types of events are fresh: node tools/generate-kit-types.ts', () => {
  expect(committedKitTypes()).toBe(kitTypes())
})
