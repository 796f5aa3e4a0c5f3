/** How a register file is refused; without places and advice an institution could not mend its own data. */

/** Every code there is, with its meaning. A code never changes its meaning. */
export const registerProblemMeanings = {
  'folder-missing': 'The folder of the register does not exist.',
  'file-missing': 'A file that every register has is not there.',
  'file-unknown': 'A file is none of the register’s, so its content would be ignored.',
  'not-json': 'The file is not JSON in UTF-8.',
  'missing-member': 'A required member is absent.',
  'unknown-member': 'The schema has no such member.',
  'bad-value': 'The value is not what the schema demands.',
  'duplicate-id': 'Two entries have the same id.',
  'duplicate-version': 'The same version of an achievement is declared twice.',
  'duplicate-reference': 'One reference leads to two persons.',
  'unknown-id': 'An id leads to nothing in this register.',
  'unknown-scheme': 'The reference scheme is not declared in institution.json.',
  'wrong-role': 'The organisation has not the role it is used in.',
  'awards-elsewhere': 'The awarding body is not the one this register belongs to.',
  'sandbox-awards': 'A sandbox institution has an achievement that is not marked as a test.',
  'unit-elsewhere': 'The unit belongs to another organisation.',
  'validity-order': 'A period ends before it begins.',
  'circular-managers': 'Somebody is, over others or directly, their own manager.',
  'circular-units': 'A unit lies, over others or directly, in itself.',
  'linked-to-self': 'A person is linked to themself.',
  'profile-incomplete': 'The achievement lacks what the definition row of its band demands.',
  'list-not-allowed': 'The achievement allows approval in lists, but its band never does.',
  'band-not-open': 'The awarding body can never reach this band.',
  'loosens-table': 'A tightening demands less than the table does.',
  'key-private': 'A private key lies in the register.',
  'key-shared': 'Two emitters have the same key, so nobody could tell who spoke.',
} as const

export type RegisterProblemCode = keyof typeof registerProblemMeanings

/** One thing to mend. `file` is relative to the register's folder, `pointer` (RFC 6901) leads into it. */
export interface RegisterProblem {
  readonly file: string
  readonly pointer: string
  readonly code: RegisterProblemCode
  readonly detail: string
  readonly advice: string
}

export type Path = readonly PropertyKey[]

export function pointerOf(path: Path): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
