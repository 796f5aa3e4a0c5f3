/** The one shape every gate answers in; without it a reader could not compare two gates. */
import type { Band, EvidenceId, Text } from '#domain/words.ts'

/** The rows of the level table (levels.md), in its order. */
export const rows = [
  'loa',
  'separation',
  'assessment',
  'supervision',
  'identity',
  'premises',
  'attendance',
  'coverage',
  'definition',
  'mandate',
  'approvers',
] as const
export type Row = (typeof rows)[number]

/** Only `passed` satisfies (levels.md, "rules that hold in every band"). */
export type Outcome = 'passed' | 'failed' | 'missing' | 'could-not-check'

/** One cell judged: a rule, what it found and why. */
export interface Finding {
  /** Citable rule id, `<band>.<row>[.<part>]`, e.g. `C2-D.separation.approver`. */
  readonly rule: string
  readonly outcome: Outcome
  readonly because: Text
  /** What would make it pass; present unless passed. */
  readonly missing?: Text
  /** Facts the finding stands on. */
  readonly evidence: readonly EvidenceId[]
}

export type GateName =
  | 'open'
  | 'identity'
  | 'assessment'
  | 'separation'
  | 'evidence-level'
  | 'approval'
  | 'level'
  | 'revocation'

/** pass · fail · missing · could-not-check, over the worst finding (contracts §5). */
export interface Verdict {
  readonly gate: GateName
  /** Version of the rules that judged. */
  readonly rules: string
  readonly outcome: 'pass' | 'fail' | 'missing' | 'could-not-check'
  /** Band whose demands were applied: the promised one, or a higher one that holds in full. */
  readonly band: Band
  readonly findings: readonly Finding[]
}
