/** How a row says what it found, in both languages; a finding without a reason could not be acted on. */
import type { Finding, Outcome } from '#domain/gates/verdict.ts'
import type { EvidenceId, Text } from '#domain/words.ts'

/** The demand holds, because of these facts. */
export function passed(rule: string, because: Text, evidence: readonly EvidenceId[] = []): Finding {
  return { rule, outcome: 'passed', because, evidence: unique(evidence) }
}

export interface Shortfall {
  readonly outcome: Exclude<Outcome, 'passed'>
  readonly because: Text
  readonly missing: Text
  readonly evidence?: readonly EvidenceId[]
}

/** The demand does not hold; says why and what would mend it. */
export function short(rule: string, { outcome, because, missing, evidence = [] }: Shortfall): Finding {
  return { rule, outcome, because, missing, evidence: unique(evidence) }
}

export function text(sv: string, en: string): Text {
  return { sv, en }
}

function unique(evidence: readonly EvidenceId[]): EvidenceId[] {
  return [...new Set(evidence)].toSorted()
}
