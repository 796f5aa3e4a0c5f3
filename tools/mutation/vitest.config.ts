/** The tests that judge mutants of `audit/`: those of the mathematics, without servers. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'test/audit/log/!(properties).test.ts',
      'test/audit/canonical.test.ts',
      'test/audit/digest.test.ts',
      'test/audit/entry.test.ts',
    ],
    // Minutes for every mutant, and it finds none that the small trees do not.
    testNamePattern: /^(?!.*three levels)/,
    pool: 'forks',
    testTimeout: 60_000,
  },
})
