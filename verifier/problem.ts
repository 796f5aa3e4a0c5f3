/** Why a package could not be read on; without codes a hostile archive and a damaged one would look alike. */

export type PackageProblemCode =
  | 'not-a-zip'
  | 'zip-damaged'
  | 'zip-not-as-written'
  | 'encrypted'
  | 'link'
  | 'name'
  | 'name-twice'
  | 'overlap'
  | 'size-lie'
  | 'too-many-files'
  | 'too-large'
  | 'no-such-file'
  | 'content-changed'

/** Thrown by readers of packages for what hostile bytes can hold. `where` names a file of the package or a place in it. */
export class PackageProblem extends Error {
  override readonly name = 'PackageProblem'
  readonly code: PackageProblemCode
  readonly where: string

  constructor(code: PackageProblemCode, where: string) {
    super(`${code}: ${where}`)
    this.code = code
    this.where = where
  }
}
