/** Where a case can stand; the database, the workflow and the console would otherwise each keep their own list. */

/** In the order of a case's life; the last four are ends. */
export const caseStates = [
  /** Taken in; no gate has run. */
  'received',
  /** On its way through the gates. */
  'judging',
  /** For evidence, or for what an approver sent it back for. */
  'waiting',
  /** For an officer: a gate failed, could not check, or a deadline passed. */
  'stopped',
  /** For an approver. */
  'deciding',
  /** Everything demanded has passed; to be signed, or kept as a record. */
  'cleared',
  'issued',
  /** Band F: a record, no credential. */
  'recorded',
  'refused',
  'withdrawn',
] as const
export type CaseState = (typeof caseStates)[number]

/** States a case never leaves. What happens afterwards (revocation, replacement) concerns the credential, not the case. */
export const endStates = ['issued', 'recorded', 'refused', 'withdrawn'] as const satisfies readonly CaseState[]

export function isEnd(state: CaseState): boolean {
  return endStates.some((end) => end === state)
}
