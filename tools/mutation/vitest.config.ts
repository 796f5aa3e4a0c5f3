/** The tests that judge mutants of one group of files (run.ts). */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: process.env['MUTATION_TESTS']?.split(',') ?? [],
    // Seconds for every mutant, and it finds none that the small trees do not.
    testNamePattern: /^(?!.*three levels)/,
    pool: 'forks',
    testTimeout: 60_000,
  },
})
