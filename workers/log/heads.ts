/** Tells from time to time where every trail of a log stands; without it a trail cut short would be noticed by nobody outside (audit-log §7.1). */
import { inStep } from '#config/failpoints.ts'
import { type Db, databaseNow, inInstitution, listInstitutions } from '#db/client.ts'
import { appendHeads, newestHeads } from '#db/heads.ts'
import { readLog } from '#db/log.ts'
import { plusSeconds } from '#domain/time.ts'
import type { InstitutionId } from '#domain/words.ts'
import { doorbell } from '../doorbell.ts'

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

export interface HeadsTelling {
  /** Open as `bevis_sequencer`. */
  readonly db: Db
  readonly everySeconds: number
  /** Told of what keeps a log from its manifest, as a code. */
  readonly onTrouble?: (institution: string, what: string, error?: unknown) => void
}

/** How soon an epoch's end is seen; sooner where epochs are shorter. */
const lookMs = 30_000

/** Runs until `signal` aborts. A frozen log has nothing to tell. */
export async function runHeads({ db, everySeconds, onTrouble }: HeadsTelling, signal: AbortSignal): Promise<void> {
  const bell = doorbell(signal)
  while (!signal.aborted) {
    try {
      for (const institution of await listInstitutions(db)) {
        const log = await inInstitution(db, institution, readLog)
        if (log === undefined || log.frozen !== undefined) continue
        await inStep('heads', () => tellHeads(db, institution, { size: log.size, everySeconds }))
      }
    } catch (error) {
      onTrouble?.('', 'heads', error)
    }
    await bell.wait(Math.min(lookMs, everySeconds * 1_000))
  }
}
