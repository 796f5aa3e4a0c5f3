/** Keeps all logs: takes entries within a second, at once where somebody waits for them, and never lets one log hold up another. */
import { AuditError } from '#audit/errors.ts'
import { inStep } from '#config/failpoints.ts'
import { count } from '#connectors/platform/metrics.ts'
import { type Db, inInstitution, listInstitutions } from '#db/client.ts'
import { askForCheckpoint, freezeNow, type Integrated, integrate, listenAsked, logsWaiting } from '#db/log.ts'
import { type FreezeReason, LogFault } from '#db/log-fault.ts'
import { tellFound } from '#db/log-lost.ts'
import type { InstitutionId } from '#domain/words.ts'
import { type Doorbell, doorbell } from '../doorbell.ts'
import { tellFailed, tellLog, tellTaken } from './figures.ts'
import { type Publisher, publish } from './publish.ts'

export interface LogDependencies extends Taking {
  readonly publisherOf: (institution: InstitutionId) => Publisher
}

interface Taking {
  /** Open as `bevis_sequencer`. */
  readonly db: Db
  /** Told of what delays a log. */
  readonly onTrouble?: (institution: string, what: string, error?: unknown) => void
}

/** Looks for entries that wait no more: in trails that grew within so many seconds, or in all. */
interface Lost {
  readonly withinSeconds?: number
}

/** Entries per transaction. */
const batch = 2_048
/**
 * Entries that nobody waits for are taken once they have waited this long, which with one look more leaves a round 400 ms of the second it has
 * (audit-log §6.1). Taken sooner, those of a case's beginning would cost a checkpoint that the one for its end must keep apart from.
 */
const restMs = 500
const lookMs = 100
/** Never more checkpoints than ten in a second, however many wait: they share one. */
const apartMs = 100
/** How often a log in which nothing happens is compared with its lock. */
const confirmMs = 5_000
/** How often it is looked for entries that wait no more, and how long ago the last of their trail was appended; older ones the daily reading finds. */
const searchMs = 600_000
const searchWithinSeconds = 2 * 86_400

/** Runs until `signal` aborts. A log whose database, lock or witnesses are away is tried again at the next look. */
export async function keepLogs(dependencies: LogDependencies, signal: AbortSignal): Promise<void> {
  const { db, onTrouble } = dependencies
  const kept = new Map<InstitutionId, Kept>()
  const keeping: Promise<void>[] = []
  const keep = (institution: InstitutionId): Kept => {
    const known = kept.get(institution)
    if (known !== undefined) return known
    const one: Kept = { bell: doorbell(signal), restsSince: undefined }
    kept.set(institution, one)
    keeping.push(keepOne(dependencies, institution, one, signal))
    return one
  }
  const every = async (ms: number, look: () => Promise<void>): Promise<void> => {
    const pause = doorbell(signal)
    while (!signal.aborted) {
      await look().catch((error: unknown) => onTrouble?.('', 'look', error))
      await pause.wait(ms)
    }
  }
  const listening = await listenAsked(db, (institution) => kept.get(institution)?.bell.ring())
  try {
    await Promise.all([
      every(confirmMs, async () => (await listInstitutions(db)).forEach(keep)),
      every(lookMs, async () => ringRested(new Set((await logsWaiting(db)).map(keep)), kept.values())),
    ])
  } finally {
    await listening.stop()
    await Promise.all(keeping)
  }
}

interface Kept {
  readonly bell: Doorbell
  /** When entries were first seen waiting since the last round; `performance.now()`. */
  restsSince: number | undefined
}

function ringRested(waiting: ReadonlySet<Kept>, all: Iterable<Kept>): void {
  const now = performance.now()
  for (const one of all) {
    one.restsSince = waiting.has(one) ? (one.restsSince ?? now) : undefined
    if (one.restsSince !== undefined && now - one.restsSince >= restMs) one.bell.ring()
  }
}

async function keepOne(
  dependencies: LogDependencies,
  institution: InstitutionId,
  one: Kept,
  signal: AbortSignal,
): Promise<void> {
  const pause = doorbell(signal)
  let searched = Number.NEGATIVE_INFINITY
  while (!signal.aborted) {
    const began = performance.now()
    const searches = began - searched >= searchMs
    if (searches) searched = began
    one.restsSince = undefined
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
    await one.bell.wait(confirmMs)
  }
}

/**
 * One round for one log: takes, grows, publishes. `more` while a checkpoint would already be out of date.
 *
 * @param lost looks also for entries that wait no more (log-lost.ts)
 */
export async function logRound(
  dependencies: LogDependencies,
  institution: InstitutionId,
  lost?: Lost,
): Promise<'more' | 'done'> {
  const taken = await inStep('integrate', () => take(dependencies, institution, lost))
  if (taken >= batch) return 'more'
  const { publisherOf, onTrouble } = dependencies
  const published = await publish(publisherOf(institution))
  tellLog(institution, published)
  if (published.kind === 'frozen' || published.kind === 'again') onTrouble?.(institution, published.because)
  return published.kind === 'again' && published.because === 'overtaken' ? 'more' : 'done'
}

/** Takes what waits outside the rounds, however old; whoever keeps the log is asked to publish, since nobody else saw it wait. */
export async function takeAside(dependencies: Taking, institution: InstitutionId): Promise<void> {
  if ((await take(dependencies, institution, {})) > 0)
    await inInstitution(dependencies.db, institution, askForCheckpoint)
}

/** Takes what waits, once, and tells operators; how many entries. */
async function take({ db, onTrouble }: Taking, institution: InstitutionId, lost: Lost | undefined): Promise<number> {
  const integrated = await integrateOnce(db, institution, lost)
  if (integrated.kind !== 'integrated' || integrated.taken === 0) return 0
  const { taken, oldest, found } = integrated
  count('bevis_log_entries_total', { institution }, taken)
  tellTaken(institution, oldest)
  if (found.length > 0) onTrouble?.(institution, 'entries-found')
  return taken
}

/** A log in which what waits cannot stand is frozen. */
async function integrateOnce(db: Db, institution: InstitutionId, lost: Lost | undefined): Promise<Integrated> {
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
