/**
 * Mutation testing of `audit/`, one group of files after another, each with the tests that are about them (`npm run mutation [-- group …]`).
 * What each found is taken up in `results.json`; `page.ts` tells it.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { groups } from './groups.ts'
import { recordReport, reportPath, testPath, testsDigest } from './results.ts'

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !Object.hasOwn(groups, name))
if (unknown.length > 0) throw new Error(`no group ${unknown.join(', ')}; there are ${Object.keys(groups).join(', ')}`)

const stryker = 'tools/mutation/node_modules/@stryker-mutator/core/bin/stryker.js'
for (const [name, { files, tests }] of Object.entries(groups)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  const environment = {
    MUTATION_GROUP: name,
    MUTATION_FILES: files.map((file) => `audit/${file}.ts`).join(),
    MUTATION_TESTS: tests.map(testPath).join(),
  }
  const before = testsDigest(tests)
  rmSync(reportPath(name), { force: true })
  const { status } = spawnSync(process.execPath, [stryker, 'run', 'tools/mutation/stryker.config.mjs'], {
    env: { ...process.env, ...environment },
    stdio: 'inherit',
  })
  process.exitCode ||= status ?? 1
  if (existsSync(reportPath(name))) recordReport(name, before)
}
