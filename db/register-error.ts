/** Why a register was not applied; codes for machines, words for the person at the keyboard. */

export type RegisterErrorCode =
  /** The log's address would move; nothing could be verified any more. */
  | 'origin-changed'
  /** A case used this achievement version (design 5): publish a new version instead. */
  | 'achievement-frozen'
  /** The register gave this reference to another person before. */
  | 'reference-taken'
  /** The person was erased; under the same id nobody comes back (docs/erasure.md). */
  | 'person-erased'

export class RegisterError extends Error {
  readonly code: RegisterErrorCode
  /** The items or references in question. */
  readonly about: readonly string[]

  constructor(code: RegisterErrorCode, about: readonly string[]) {
    super(`${code}: ${about.join(', ')}`)
    this.code = code
    this.about = about
  }
}
