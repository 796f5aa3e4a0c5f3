/** The legal moves of a case. Every recording transaction asks here; without it a lost race could issue a refused case. */
import type { CaseState } from '#domain/issuance/state.ts'

export type { CaseState } from '#domain/issuance/state.ts'

/** What makes a case move, as codes of the trail. */
export type Cause =
  | 'gates-started'
  | 'evidence-arrived'
  | 'conflict-declared'
  | 'facts-missing'
  | 'gate-failed'
  | 'approval-demanded'
  | 'all-passed'
  | 'approved'
  | 'returned'
  | 'rejected'
  | 'overdue'
  | 'appointed'
  | 'reassessment-ordered'
  | 'achievement-chosen'
  | 'refused'
  | 'signing-refused'
  | 'credential-stored'
  | 'record-kept'
  | 'withdrawn'

/** What must be recorded, in the same transaction or before, for the move to be true. */
export type Need =
  /** The evidence version was raised since the case was judged: what was passed or approved must be so again. */
  | 'newer-evidence'
  /** A verdict at this evidence version says what is missing or failed. */
  | 'verdict'
  /** Every gate up to the evidence level has passed at this evidence version. */
  | 'gates-passed'
  /** The demanded number of distinct, unconflicted persons have approved at this evidence version. */
  | 'approvals'
  /** A person's decision, by the role that may take it, on what the case is now. */
  | 'decision'
  | 'reason'
  /** What the case was sent back for, item by item. */
  | 'marked-items'
  | 'deadline-passed'
  /** The entry `issuance.cleared` at this evidence version or, once signed, at the version that was signed. */
  | 'clearance'
  | 'credential'
  /** Nothing is signed yet; after signing a credential never changes. */
  | 'no-credential'
  /** The band leads to no document. */
  | 'no-document'

export interface Transition {
  readonly from: CaseState
  readonly to: CaseState
  readonly by: Cause
  readonly needs: readonly Need[]
}

type Row = readonly [from: readonly CaseState[], by: Cause, to: CaseState, needs: readonly Need[]]

/** Everywhere before an end. */
const running = ['received', 'judging', 'waiting', 'stopped', 'deciding', 'cleared'] as const

/** The table. `judging` is the hub: whatever happens, a case comes back to it and the gates are asked again. */
const table: readonly Row[] = [
  [['received'], 'gates-started', 'judging', []],
  [
    ['judging', 'waiting', 'stopped', 'deciding', 'cleared'],
    'evidence-arrived',
    'judging',
    ['newer-evidence', 'no-credential'],
  ],
  [
    ['judging', 'waiting', 'stopped', 'deciding', 'cleared'],
    'conflict-declared',
    'judging',
    ['newer-evidence', 'no-credential'],
  ],

  [['judging'], 'facts-missing', 'waiting', ['verdict']],
  [['judging'], 'gate-failed', 'stopped', ['verdict']],
  [['judging'], 'approval-demanded', 'deciding', ['gates-passed']],
  [['judging'], 'all-passed', 'cleared', ['gates-passed', 'approvals']],

  [['deciding'], 'approved', 'judging', ['decision']],
  [['deciding'], 'returned', 'waiting', ['decision', 'marked-items']],
  [['deciding'], 'rejected', 'refused', ['decision', 'reason']],

  [['waiting', 'deciding'], 'overdue', 'stopped', ['deadline-passed']],
  [['waiting', 'stopped', 'deciding'], 'appointed', 'judging', ['decision']],
  [['stopped'], 'reassessment-ordered', 'waiting', ['decision', 'reason']],
  [['stopped'], 'achievement-chosen', 'judging', ['decision', 'reason', 'newer-evidence']],
  [['waiting', 'stopped', 'deciding'], 'refused', 'refused', ['decision', 'reason']],

  [['cleared'], 'signing-refused', 'stopped', ['reason', 'no-credential']],
  [['cleared'], 'credential-stored', 'issued', ['clearance', 'credential']],
  [['cleared'], 'record-kept', 'recorded', ['clearance', 'no-document', 'no-credential']],

  [running, 'withdrawn', 'withdrawn', ['reason', 'no-credential']],
]

/** Every legal move, one by one. No move leaves an end state. */
export const transitions: readonly Transition[] = table.flatMap(([states, by, to, needs]) =>
  states.map((from) => ({ from, to, by, needs })),
)

/** The legal move, with what it needs, or undefined. */
export function findTransition(from: CaseState, to: CaseState, cause: Cause): Transition | undefined {
  return transitions.find((one) => one.from === from && one.to === to && one.by === cause)
}

/** True when a case may go from one state to the other for this cause. */
export function mayMove(from: CaseState, to: CaseState, cause: Cause): boolean {
  return findTransition(from, to, cause) !== undefined
}

/** Where a case can go from here, and why; empty for an end state. */
export function nextStates(from: CaseState): readonly Transition[] {
  return transitions.filter((one) => one.from === from)
}
