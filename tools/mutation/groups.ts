/** Files of `audit/`, a few at a time, and the tests that are about them: all tests for every mutant would take half a day. */

export interface Group {
  readonly files: readonly string[]
  readonly tests: readonly string[]
}

export const groups: Readonly<Record<string, Group>> = {
  proof: { files: ['proof'], tests: ['log/proof'] },
  texts: { files: ['checkpoint', 'cosignature'], tests: ['log/note', 'log/policy', 'log/ml-dsa'] },
  proofs: { files: ['tlog-proof'], tests: ['log/policy'] },
  notes: { files: ['note', 'note-key'], tests: ['log/note', 'log/policy', 'log/ml-dsa'] },
  policy: { files: ['policy', 'judge-checkpoint'], tests: ['log/policy'] },
  'ml-dsa': { files: ['ml-dsa'], tests: ['log/ml-dsa'] },
  ed25519: { files: ['ed25519'], tests: ['log/ed25519'] },
  tree: { files: ['tree'], tests: ['log/tree'] },
  tiles: { files: ['tile', 'tile-tree'], tests: ['log/tile', 'log/tree'] },
  canonical: { files: ['canonical'], tests: ['canonical', 'canonical-corners'] },
  log: { files: ['check-log'], tests: ['log/check-log', 'log/trail-chains'] },
  chains: { files: ['trail-chains'], tests: ['log/trail-chains'] },
  leaves: { files: ['read-leaf', 'succession'], tests: ['log/read-leaf', 'log/succession'] },
  digest: { files: ['digest'], tests: ['digest'] },
  heads: { files: ['heads'], tests: ['heads'] },
  entries: {
    files: ['entry', 'entry-shape', 'entry-types', 'shape', 'disclosure', 'errors'],
    tests: ['shape', 'entry', 'disclosure'],
  },
  trail: { files: ['verify-trail'], tests: ['verify-trail'] },
  appeal: { files: ['appeal'], tests: ['appeal'] },
  brackets: { files: ['brackets'], tests: ['log/brackets'] },
  growth: { files: ['growth'], tests: ['log/growth'] },
  request: { files: ['add-checkpoint'], tests: ['log/add-checkpoint'] },
  zip: { files: ['package/zip'], tests: ['package/zip'] },
  manifest: { files: ['package/manifest'], tests: ['package/manifest'] },
  profiles: { files: ['package/profiles'], tests: ['package/profiles'] },
  words: { files: ['package/words', 'package/code-words'], tests: ['package/words', 'package/code-words'] },
  readme: { files: ['package/readme'], tests: ['package/readme'] },
  report: { files: ['package/report', 'package/achievement'], tests: ['package/report', 'package/achievement'] },
  pdf: { files: ['package/pdf'], tests: ['package/pdf'] },
}
