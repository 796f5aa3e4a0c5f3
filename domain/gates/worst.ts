/** One outcome out of many findings; its own file so that no two gates weigh the same findings differently. */
import type { Finding, Verdict } from '#domain/gates/verdict.ts'

/** Failed outweighs what could not be checked, which outweighs what is merely missing. */
export function worstOf(findings: readonly Finding[]): Finding['outcome'] {
  const outcomes = findings.map(({ outcome }) => outcome)
  if (outcomes.includes('failed')) return 'failed'
  if (outcomes.includes('could-not-check')) return 'could-not-check'
  return outcomes.includes('missing') ? 'missing' : 'passed'
}

/** The outcome of a gate over its findings (contracts §5). */
export function outcomeOf(findings: readonly Finding[]): Verdict['outcome'] {
  const worst = worstOf(findings)
  return worst === 'passed' ? 'pass' : worst === 'failed' ? 'fail' : worst
}
