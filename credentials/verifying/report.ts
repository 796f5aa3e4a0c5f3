/** Three-state answers of a verification; without the third state "could not ask" would be read as "valid". */
import type { Text } from '#domain/words.ts'

export type CheckOutcome = 'passed' | 'failed' | 'could-not-check'

export type CheckId =
  | 'structure'
  | 'algorithm'
  | 'issuer'
  | 'key'
  | 'signature'
  | 'key-window'
  | 'claims'
  | 'validity'
  | 'status-list'
  | 'status'
  /** Whether the log of a policy holds the clearance it was issued on; only where a policy was given. */
  | 'log-proof'

export interface Answer {
  readonly outcome: CheckOutcome
  readonly because: Text
}

export interface Check extends Answer {
  readonly id: CheckId
}

/** What a look-up outside brought. `not-found`: somebody answered, and it is not there. `unreachable`: nobody could be asked. */
export type Found<T> =
  | { readonly kind: 'found'; readonly value: T }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'unreachable' }

export const passed = (sv: string, en: string): Answer => ({ outcome: 'passed', because: { sv, en } })
export const failed = (sv: string, en: string): Answer => ({ outcome: 'failed', because: { sv, en } })
export const couldNotCheck = (sv: string, en: string): Answer => ({ outcome: 'could-not-check', because: { sv, en } })

/** For everything that stands on a check that did not pass: an unsigned word is not evidence of anything. */
export const notBelieved: Answer = couldNotCheck(
  'Underskriften är inte styrkt, så innehållet kan inte användas.',
  'The signature is not established, so the content cannot be relied on.',
)
