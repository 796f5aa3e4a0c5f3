/** Every refusal of this room under a stable code; without it callers would have to read messages to know what went wrong. */

export type AuditErrorCode =
  | 'value-not-canonical'
  | 'bytes-not-json'
  | 'bytes-not-canonical'
  | 'base64url-not-strict'
  | 'base64-not-strict'
  | 'part-ambiguous'
  | 'entry-malformed'
  | 'entry-type-unknown'
  | 'entry-type-violated'
  | 'entry-too-large'
  | 'salt-too-short'
  | 'disclosure-name-reserved'
  | 'heads-unordered'
  | 'manifest-malformed'
  | 'package-unwritable'
  | 'hash-malformed'
  | 'edge-malformed'
  | 'size-out-of-range'
  | 'index-out-of-range'
  | 'tile-malformed'
  | 'bundle-malformed'
  | 'key-malformed'
  | 'key-weak'
  | 'key-type-unknown'
  | 'note-malformed'
  | 'note-too-large'
  | 'signature-wrong'
  | 'no-known-signature'
  | 'checkpoint-malformed'
  | 'cosignature-malformed'
  | 'tlog-proof-malformed'
  | 'policy-malformed'

/** Thrown for input no correct caller produces. `where` names a member or path, never a value, so it may be logged. */
export class AuditError extends Error {
  override readonly name = 'AuditError'
  readonly code: AuditErrorCode
  readonly where: string

  constructor(code: AuditErrorCode, where: string) {
    super(`${code}: ${where}`)
    this.code = code
    this.where = where
  }
}
