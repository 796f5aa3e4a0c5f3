/** All acts of the pipeline worker over their one dependency; the worker registers what this returns. */
import { apart } from '#activities/apart.ts'
import { judgeApproval } from '#activities/approval.ts'
import { judgeAutomatic } from '#activities/automatic.ts'
import { clearCases } from '#activities/clearance.ts'
import type { CaseList, GateOutcome, OpenedCase, PipelineActivities } from '#activities/contracts.ts'
import { findDecision } from '#activities/decision.ts'
import { deliverCases } from '#activities/delivery.ts'
import { eraseApproved, erasureState, expireErasure } from '#activities/erasure.ts'
import { letLeave } from '#activities/leave.ts'
import { openCases } from '#activities/open.ts'
import { escalateCases, remindApprovers } from '#activities/overdue.ts'
import { reconcileInstitution } from '#activities/reconciliation.ts'
import { announceRevocation, expireRevocation, revocationState } from '#activities/revocation.ts'
import { stopUnsigned } from '#activities/signing-refused.ts'
import { namedSteps } from '#config/failpoints.ts'
import { type Db, inInstitution, listInstitutions } from '#db/client.ts'
import { suggestDisposals } from '#db/retention.ts'
import type { CaseId } from '#domain/words.ts'

/** @param db open as `bevis_pipeline` */
export function pipelineActivities({ db }: { readonly db: Db }): PipelineActivities {
  return namedSteps({
    open: apart((list) => openCases(db, list), openAlone),
    automatic: gate((list) => judgeAutomatic(db, list)),
    approval: gate((list) => judgeApproval(db, list)),
    clearance: gate((list) => clearCases(db, list)),
    delivery: gate((list) => deliverCases(db, list)),
    signingRefused: gate((list) => stopUnsigned(db, list)),
    leave: (list) => letLeave(db, list),
    remind: (list) => remindApprovers(db, list),
    escalate: (list) => escalateCases(db, list),
    readDecision: (institution, caseId, decisionId) => findDecision(db, { institution, caseId, decisionId }),
    revocationGate: (request) => revocationState(db, request),
    revocationExpired: (request) => expireRevocation(db, request),
    revocationDone: (request) => announceRevocation(db, request),
    reconcilable: () => listInstitutions(db),
    reconcile: (institution) => reconcileInstitution(db, institution),
    suggestDisposals: (institution) => inInstitution(db, institution, suggestDisposals),
    erasureGate: (request) => erasureState(db, request),
    erasureExpired: (request) => expireErasure(db, request),
    erase: (request) => eraseApproved(db, request),
  })
}

/** Nothing was judged, so there is no version to tell. */
const alone = (caseId: CaseId): GateOutcome => ({ caseId, outcome: 'alone', evidenceVersion: 0 })

function openAlone(caseId: CaseId): OpenedCase {
  return { ...alone(caseId), go: false, intended: false, needsApproval: false, document: false }
}

function gate(act: (list: CaseList) => Promise<GateOutcome[]>) {
  return apart(act, alone)
}
