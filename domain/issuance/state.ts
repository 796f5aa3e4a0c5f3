/** Where a case can stand; the database, the workflow and the console would otherwise each keep their own list. */
import type { Text } from '#domain/words.ts'

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

/** What is said of a case that stands there: "the case is …". */
export const stateWords: Readonly<Record<CaseState, Text>> = {
  received: { sv: 'mottaget', en: 'received' },
  judging: { sv: 'under prövning', en: 'being judged' },
  waiting: { sv: 'i väntan på underlag', en: 'waiting for evidence' },
  stopped: { sv: 'stoppat, hos en handläggare', en: 'stopped, with an officer' },
  deciding: { sv: 'i väntan på beslut', en: 'waiting for a decision' },
  cleared: { sv: 'klart för utfärdande', en: 'cleared for issuance' },
  issued: { sv: 'utfärdat', en: 'issued' },
  recorded: { sv: 'avslutat utan handling', en: 'closed without a document' },
  refused: { sv: 'avslaget', en: 'refused' },
  withdrawn: { sv: 'återtaget', en: 'withdrawn' },
}

/** States a case never leaves. What happens afterwards (revocation, replacement) concerns the credential, not the case. */
export const endStates = ['issued', 'recorded', 'refused', 'withdrawn'] as const satisfies readonly CaseState[]

export function isEnd(state: CaseState): boolean {
  return endStates.some((end) => end === state)
}
