/** Refusals of this room under stable codes; without it a caller could not tell a lost key from a forged document. */

export type CredentialErrorCode =
  | 'key-file-damaged'
  | 'key-secret-wrong'
  | 'key-unknown'
  | 'key-secret-length'
  | 'institution-id-malformed'
  | 'status-index-out-of-range'
  | 'status-list-too-short'

/** Thrown for what no correct caller or undamaged disk produces; `where` names a key or member, never a secret. */
export class CredentialError extends Error {
  override readonly name = 'CredentialError'
  readonly code: CredentialErrorCode
  readonly where: string

  constructor(code: CredentialErrorCode, where: string) {
    super(`${code}: ${where}`)
    this.code = code
    this.where = where
  }
}
