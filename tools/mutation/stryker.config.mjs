/** Stryker for one group of files (run.ts). It reads no tsconfig of TypeScript 7, so it is given none. */
const group = process.env.MUTATION_GROUP

export default {
  testRunner: 'vitest',
  vitest: { configFile: 'tools/mutation/vitest.config.ts' },
  plugins: ['@stryker-mutator/vitest-runner'],
  mutate: process.env.MUTATION_FILES.split(','),
  ignorePatterns: ['.bevis', 'test/replay', 'tools/mutation/node_modules'],
  tempDirName: `.bevis/mutation-${group}`,
  tsconfigFile: 'none',
  disableTypeChecks: false,
  ignoreStatic: true,
  reporters: ['progress-append-only', 'clear-text', 'json'],
  jsonReporter: { fileName: `.bevis/mutation-${group}.json` },
  clearTextReporter: { allowColor: false, logTests: false },
  concurrency: 1,
  timeoutMS: 8_000,
  thresholds: { high: 95, low: 90, break: 90 },
}
