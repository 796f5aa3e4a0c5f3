/** Keeps all logs: takes what waits within a second, at once where somebody waits for it, and never lets one log hold up another. */
import { AuditError } from '#audit/errors.ts'
import { inStep } from '#config/failpoints.ts'
import { count } from '#connectors/platform/metrics.ts'
import { type Db, inInstitution, listInstitutions } from '#db/client.ts'
import { freezeNow, type Integrated, integrate, listenAsked, logsWaiting } from '#db/log.ts'
import { type FreezeReason, LogFault } from '#db/log-fault.ts'
import { tellFound } from '#db/log-lost.ts'
import type { InstitutionId } from '#domain/words.ts'
import { type Doorbell, doorbell } from '../doorbell.ts'
import { tellFailed, tellLog, tellTaken } from './figures.ts'
import { type Publisher, publish } from './publish.ts'

export interface LogDependencies {
  /** Open as `bevis_sequencer`. */
  readonly db: Db
  /** What publishing this institution's log stands on. @throws while that cannot be told, for instance for want of a policy */
  readonly publisherOf: (institution: InstitutionId) => Promise<Publisher>
  /** Told of what delays a log. */
  readonly onTrouble?: (institution: string, what: string, error?: unknown) => void
}

/** Entries per transaction. */
const batch = 2_048
/** Who waits asks; without anybody waiting, entries are taken at this pace, which leaves a round half of the second it has (audit-log §6.1). */
const lookMs = 500
/** Never more checkpoints than ten in a second, however many wait: they share one. */
const apartMs = 100
/** How often a log in which nothing happens is compared with its lock. */
const confirmMs = 5_000
/** How often it is looked for entries that wait no more, and how long ago the last of their trail was appended; older ones the daily reading finds. */
const searchMs = 60_000
const searchWithinSeconds = 2 * 86_400

/** Runs until `signal` aborts. A log whose database, lock or witnesses are away is tried again at the next look. */
export async function keepLogs(dependencies: LogDependencies, signal: AbortSignal): Promise<void> {
  const { db, onTrouble } = dependencies
  const kept = new Map<InstitutionId, { readonly bell: Doorbell; readonly done: Promise<void> }>()
  const bellOf = (institution: InstitutionId): Doorbell => {
    const known = kept.get(institution)
    if (known !== undefined) return known.bell
    const bell = doorbell(signal)
    kept.set(institution, { bell, done: keepOne(dependencies, { institution, bell, signal }) })
    return bell
  }
  const listening = await listenAsked(db, (institution) => kept.get(institution)?.bell.ring())
  const looking = doorbell(signal)
  try {
    while (!signal.aborted) {
      try {
        for (const institution of await listInstitutions(db)) bellOf(institution)
        for (const institution of await logsWaiting(db)) bellOf(institution).ring()
      } catch (error) {
        onTrouble?.('', 'look', error)
      }
      await looking.wait(lookMs)
    }
  } finally {
    await listening.stop()
    await Promise.all([...kept.values()].map(({ done }) => done))
  }
}

interface One {
  readonly institution: InstitutionId
  readonly bell: Doorbell
  readonly signal: AbortSignal
}

async function keepOne(dependencies: LogDependencies, { institution, bell, signal }: One): Promise<void> {
  const pause = doorbell(signal)
  let searched = Number.NEGATIVE_INFINITY
  while (!signal.aborted) {
    const began = performance.now()
    const searches = began - searched >= searchMs
    if (searches) searched = began
    try {
      const grown = await logRound(
        dependencies,
        institution,
        searches ? { withinSeconds: searchWithinSeconds } : undefined,
      )
      if (grown === 'more') continue
    } catch (error) {
      tellFailed(institution)
      dependencies.onTrouble?.(institution, 'round', error)
    }
    await pause.wait(Math.max(0, apartMs - (performance.now() - began)))
    await bell.wait(confirmMs)
  }
}

/**
 * One round for one log: takes, grows, publishes. `more` while a checkpoint would already be out of date.
 *
 * @param lost looks also for entries that wait no more (log-lost.ts)
 */
export async function logRound(
  { db, publisherOf, onTrouble }: LogDependencies,
  institution: InstitutionId,
  lost?: { readonly withinSeconds?: number },
): Promise<'more' | 'done'> {
  const integrated = await inStep('integrate', () => integrateOnce(db, institution, lost))
  const taken = integrated.kind === 'integrated' ? integrated.taken : 0
  if (integrated.kind === 'integrated' && taken > 0) {
    count('bevis_log_entries_total', { institution }, taken)
    tellTaken(institution, integrated.oldest)
  }
  if (integrated.kind === 'integrated' && integrated.found.length > 0) onTrouble?.(institution, 'entries-found')
  if (taken >= batch) return 'more'
  const published = await publish(await publisherOf(institution))
  tellLog(institution, published)
  if (published.kind === 'frozen' || published.kind === 'again') onTrouble?.(institution, published.because)
  return published.kind === 'again' && published.because === 'overtaken' ? 'more' : 'done'
}

/** Takes what waits, once; a log in which it cannot stand is frozen. */
export async function integrateOnce(
  db: Db,
  institution: InstitutionId,
  lost: { readonly withinSeconds?: number } | undefined,
): Promise<Integrated> {
  try {
    return await inInstitution(db, institution, async (tx) => {
      const done = await integrate(tx, batch, lost)
      if (done.kind === 'integrated' && done.found.length > 0) await tellFound(tx, done.found)
      return done
    })
  } catch (error) {
    const because = faultIn(error)
    if (because === undefined) throw error
    await freezeNow(db, institution, because)
    return { kind: 'frozen', because }
  }
}

/** Tiles, edge and size that do not fit each other are no trouble that passes. */
function faultIn(error: unknown): FreezeReason | undefined {
  if (error instanceof LogFault) return error.because
  return error instanceof AuditError ? 'inconsistent' : undefined
}
