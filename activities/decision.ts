/** An Update carries a decision id and nothing else; this is where a hand-made one is found out (contracts §7.3). */
import { ApplicationFailure } from '@temporalio/activity'
import type { RecordedDecision } from '#activities/contracts.ts'
import { type Db, inInstitution } from '#db/client.ts'
import { decisionsOf } from '#db/decisions.ts'
import type { CaseId, DecisionId, InstitutionId } from '#domain/words.ts'

export interface DecisionQuestion {
  readonly institution: InstitutionId
  readonly caseId: CaseId
  readonly decisionId: DecisionId
}

/** @throws ApplicationFailure `DecisionNotRecorded`, not retried: nobody recorded this decision for this case */
export async function findDecision(db: Db, question: DecisionQuestion): Promise<RecordedDecision> {
  const { institution, caseId, decisionId } = question
  const decisions = await inInstitution(db, institution, (tx) => decisionsOf(tx, [caseId]))
  const found = decisions.find(({ id }) => id === decisionId)
  if (found === undefined) throw ApplicationFailure.nonRetryable('no such decision', 'DecisionNotRecorded')
  return { decisionId: found.id, outcome: found.outcome }
}
