/** Is the record as old as what was seen of it? Without this a restored copy would go on as if nothing had happened since. */

/** What was last kept outside the database: whose mark it is, and how far that record had come. */
export interface Mark {
  readonly identity: string
  readonly reached: number
}

/** The database as it is now. */
export interface RecordNow extends Mark {
  /** Its log was filled again with entries whose record is not here, and nobody has said yet to go on without that. */
  readonly putBack?: boolean
  /** A mark that an operator accepted as lost. */
  readonly acceptedMark?: number
}

/**
 * `agrees`: nothing is missing, as far as the mark can tell. `unmarked`: nothing outside says how far it was. `accepted`: older, and an
 * operator said to go on. `older`: what was seen outside is missing here. `foreign`: the mark is of another database.
 */
export type RecordAge = 'agrees' | 'unmarked' | 'accepted' | 'older' | 'foreign'

export function recordAge(now: RecordNow, mark: Mark | undefined): RecordAge {
  if (mark === undefined) return 'unmarked'
  if (now.putBack === true) return 'older'
  if (mark.identity !== now.identity) return now.acceptedMark === mark.reached ? 'accepted' : 'foreign'
  if (now.reached >= mark.reached) return 'agrees'
  return now.acceptedMark === mark.reached ? 'accepted' : 'older'
}

/** Whether work may go on. */
export function mayGoOn(age: RecordAge): boolean {
  return age !== 'older' && age !== 'foreign'
}
