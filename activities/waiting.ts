/** A case that must wait: for whom, until when, and what to tell the workflow. One place, so that no wait is invisible (design 9). */
import type { GateOutcome } from '#activities/contracts.ts'
import type { Json } from '#audit/canonical.ts'
import { type CaseRow, type Move, type Moved, moveCases } from '#db/cases.ts'
import type { Tx } from '#db/client.ts'
import { isEnd } from '#domain/issuance/state.ts'
import { plusSeconds } from '#domain/time.ts'
import type { CaseId, Instant } from '#domain/words.ts'

export interface Wait {
  readonly caseId: CaseId
  readonly judgedVersion: number
  readonly move: Pick<Move, 'to' | 'cause' | 'step' | 'decision'>
  /** `evidence`, `supplement`, `approver`, `officer`. */
  readonly for: string
  readonly until: Instant
  /** Codes for those who look: rules that lack something, roles. */
  readonly detail?: { readonly [name: string]: Json }
  readonly reason: string
  readonly remindAt?: Instant
}

const types = { waiting: 'case.waiting/1', stopped: 'case.stopped/1', deciding: 'case.waiting/1' } as const

/** Marks cases as waiting, each unless evidence has come since it was judged: then its gates run once more (contracts §6). */
export async function markWaiting(tx: Tx, waits: readonly Wait[]): Promise<GateOutcome[]> {
  const moved = await moveCases(tx, waits.map(asMove))
  return waits.map((wait, index) => answerOf(wait, moved[index]))
}

/** One answer per case, in order: told at once, or a wait; all waits are marked in one go. */
export async function answerAll(tx: Tx, answers: readonly (GateOutcome | Wait)[]): Promise<GateOutcome[]> {
  const marked = await markWaiting(tx, answers.filter(isWait))
  const byCase = new Map(marked.map((outcome) => [outcome.caseId, outcome]))
  return answers.flatMap((one) => (isWait(one) ? (byCase.get(one.caseId) ?? []) : one))
}

function isWait(answer: GateOutcome | Wait): answer is Wait {
  return 'move' in answer
}

function asMove({ caseId, judgedVersion, move, until, reason, detail, for: whom }: Wait): Move {
  return {
    caseId,
    judgedVersion,
    ...move,
    waiting: { for: { for: whom, ...detail }, until },
    entry: { type: move.to === 'stopped' ? types.stopped : types.waiting, reason, data: { for: whom } },
  }
}

function answerOf(wait: Wait, moved: Moved | undefined): GateOutcome {
  const { caseId, judgedVersion: evidenceVersion, move, until, remindAt } = wait
  if (moved === undefined || (!moved.moved && moved.because !== 'already'))
    return { caseId, evidenceVersion, outcome: 'again' }
  const outcome = move.to === 'stopped' ? 'stop' : 'wait'
  return { caseId, evidenceVersion, outcome, for: wait.for, until, ...(remindAt === undefined ? {} : { remindAt }) }
}

/** How a case that already waits is told to a workflow that asks again. */
export function told(row: CaseRow): GateOutcome {
  const base = { caseId: row.id, evidenceVersion: row.evidenceVersion }
  if (isEnd(row.state)) return { ...base, outcome: 'ended' }
  const outcome =
    row.state === 'stopped' ? 'stop' : row.state === 'waiting' || row.state === 'deciding' ? 'wait' : 'again'
  const until = row.waitingUntil
  if (until === undefined) return { ...base, outcome }
  return { ...base, outcome, ...forOf(row), until, ...remindOf(row, until) }
}

function forOf({ waitingFor }: CaseRow): Pick<GateOutcome, 'for'> {
  const code = typeof waitingFor === 'object' && waitingFor !== null ? Reflect.get(waitingFor, 'for') : waitingFor
  return typeof code === 'string' ? { for: code } : {}
}

/** A case that was woken for nothing must still remind its approver; a reminder that was sent is not sent again. */
function remindOf({ state, frozen, promised }: CaseRow, until: Instant): Pick<GateOutcome, 'remindAt'> {
  if (state !== 'deciding' || frozen === undefined) return {}
  return { remindAt: deadline(until, -frozen.profiles.byBand[promised].durations.reminder) }
}

/** `seconds` from `now`. */
export function deadline(now: Instant, seconds: number): Instant {
  return plusSeconds(now, seconds)
}
