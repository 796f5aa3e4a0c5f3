/** Appeals and requests for reconsideration as people are shown them, made from their entries in the case's trail (ISO/IEC 17024 9.8). */
import type { Entry } from '#audit/entry.ts'
import { type Done, doneBy, listOf, type Staff, textOf } from '#db/acts.ts'
import { type Matter, stepOf } from '#db/matters.ts'
import type { AppealKind, AppealOutcome, AppealState } from '#domain/handling.ts'
import type { CaseId, Instant, PersonId } from '#domain/words.ts'

export interface Appeal {
  readonly id: string
  readonly caseId: CaseId
  readonly kind: AppealKind
  /** Id of a decision, a revocation or an appeal; `outcome` for how the case ended. */
  readonly against: string
  /** The day it came, `2026-03-01`. */
  readonly received: string
  /** Of what was sent in, in the institution's registry. */
  readonly reference: string
  /** The latest step. */
  readonly state: AppealState
  readonly lodgedBy?: PersonId
  readonly lodgedAt: Instant
  readonly acknowledged?: Step
  readonly decided?: Step & { readonly outcome: AppealOutcome; readonly reason: string }
  readonly closed?: Step & { readonly followed: readonly string[] }
}

type Step = Done & { readonly reference: string }

export function appealIn(matter: Matter, staff: Staff): Appeal {
  const { id, first, state } = matter
  const { by, at: lodgedAt } = doneBy(first, staff)
  const [acknowledged, decided, closed] = ['acknowledged', 'decided', 'closed'].map((step) => stepOf(matter, step))
  const step = (entry: Entry): Step => ({ reference: textOf(entry, 'reference'), ...doneBy(entry, staff) })
  return {
    id,
    caseId: caseOf(first),
    kind: textOf(first, 'kind') as AppealKind,
    against: textOf(first, 'against'),
    received: textOf(first, 'received'),
    reference: textOf(first, 'reference'),
    state: state as AppealState,
    ...(by === undefined ? {} : { lodgedBy: by }),
    lodgedAt,
    ...(acknowledged && { acknowledged: step(acknowledged) }),
    ...(decided && {
      decided: { outcome: decided.act.outcome as AppealOutcome, reason: decided.act.reason ?? '', ...step(decided) },
    }),
    ...(closed && { closed: { followed: listOf(closed, 'followed'), ...step(closed) } }),
  }
}

/** Entries of a case's trail begin with its id. */
export function caseOf({ id }: Entry): CaseId {
  return id.slice(0, id.indexOf(':')) as CaseId
}
