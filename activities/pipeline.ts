/** All acts of the pipeline worker over their one dependency; the worker registers what this returns. */
import { judgeApproval } from '#activities/approval.ts'
import { clearCases } from '#activities/clearance.ts'
import type { PipelineActivities } from '#activities/contracts.ts'
import { findDecision } from '#activities/decision.ts'
import { deliverCases } from '#activities/delivery.ts'
import { judgeEvidenceLevel } from '#activities/evidence-level.ts'
import { judgeGate } from '#activities/gate.ts'
import { openCases } from '#activities/open.ts'
import { escalateCases, remindApprovers } from '#activities/overdue.ts'
import { announceRevocation, expireRevocation, revocationState } from '#activities/revocation.ts'
import { stopUnsigned } from '#activities/signing-refused.ts'
import { namedSteps } from '#config/failpoints.ts'
import type { Db } from '#db/client.ts'

/** @param db open as `bevis_pipeline` */
export function pipelineActivities({ db }: { readonly db: Db }): PipelineActivities {
  return namedSteps({
    open: (list) => openCases(db, list),
    identity: (list) => judgeGate(db, list, 'identity'),
    assessment: (list) => judgeGate(db, list, 'assessment'),
    separation: (list) => judgeGate(db, list, 'separation'),
    evidenceLevel: (list) => judgeEvidenceLevel(db, list),
    approval: (list) => judgeApproval(db, list),
    clearance: (list) => clearCases(db, list),
    delivery: (list) => deliverCases(db, list),
    signingRefused: (list) => stopUnsigned(db, list),
    remind: (list) => remindApprovers(db, list),
    escalate: (list) => escalateCases(db, list),
    readDecision: (institution, caseId, decisionId) => findDecision(db, { institution, caseId, decisionId }),
    revocationGate: (request) => revocationState(db, request),
    revocationExpired: (request) => expireRevocation(db, request),
    revocationDone: (request) => announceRevocation(db, request),
  })
}
