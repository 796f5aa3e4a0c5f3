/**
 * One case from completion event to credential: through the gates (workflows/gates.ts), and again whenever something happens. Facts
 * and decisions live in the database: this file only knows order, waits and branches.
 */
import { ApplicationFailure, allHandlersFinished, condition, continueAsNew, workflowInfo } from '@temporalio/workflow'
import type { CaseList, GateOutcome } from '#activities/contracts.ts'
import type { CaseId, InstitutionId } from '#domain/words.ts'
import { mustBeCase } from '#workflows/arguments.ts'
import { signAndDeliver, throughTheGates } from '#workflows/gates.ts'
import { pipeline } from '#workflows/options.ts'
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

  let outcome = await onceThrough(it)
  while (outcome.outcome !== 'ended') {
    outcome = await untilSomethingHappens(it, { outcome, wake })
    if (outcome.outcome !== 'ended') outcome = await onceThrough(it)
    if (workflowInfo().continueAsNewSuggested && outcome.outcome !== 'ended') {
      await condition(allHandlersFinished)
      await continueAsNew<typeof issuance>(input)
    }
  }
  await condition(allHandlersFinished)
}

/** Once through the gates; the last word about this one case. */
async function onceThrough(it: CaseList): Promise<GateOutcome> {
  const { cleared, others } = await throughTheGates(it)
  return only(cleared.length === 0 ? others : await signAndDeliver(it, cleared))
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
