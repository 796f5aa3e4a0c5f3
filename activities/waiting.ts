/** A case that must wait: for whom, until when, and what to tell the workflow. One place, so that no wait is invisible (design 9). */
import type { GateOutcome } from '#activities/contracts.ts'
import type { Json } from '#audit/canonical.ts'
import { type CaseRow, type Move, moveCases } from '#db/cases.ts'
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

/** Marks the case as waiting unless evidence has come since it was judged: then the gates run once more (contracts §6). */
export async function markWaiting(tx: Tx, wait: Wait): Promise<GateOutcome> {
  const { caseId, judgedVersion, move, until } = wait
  const type = move.to === 'stopped' ? types.stopped : types.waiting
  const [moved] = await moveCases(tx, [
    {
      caseId,
      judgedVersion,
      ...move,
      waiting: { for: { for: wait.for, ...wait.detail }, until },
      entry: { type, reason: wait.reason, data: { for: wait.for } },
    },
  ])
  const told = { caseId, evidenceVersion: judgedVersion }
  if (moved === undefined || (!moved.moved && moved.because !== 'already')) return { ...told, outcome: 'again' }
  const outcome = move.to === 'stopped' ? 'stop' : 'wait'
  return { ...told, outcome, for: wait.for, until, ...(wait.remindAt === undefined ? {} : { remindAt: wait.remindAt }) }
}

/** How a case that already waits is told to a workflow that asks again. */
export function told(row: CaseRow): GateOutcome {
  const base = { caseId: row.id, evidenceVersion: row.evidenceVersion }
  if (isEnd(row.state)) return { ...base, outcome: 'ended' }
  const outcome =
    row.state === 'stopped' ? 'stop' : row.state === 'waiting' || row.state === 'deciding' ? 'wait' : 'again'
  return { ...base, outcome, ...(row.waitingUntil === undefined ? {} : { until: row.waitingUntil }) }
}

/** `seconds` from `now`. */
export function deadline(now: Instant, seconds: number): Instant {
  return plusSeconds(now, seconds)
}
