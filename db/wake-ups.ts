/** What reaches the workflows of cases, and the outbox row behind it. Without one page intake, relay and pipeline would name the same workflow differently. */
import { caseWorkflowId, cohortWorkflowId } from '#db/ids.ts'
import type { OutboxDraft } from '#db/outbox.ts'
import type { CaseId, InstitutionId } from '#domain/words.ts'

/** Whom to wake once the transaction has committed. */
export interface WakeUp {
  readonly kind: 'start' | 'signal'
  /** One; more where cases start together. */
  readonly cases: readonly CaseId[]
  readonly workflowId: string
  /** Row that the relay would send otherwise; absent where an earlier event left one. */
  readonly outboxId?: string
}

/**
 * Task queues of the workflows of cases. Cohorts have one of their own, so that two hundred of them never stand before a person's
 * decision, which comes as an Update to a case's own workflow.
 */
export const caseQueues = ['pipeline', 'cohorts'] as const
export type CaseQueue = (typeof caseQueues)[number]

/** At most so many travel together (contracts §6); an institution's installation may say fewer. */
export const largestCohort = 200

/** Name of the signal that tells of new evidence (workflows/messages.ts). */
export const evidenceSignal = 'evidenceArrived'

/** Cases that arrived together start together; one that came by itself starts by itself. */
export function startsOf(institution: InstitutionId, ids: readonly CaseId[], cohortSize: number): WakeUp[] {
  const starts: WakeUp[] = []
  for (let from = 0; from < ids.length; from += cohortSize) {
    const cases = ids.slice(from, from + cohortSize).toSorted()
    const [first] = cases
    if (first === undefined) continue
    starts.push(cases.length === 1 ? startOf(institution, first) : cohortOf(institution, cases))
  }
  return starts
}

export function startOf(institution: InstitutionId, id: CaseId): WakeUp {
  return { kind: 'start', cases: [id], workflowId: caseWorkflowId(institution, id), outboxId: startId(id) }
}

/** Row of the start of a case's own workflow; a case that travels with others has none until it leaves them. */
export function startId(id: CaseId): string {
  return `start/${id}`
}

function cohortOf(institution: InstitutionId, cases: readonly CaseId[]): WakeUp {
  const workflowId = cohortWorkflowId(institution, cases)
  return { kind: 'start', cases, workflowId, outboxId: `start/${workflowId}` }
}

export function signalTo(institution: InstitutionId, id: CaseId): WakeUp {
  return { kind: 'signal', cases: [id], workflowId: caseWorkflowId(institution, id) }
}

/** What the workflow of a case, or of a cohort, is started with; the relay and intake say the same. */
export function startOfWorkflow(institution: InstitutionId, cases: readonly CaseId[]) {
  const [caseId, ...others] = cases
  return others.length === 0
    ? {
        workflowType: 'issuance',
        taskQueue: 'pipeline' satisfies CaseQueue,
        args: [{ institution, caseId: caseId ?? '' }],
      }
    : { workflowType: 'cohort', taskQueue: 'cohorts' satisfies CaseQueue, args: [{ institution, cases: [...cases] }] }
}

/** @param headStartMs how long the relay leaves it to a sender who sends it at once */
export function wakeUpRow(institution: InstitutionId, wakeUp: WakeUp, headStartMs = 0): OutboxDraft {
  const { kind, cases, workflowId, outboxId } = wakeUp
  return {
    id: outboxId ?? `${kind}/${workflowId}`,
    kind,
    target: workflowId,
    payload: kind === 'start' ? startOfWorkflow(institution, cases) : { signal: evidenceSignal },
    dueInMs: headStartMs,
  }
}
