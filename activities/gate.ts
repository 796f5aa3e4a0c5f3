/** The one shape of a gate's act: collect, judge, record, in one transaction (contracts §5). Every gate would otherwise write it again. */
import type { CaseList, GateOutcome } from '#activities/contracts.ts'
import { collectInputs } from '#db/case-input.ts'
import { type Db, inInstitution } from '#db/client.ts'
import { type JudgedGate, recordVerdicts } from '#db/verdicts.ts'
import type { CaseInput } from '#domain/case.ts'
import { type CaseGate, judge } from '#domain/gates/judge.ts'
import type { Verdict } from '#domain/gates/verdict.ts'
import type { CaseId } from '#domain/words.ts'

/**
 * Judges one gate for each case and records verdict, entry and outgoing event. At a version judged before, the recorded
 * verdict is returned. A bad case is an outcome; only infrastructure throws.
 */
export async function judgeGate(db: Db, list: CaseList, gate: CaseGate): Promise<GateOutcome[]> {
  return inInstitution(db, list.institution, async (tx) => {
    const inputs = await collectInputs(tx, list.cases)
    const recorded = await recordVerdicts(
      tx,
      inputs.map((input) => ({ input, verdict: judge(gate, input) })),
    )
    return recorded.map(({ input, verdict }) => ({
      caseId: input.case.id,
      outcome: outcomeOf(verdict),
      evidenceVersion: input.case.evidenceVersion,
    }))
  })
}

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
