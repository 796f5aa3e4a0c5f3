/** Complaints as people are shown them, made from their entries in the institution's trail (ISO/IEC 17024 9.9). */
import type { Entry } from '#audit/entry.ts'
import { stepIn } from '#audit/entry-types.ts'
import { type Done, doneBy, listOf, type Staff, textOf } from '#db/acts.ts'
import { type Matter, stepOf } from '#db/matters.ts'
import type { ComplaintOutcome, ComplaintState } from '#domain/handling.ts'
import type { CaseId, Instant, PersonId } from '#domain/words.ts'

export interface Complaint {
  readonly id: string
  /** A code. */
  readonly category: string
  /** About neither a case nor persons it is about the service. */
  readonly caseId?: CaseId
  /** Whom it is about; as the log calls them where the register knows nobody by that. */
  readonly persons: readonly string[]
  /** The day it came, `2026-03-01`. */
  readonly received: string
  /** Of the complaint, in the institution's registry. */
  readonly reference: string
  /** The latest step. */
  readonly state: ComplaintState
  readonly receivedBy?: PersonId
  readonly receivedAt: Instant
  readonly acknowledged?: Step
  readonly progress: readonly (Step & { readonly step: string })[]
  readonly closed?: Step & { readonly outcome: ComplaintOutcome; readonly measures: readonly string[] }
}

type Step = Done & { readonly reference: string }

export function complaintIn(matter: Matter, staff: Staff): Complaint {
  const { id, first, entries, state } = matter
  const { by, at: receivedAt } = doneBy(first, staff)
  const [acknowledged, closed] = [stepOf(matter, 'acknowledged'), stepOf(matter, 'closed')]
  const step = (entry: Entry): Step => ({ reference: textOf(entry, 'reference'), ...doneBy(entry, staff) })
  return {
    id,
    category: textOf(first, 'category'),
    ...(first.data?.['case'] === undefined ? {} : { caseId: textOf(first, 'case') as CaseId }),
    persons: listOf(first, 'persons').map((ref) => staff.get(ref) ?? ref),
    received: textOf(first, 'received'),
    reference: textOf(first, 'reference'),
    state: state as ComplaintState,
    ...(by === undefined ? {} : { receivedBy: by }),
    receivedAt,
    ...(acknowledged && { acknowledged: step(acknowledged) }),
    progress: entries
      .filter((entry) => stepIn(entry) === 'progressed')
      .map((entry) => ({ step: textOf(entry, 'step'), ...step(entry) })),
    ...(closed && {
      closed: {
        outcome: closed.act.outcome as ComplaintOutcome,
        measures: listOf(closed, 'measures'),
        ...step(closed),
      },
    }),
  }
}
