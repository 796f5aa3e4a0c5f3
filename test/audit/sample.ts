/** A short, well-formed trail, so that each test changes only what it is about. */
import { buildLeaf, type Entry, type EntryDraft, nextEntry, type TrailHead } from '#audit/entry.ts'
import { leafHash } from '#audit/tree.ts'

export const log = 'bevis.example.org/norrsken'
export const trail = '9f0c4d2e-6a51-4c8e-9b7a-1f2e3d4c5b6a'
export const digest = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8'

const service = { ref: 'pipeline', kind: 'service', role: 'pipeline' } as const
const examiner = {
  ref: 'k3Jd9fQx',
  kind: 'human',
  role: 'examiner',
  authn: { acr: 'https://refeds.org/profile/mfa', auth_time: 1_772_359_000 },
} as const

export const opened: EntryDraft = {
  id: 'case_aebagbafaydqqcik:open:1',
  type: 'case.opened/1',
  actor: service,
  act: { meaning: 'open', outcome: 'success' },
  data: { achievement: 'wound-care', achievementVersion: 3, promised: 'B-C1' },
}

export const decided: EntryDraft = {
  id: 'case_aebagbafaydqqcik:approval:deci_1',
  type: 'decision.recorded/1',
  actor: examiner,
  act: { meaning: 'approve', reason: 'R-12', outcome: 'success' },
  data: { decision: 'deci_1', role: 'examiner', outcome: 'approve', evidenceVersion: 2 },
  _sd: [digest],
}

export const cleared: EntryDraft = {
  id: 'case_aebagbafaydqqcik:clearance:2',
  type: 'issuance.cleared/1',
  actor: service,
  act: { meaning: 'clear', outcome: 'success' },
  data: { level: 'B-C1', evidenceVersion: 2, verdicts: [], credentials: ['cred_a'] },
}

export const start: TrailHead = { log, trail, n: 0, hash: new Uint8Array() }

export function entry(draft: EntryDraft = opened): Entry {
  return nextEntry(draft, start, '2026-03-01T10:00:00.000Z')
}

/** Leaves of a trail built in order, one second apart. */
export function leavesOf(drafts: readonly EntryDraft[]): Uint8Array[] {
  let head = start
  return drafts.map((draft, index) => {
    const at = new Date(Date.UTC(2026, 2, 1, 10) + index * 1_000).toISOString()
    const leaf = buildLeaf(nextEntry(draft, head, at))
    head = { ...head, n: head.n + 1, hash: leafHash(leaf) }
    return leaf
  })
}
