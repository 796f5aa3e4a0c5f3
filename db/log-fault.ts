/** Why a log stands still; without names for it nobody could tell a restored copy from a changed one. */

/** Why a log stands still; in docs/log.md what each means and how one goes on. */
export type FreezeReason =
  /** An entry that waits is not there any more, or not as it was written. */
  | 'entry-missing'
  | 'entry-changed'
  /** The database is behind what was signed, or tells another history. */
  | 'behind-lock'
  | 'root-differs'
  | 'inconsistent'
  | 'lock-lost'
  | 'witness-ahead'
  | 'witness-refuses'
  /** Read back whole, it was not what was written. */
  | 'check-failed'
  /** An operator is ending it; another follows (db/succession.ts). */
  | 'ended'

/** What was taken cannot stand in the log: the round is rolled back, and the log must be frozen. */
export class LogFault extends Error {
  override readonly name = 'LogFault'
  readonly because: FreezeReason

  constructor(because: FreezeReason) {
    super(because)
    this.because = because
  }
}
