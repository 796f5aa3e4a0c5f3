/** What the acts of all gates share: how a verdict moves its case on, and whether all gates have judged the same record. */
import type { JudgedGate } from '#db/verdicts.ts'
import type { CaseInput } from '#domain/case.ts'
import type { CaseGate } from '#domain/gates/judge.ts'
import type { Verdict } from '#domain/gates/verdict.ts'
import type { CaseId } from '#domain/words.ts'

/** What is merely missing may still come: wait. What failed or could not be checked needs a person: stop. */
export function outcomeOf(verdict: Verdict): 'pass' | 'wait' | 'stop' {
  switch (verdict.outcome) {
    case 'pass':
      return 'pass'
    case 'missing':
      return 'wait'
    case 'fail':
    case 'could-not-check':
      return 'stop'
  }
}

/**
 * Whether these gates have all judged what is on record now. Evidence that comes in the middle of a round would otherwise leave
 * the first gates at an older version, and the signer finds no verdict to replay (contracts §6, §8).
 */
export function isOneRound(
  { case: { id, evidenceVersion } }: CaseInput,
  gates: readonly CaseGate[],
  judged: ReadonlyMap<CaseId, readonly JudgedGate[]>,
): boolean {
  const now = judged.get(id)?.filter((one) => one.evidenceVersion === evidenceVersion) ?? []
  return gates.every((gate) => now.some((one) => one.gate === gate))
}
