/** The signing worker would not sign. If evidence has come since, the gates run once more; else an officer must look. */
import type { CaseList, GateOutcome } from '#activities/contracts.ts'
import { deadline, markWaiting, told } from '#activities/waiting.ts'
import { collectInputs } from '#db/case-input.ts'
import { caseRows } from '#db/cases.ts'
import { type Db, inInstitution } from '#db/client.ts'
import { readVerdicts } from '#db/verdicts.ts'

export async function stopUnsigned(db: Db, list: CaseList): Promise<GateOutcome[]> {
  return inInstitution(db, list.institution, async (tx) => {
    const inputs = await collectInputs(tx, list.cases)
    const judged = await readVerdicts(tx, list.cases)
    const outcomes: GateOutcome[] = []
    for (const row of await caseRows(tx, list.cases)) {
      const input = inputs.find((one) => one.case.id === row.id)
      const isJudged = judged.some(
        (one) => one.caseId === row.id && one.gate === 'level' && one.evidenceVersion === row.evidenceVersion,
      )
      if (input === undefined || row.state !== 'cleared') outcomes.push(told(row))
      else if (!isJudged) outcomes.push({ caseId: row.id, outcome: 'again', evidenceVersion: row.evidenceVersion })
      else {
        const { durations } = input.profiles.byBand[input.case.promised]
        outcomes.push(
          await markWaiting(tx, {
            caseId: row.id,
            judgedVersion: row.evidenceVersion,
            move: { to: 'stopped', cause: 'signing-refused', step: 'signing' },
            for: 'officer',
            until: deadline(input.now, durations.officer),
            reason: 'signing-refused',
          }),
        )
      }
    }
    return outcomes
  })
}
