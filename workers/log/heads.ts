/** Tells from time to time where every trail of a log stands; without it a trail cut short would be noticed by nobody outside (audit-log §7.1). */
import { type Db, databaseNow, inInstitution } from '#db/client.ts'
import { appendHeads, newestHeads } from '#db/heads.ts'
import { plusSeconds } from '#domain/time.ts'
import type { InstitutionId } from '#domain/words.ts'

export interface HeadsEpoch {
  /** Entries that have their place in the log. */
  readonly size: number
  /** How old the newest manifest may be before there is a next one. */
  readonly everySeconds: number
}

/**
 * Appends a manifest of the log's first `size` entries when the newest one is older than an epoch and the log has grown since. By the
 * database's clock and record, so that any instance may ask, as often as it likes.
 *
 * @param db open as `bevis_sequencer`
 * @returns whether one was appended
 */
export async function tellHeads(
  db: Db,
  institution: InstitutionId,
  { size, everySeconds }: HeadsEpoch,
): Promise<boolean> {
  if (size === 0) return false
  return inInstitution(db, institution, async (tx) => {
    const newest = await newestHeads(tx)
    if (newest !== undefined && plusSeconds(newest.at, everySeconds) > (await databaseNow(tx))) return false
    const { asOfSize } = await appendHeads(tx, size)
    return asOfSize !== newest?.asOfSize
  })
}
