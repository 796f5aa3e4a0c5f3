/** Applies what people decided while a case waited: the database knows the decision, the case follows it (contracts §7). */
import type { GateOutcome } from '#activities/contracts.ts'
import { deadline, markWaiting } from '#activities/waiting.ts'
import { appoint } from '#db/appointments.ts'
import { collectInputs } from '#db/case-input.ts'
import { type CaseRow, changeAchievement, moveCases } from '#db/cases.ts'
import type { Tx } from '#db/client.ts'
import { endsCase, type StoredDecision, unapplied } from '#db/decisions.ts'
import { readAchievement } from '#db/register-read.ts'
import type { CaseInput } from '#domain/case.ts'
import { separationOf } from '#domain/draw.ts'
import type { CaseState, Cause } from '#domain/issuance/transitions.ts'

export type Settled =
  | { readonly kind: 'ended' }
  | { readonly kind: 'waiting'; readonly outcome: GateOutcome }
  /** The ground has changed: the gates are asked again. */
  | { readonly kind: 'resumed' }
  | { readonly kind: 'nothing' }

/**
 * Only what was decided since the wait began counts, so a repeat changes nothing. The first decision that ends the case wins,
 * whatever was decided after it; else the newest.
 */
export async function settle(tx: Tx, row: CaseRow, decisions: readonly StoredDecision[]): Promise<Settled> {
  const since = unapplied(row, decisions)
  const decision = since.find(({ outcome }) => endsCase(outcome)) ?? since.at(-1)
  if (decision === undefined) return { kind: 'nothing' }
  switch (decision.outcome) {
    case 'approve':
      return move(tx, row, { decision, to: 'judging', cause: 'approved', type: 'case.resumed/1' })
    case 'return':
      return supplement(tx, row, { decision, cause: 'returned' })
    case 'reject':
      return move(tx, row, { decision, to: 'refused', cause: 'rejected', type: 'case.refused/1' })
    case 'refuse':
      return move(tx, row, { decision, to: 'refused', cause: 'refused', type: 'case.refused/1' })
    case 'withdraw':
      return move(tx, row, { decision, to: 'withdrawn', cause: 'withdrawn', type: 'case.withdrawn/1' })
    case 'appoint':
      return appointChosen(tx, row, decision)
    case 'order-reassessment':
      return supplement(tx, row, { decision, cause: 'reassessment-ordered' })
    case 'choose-achievement':
      return chooseAchievement(tx, row, decision)
  }
}

interface Step {
  readonly decision: StoredDecision
  readonly to: CaseState
  readonly cause: Cause
  readonly type: string
  readonly facts?: { readonly [name: string]: string | number }
}

async function move(tx: Tx, row: CaseRow, { decision, to, cause, type, facts }: Step): Promise<Settled> {
  const [moved] = await moveCases(tx, [
    {
      caseId: row.id,
      to,
      cause,
      step: 'decision',
      decision: decision.id,
      entry: { type, reason: decision.reason, ...(facts === undefined ? {} : { data: facts }) },
    },
  ])
  if (moved?.moved !== true) return { kind: 'nothing' }
  return to === 'judging' ? { kind: 'resumed' } : { kind: 'ended' }
}

/** Sent back with marked items, or a new assessment ordered: the case waits for it, and the gates are asked again afterwards. */
async function supplement(
  tx: Tx,
  row: CaseRow,
  { decision, cause }: { decision: StoredDecision; cause: Cause },
): Promise<Settled> {
  const [input] = await collectInputs(tx, [row.id])
  if (input === undefined) return { kind: 'nothing' }
  const [outcome] = await markWaiting(tx, [
    {
      caseId: row.id,
      judgedVersion: row.evidenceVersion,
      move: { to: 'waiting', cause, step: 'decision', decision: decision.id },
      for: 'supplement',
      until: deadline(input.now, durationsOf(input).evidence),
      reason: decision.reason,
    },
  ])
  return outcome === undefined || outcome.outcome === 'again' ? { kind: 'resumed' } : { kind: 'waiting', outcome }
}

function durationsOf(input: CaseInput) {
  return input.profiles.byBand[input.case.promised].durations
}

/** An officer's choice stands only while nothing speaks against the person: no human act loosens separation. */
async function appointChosen(tx: Tx, row: CaseRow, decision: StoredDecision): Promise<Settled> {
  const chosen = decision.detail?.appoint
  const [input] = await collectInputs(tx, [row.id])
  if (chosen === undefined || input === undefined) return { kind: 'nothing' }
  if (separationOf(input, chosen.person, chosen.role).length > 0) return { kind: 'nothing' }
  await appoint(tx, [{ caseId: row.id, ...chosen, rule: 'chosen-by-officer/1', because: decision.reason }])
  return move(tx, row, { decision, to: 'judging', cause: 'appointed', type: 'case.resumed/1' })
}

async function chooseAchievement(tx: Tx, row: CaseRow, decision: StoredDecision): Promise<Settled> {
  const chosen = decision.detail?.achievement
  const [input] = await collectInputs(tx, [row.id])
  if (chosen === undefined || input === undefined) return { kind: 'nothing' }
  const achievement = await readAchievement(tx, chosen.id, chosen.version)
  if (achievement === undefined) return { kind: 'nothing' }
  if (!(await changeAchievement(tx, { caseId: row.id, achievement, profiles: input.profiles })))
    return { kind: 'nothing' }
  const facts = { achievement: achievement.id, achievementVersion: achievement.version }
  return move(tx, row, { decision, to: 'judging', cause: 'achievement-chosen', type: 'case.resumed/1', facts })
}
