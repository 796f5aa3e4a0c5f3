/** How letters leave: a door offers one to the server and says what became of it, never throwing for what network or server do. */

/** An event ready to travel; offered again, it is the same bytes under the same id. */
export interface Letter {
  readonly id: string
  readonly sequence: number
  readonly payload: Uint8Array
  /** Detached JWS over the payload. */
  readonly signature: string
}

/** One thing to mend, as the server tells it. */
export interface Problem {
  readonly code: string
  readonly pointer?: string
  readonly detail?: string
  readonly advice?: string
}

/** Why the server did not accept an event. Offering the same bytes again would not help until something is mended. */
export interface Refusal {
  readonly code: string
  readonly problems: readonly Problem[]
  /** Id of the dead letter, where the server kept the event. */
  readonly deadLetter?: string
}

export type Delivery =
  /** The server has it for good; over HTTP `outcome` says as what. */
  | { readonly kind: 'taken'; readonly outcome?: string }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** Unknown or not now: offer the same again, not before `afterMs`. */
  | { readonly kind: 'later'; readonly reason: string; readonly afterMs?: number }

export interface Door {
  deliver(letter: Letter, signal: AbortSignal): Promise<Delivery>
  close(): Promise<void>
}
