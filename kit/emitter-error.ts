/** What a program that sends events did wrong, with a code it can act on; what the network or the server does is no exception. */
export type EmitterErrorCode =
  /** The event is larger than Beviskedja takes (256 KiB). */
  | 'too-large'
  /** An event with this id is still in the queue. */
  | 'id-in-use'
  /** No refused event has this id. */
  | 'not-refused'
  /** The key is no private P-256 or Ed25519 JWK with a kid. */
  | 'no-signing-key'
  /** The server gives no key to seal personal values to. */
  | 'no-intake-key'
  /** Another process has the queue's folder open. */
  | 'queue-in-use'
  /** The queue's file was changed by something else than a crash. */
  | 'queue-damaged'
  /** The emitter is closed. */
  | 'closed'

export class EmitterError extends Error {
  readonly code: EmitterErrorCode

  constructor(code: EmitterErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'EmitterError'
    this.code = code
  }
}
