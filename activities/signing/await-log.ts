/** Waits until the log has published what the signer must prove; the signing activity itself does, so that no durable step is added (contracts §8). */
import { ApplicationFailure } from '@temporalio/activity'
import { type Db, inInstitution, type Tx } from '#db/client.ts'
import { askForCheckpoint, clearancesOf, listenCheckpoints, readCheckpoint } from '#db/log.ts'
import type { CaseId, InstitutionId } from '#domain/words.ts'

export interface LogWatch {
  /**
   * Resolves when the last clearance of each of these cases stands under a checkpoint; cases without one are not waited for. All that
   * wait at the same time share the next checkpoint.
   *
   * @throws ApplicationFailure `LogBehind`, retryable, after ten seconds
   */
  covers(institution: InstitutionId, cases: readonly CaseId[]): Promise<void>
  stop(): Promise<void>
}

const patienceMs = 10_000
/** A notice may be missed; then this looks again. */
const lookMs = 500

/** @param db open as `bevis_signing` */
export async function watchLog(db: Db): Promise<LogWatch> {
  const waiting: Waiting = new Map()
  const listening = await listenCheckpoints(db, (published) => {
    for (const [wake, institution] of waiting) if (published === undefined || published === institution) wake()
  })
  return {
    covers: async (institution, cases) => {
      const deadline = performance.now() + patienceMs
      for (let asks = false; ; asks = true) {
        const next = nextOf(waiting, institution)
        try {
          if (await inInstitution(db, institution, (tx) => isCovered(tx, cases, asks))) return
          if (performance.now() > deadline) {
            throw ApplicationFailure.retryable('nothing is signed before the log proves it', 'LogBehind')
          }
          await next.published
        } finally {
          next.stop()
        }
      }
    },
    stop: () => listening.stop(),
  }
}

/** What wakes whoever waits for an institution's log; another's checkpoint is nothing to them. */
type Waiting = Map<() => void, InstitutionId>

/** Begun before the look, so that a checkpoint between look and wait is not missed. */
function nextOf(waiting: Waiting, institution: InstitutionId): { readonly published: Promise<void>; stop(): void } {
  let wake: () => void = () => undefined
  const published = new Promise<void>((resolve) => {
    wake = resolve
  })
  const timer = setTimeout(wake, lookMs)
  waiting.set(wake, institution)
  return {
    published,
    stop: () => {
      clearTimeout(timer)
      waiting.delete(wake)
    },
  }
}

/** Whoever cleared the cases has asked for the checkpoint; `asks` when that was of no use. */
async function isCovered(tx: Tx, cases: readonly CaseId[], asks: boolean): Promise<boolean> {
  const [cleared, newest] = await Promise.all([clearancesOf(tx, cases), readCheckpoint(tx)])
  const covered = cleared.every(({ index }) => index !== undefined && index < (newest?.size ?? 0))
  if (!covered && asks) await askForCheckpoint(tx)
  return covered
}
