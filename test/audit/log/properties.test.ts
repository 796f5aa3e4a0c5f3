/** Every property a hundred times; `npm run fuzz` runs them for as long as it is given. */
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { properties } from './properties.ts'

const limits = { numRuns: 100, interruptAfterTimeLimit: 20_000 }

describe('for every input', () => {
  test.each(properties.map(({ name, holds }) => [name, holds] as const))('%s', async (_, holds) => {
    await fc.assert(holds as fc.IAsyncProperty<unknown>, limits)
  })
})
