/** What can wake a case: evidence, a decision, a deadline. Without it every wait would register its own handlers. */
import { condition, setHandler } from '@temporalio/workflow'
import type { GateOutcome } from '#activities/contracts.ts'
import { as, type CaseId, type DecisionId, type Instant, type InstitutionId } from '#domain/words.ts'
import { decided, evidenceArrived, where } from '#workflows/messages.ts'
import { pipeline } from '#workflows/options.ts'

export interface WakeUps {
  /** Forgets what woke the case. Called before the database is read, so that what comes later wakes again. */
  clear(): void
  /** True if woken before the moment (none = wait for ever), false if the moment passed. */
  before(moment: Instant | undefined): Promise<boolean>
  note(outcome: GateOutcome): void
}

/** Registers the handlers of a case. An Update without a recorded decision fails and wakes nobody (contracts §7.3). */
export function listen(input: { readonly institution: InstitutionId; readonly caseId: CaseId }): WakeUps {
  let woken = false
  let noted: GateOutcome | undefined
  // Decisions that come together are read one after the other: a replay gives both answers at once, and what the first one woke would
  // then come after the second one's, other than when it happened.
  let ahead: Promise<void> | undefined

  setHandler(evidenceArrived, () => {
    woken = true
  })
  setHandler(
    decided,
    async (id) => {
      const before = ahead
      const read = async () => {
        if (before !== undefined) await before
        return pipeline.readDecision(input.institution, input.caseId, as<DecisionId>(id))
      }
      const mine = read()
      ahead = mine.then(
        () => undefined,
        () => undefined,
      )
      const recorded = await mine
      woken = true
      return { outcome: recorded.outcome }
    },
    { validator: mustBeDecisionId },
  )
  setHandler(where, () => ({
    step: noted?.outcome ?? 'running',
    ...(noted?.for === undefined ? {} : { for: noted.for }),
    ...(noted?.until === undefined ? {} : { until: noted.until }),
  }))

  return {
    clear: () => {
      woken = false
    },
    before: async (moment) => {
      if (moment === undefined) return condition(() => woken).then(() => true)
      return condition(() => woken, Math.max(1, Date.parse(moment) - Date.now()))
    },
    note: (outcome) => {
      noted = outcome
    },
  }
}

/** Refused before anything is written. A payload that is not in our encoding arrives as undefined. */
function mustBeDecisionId(id: unknown): void {
  if (typeof id !== 'string' || !/^deci_[a-z2-7]{1,64}$/.test(id)) throw new TypeError('not a decision id')
}
