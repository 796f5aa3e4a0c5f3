/** The signing worker would not sign. If evidence has come since, the gates run once more; else an officer must look. */
import type { CaseList, GateOutcome } from '#activities/contracts.ts'
import { isOneRound } from '#activities/gate.ts'
import { answerAll, deadline, told, type Wait } from '#activities/waiting.ts'
import { collectInputs } from '#db/case-input.ts'
import { caseRows } from '#db/cases.ts'
import { type Db, inInstitution } from '#db/client.ts'
import { judgedGates } from '#db/verdicts.ts'
import type { CaseInput } from '#domain/case.ts'

export async function stopUnsigned(db: Db, list: CaseList): Promise<GateOutcome[]> {
  return inInstitution(db, list.institution, async (tx) => {
    const inputs = new Map((await collectInputs(tx, list.cases)).map((input) => [input.case.id, input]))
    const judged = await judgedGates(tx, list.cases)
    return answerAll(
      tx,
      (await caseRows(tx, list.cases)).map((row) => {
        const input = inputs.get(row.id)
        if (input === undefined || row.state !== 'cleared') return told(row)
        return isOneRound(input, ['level'], judged)
          ? unsigned(input)
          : { caseId: row.id, outcome: 'again', evidenceVersion: row.evidenceVersion }
      }),
    )
  })
}

function unsigned(input: CaseInput): Wait {
  const { durations } = input.profiles.byBand[input.case.promised]
  return {
    caseId: input.case.id,
    judgedVersion: input.case.evidenceVersion,
    move: { to: 'stopped', cause: 'signing-refused', step: 'signing' },
    for: 'officer',
    until: deadline(input.now, durations.officer),
    reason: 'signing-refused',
  }
}
