/**
 * Mutation testing of `audit/`, a few files at a time, each with the tests that are about them (`npm run mutation [-- group …]`): all
 * tests for every mutant would take half a day. Reports go to `.bevis/mutation-<group>.json`.
 */
import { spawnSync } from 'node:child_process'

interface Group {
  readonly files: readonly string[]
  readonly tests: readonly string[]
}

const groups: Readonly<Record<string, Group>> = {
  proof: { files: ['proof'], tests: ['log/proof'] },
  texts: { files: ['checkpoint', 'cosignature', 'tlog-proof'], tests: ['log/note', 'log/policy'] },
  notes: {
    files: ['note', 'note-key', 'policy', 'judge-checkpoint'],
    tests: ['log/note', 'log/policy'],
  },
  ed25519: { files: ['ed25519'], tests: ['log/ed25519'] },
  tree: { files: ['tree'], tests: ['log/tree'] },
  tiles: { files: ['tile', 'tile-tree'], tests: ['log/tile', 'log/tree'] },
  canonical: { files: ['canonical'], tests: ['canonical', 'canonical-corners'] },
  log: { files: ['check-log', 'trail-chains'], tests: ['log/check-log', 'log/trail-chains'] },
  leaves: { files: ['read-leaf', 'succession'], tests: ['log/read-leaf', 'log/succession'] },
  digest: { files: ['digest'], tests: ['digest'] },
  heads: { files: ['heads'], tests: ['heads'] },
  entries: {
    files: ['entry', 'entry-shape', 'entry-types', 'shape', 'disclosure', 'errors'],
    tests: ['shape', 'entry', 'disclosure'],
  },
  trail: { files: ['verify-trail'], tests: ['verify-trail'] },
  brackets: { files: ['brackets'], tests: ['log/brackets'] },
  growth: { files: ['growth'], tests: ['log/growth'] },
  request: { files: ['add-checkpoint'], tests: ['log/add-checkpoint'] },
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !Object.hasOwn(groups, name))
if (unknown.length > 0) throw new Error(`no group ${unknown.join(', ')}; there are ${Object.keys(groups).join(', ')}`)

const stryker = 'tools/mutation/node_modules/@stryker-mutator/core/bin/stryker.js'
for (const [name, { files, tests }] of Object.entries(groups)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  const environment = {
    MUTATION_GROUP: name,
    MUTATION_FILES: files.map((file) => `audit/${file}.ts`).join(),
    MUTATION_TESTS: tests.map((test) => `test/audit/${test}.test.ts`).join(),
  }
  const { status } = spawnSync(process.execPath, [stryker, 'run', 'tools/mutation/stryker.config.mjs'], {
    env: { ...process.env, ...environment },
    stdio: 'inherit',
  })
  process.exitCode ||= status ?? 1
}
