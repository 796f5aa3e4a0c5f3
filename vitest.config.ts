/** How the tests run: without it they would share one process and start no servers. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'kit/test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 4,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Servers answer slowly on a machine that runs everything at once; a hanging test still ends.
    teardownTimeout: 30_000,
  },
})
