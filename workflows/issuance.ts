/**
 * One case from completion event to credential, in the order of design.md's picture; the step numbers are those of
 * docs/issuance-cycle.md. Facts and decisions live in the database: this file only knows order, waits and branches.
 */
import { ApplicationFailure, allHandlersFinished, condition, continueAsNew, workflowInfo } from '@temporalio/workflow'
import type { CaseList, GateOutcome, OpenedCase } from '#activities/contracts.ts'
import type { CaseId, InstitutionId } from '#domain/words.ts'
import { mustBeCase } from '#workflows/arguments.ts'
import { pipeline, signing } from '#workflows/options.ts'
import { listen, type WakeUps } from '#workflows/wake-ups.ts'

export interface IssuanceInput {
  readonly institution: InstitutionId
  readonly caseId: CaseId
}

/** Ends when the case is issued, recorded, refused or withdrawn. */
export async function issuance(input: IssuanceInput): Promise<void> {
  mustBeCase(input)
  const it = { institution: input.institution, cases: [input.caseId] }
  const wake = listen(input)

  let outcome = await throughTheGates(it)
  while (outcome.outcome !== 'ended') {
    outcome = await untilSomethingHappens(it, { outcome, wake })
    if (outcome.outcome !== 'ended') outcome = await throughTheGates(it)
    if (workflowInfo().continueAsNewSuggested && outcome.outcome !== 'ended') {
      await condition(allHandlersFinished)
      await continueAsNew<typeof issuance>(input)
    }
  }
  await condition(allHandlersFinished)
}

/** Once through the gates, as far as the facts carry. Everything is collected anew, so no wake-up is lost. */
async function throughTheGates(it: CaseList): Promise<GateOutcome> {
  const opened = only(await pipeline.open(it)) // 1
  if (!opened.go) return opened

  if (!opened.intended) {
    const judged = await askTheGates(it, opened)
    if (judged.outcome !== 'pass') return judged
  }
  if (opened.document) {
    const signed = only(await signing.sign(it)) // 8
    if (signed.outcome === 'refused') return only(await pipeline.signingRefused(it))
  }
  return only(await pipeline.delivery(it)) // 9
}

/** Steps 2 to 7. Every gate is judged, so that what is missing is known as a whole. */
async function askTheGates(it: CaseList, opened: OpenedCase): Promise<GateOutcome> {
  await pipeline.identity(it) // 2
  await pipeline.assessment(it) // 3
  await pipeline.separation(it) // 4
  const evidence = only(await pipeline.evidenceLevel(it)) // 5
  if (evidence.outcome !== 'pass') return evidence

  if (opened.needsApproval) {
    const approval = only(await pipeline.approval(it)) // 6
    if (approval.outcome !== 'pass') return approval
  }
  return only(await pipeline.clearance(it)) // 7
}

interface Waiting {
  readonly outcome: GateOutcome
  readonly wake: WakeUps
}

/** Sleeps until evidence, a decision or the deadline; what happened is read from the database, never from the message. */
async function untilSomethingHappens(it: CaseList, { outcome, wake }: Waiting): Promise<GateOutcome> {
  let waiting = outcome
  while (waiting.outcome === 'wait' || waiting.outcome === 'stop') {
    wake.note(waiting)
    if (waiting.remindAt !== undefined && !(await wake.before(waiting.remindAt))) await pipeline.remind(it)
    if (await wake.before(waiting.until)) {
      wake.clear()
      return { ...waiting, outcome: 'again' }
    }
    waiting = only(await pipeline.escalate(it))
  }
  return waiting
}

/** @throws ApplicationFailure `UnknownCase`: the hand-made start of a case that is not there ends at once */
function only<T>(list: readonly T[]): T {
  const [first] = list
  if (first === undefined) throw ApplicationFailure.nonRetryable('no such case', 'UnknownCase')
  return first
}
