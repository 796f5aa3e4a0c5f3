/** Has checkpoints time-stamped by an authority outside, once a day if nothing else is said; an institution's own clock convinces nobody. */
import { sha256, utf8 } from '#audit/digest.ts'
import { inStep } from '#config/failpoints.ts'
import { setAll } from '#connectors/platform/metrics.ts'
import { askForTimeStamp, type TimeStampAnswer, type Tsa } from '#connectors/time-stamp/request.ts'
import { anchorAge, checkpointToStamp, storeAnchor } from '#db/anchors.ts'
import { type Db, inInstitution, listInstitutions } from '#db/client.ts'
import type { InstitutionId } from '#domain/words.ts'
import { doorbell } from '../doorbell.ts'

export interface Anchoring {
  /** Open as `bevis_sequencer`. */
  readonly db: Db
  readonly tsa: Tsa
  /** How old the newest time-stamp may be before there is a next one. */
  readonly everySeconds: number
  /** Told of what keeps a log from its time-stamp, as a code. */
  readonly onTrouble?: (institution: string, what: string, error?: unknown) => void
}

export type Anchored =
  | { readonly kind: 'anchored'; readonly size: number; readonly genTime: string }
  | { readonly kind: 'not-due' }
  | Exclude<TimeStampAnswer, { kind: 'stamped' }>

/** The newest checkpoint of one log, if it is time. Asks outside any transaction; what comes of it is kept whole or not at all. */
export async function anchorOnce(
  { db, tsa, everySeconds }: Anchoring,
  institution: InstitutionId,
  signal?: AbortSignal,
): Promise<Anchored> {
  const due = await inInstitution(db, institution, (tx) => checkpointToStamp(tx, everySeconds))
  if (due === undefined) return { kind: 'not-due' }
  const answer = await askForTimeStamp(tsa, sha256(utf8(due.note)), signal)
  if (answer.kind !== 'stamped') return answer
  const { size } = due
  const { reply: token, stamp } = answer
  const { genTime, serial } = stamp
  await inStep('anchor', () =>
    inInstitution(db, institution, (tx) => storeAnchor(tx, { size, token, genTime, serial })),
  )
  return { kind: 'anchored', size, genTime }
}

/** How soon a first checkpoint is seen. */
const lookMs = 10_000
/** After a failure: a minute, then twice as long each time, an hour at most. */
const firstPauseMs = 60_000
const longestPauseMs = 3_600_000

/** Runs until `signal` aborts. An authority that is away delays time-stamps and nothing else. */
export async function runAnchors(anchoring: Anchoring, signal: AbortSignal): Promise<void> {
  const pauses = new Map<InstitutionId, { readonly until: number; readonly ms: number }>()
  const bell = doorbell(signal)
  while (!signal.aborted) {
    for (const institution of await known(anchoring)) {
      const paused = pauses.get(institution)
      if (signal.aborted || (paused !== undefined && paused.until > performance.now())) continue
      const problem = await tried(anchoring, institution, signal)
      if (problem === undefined) pauses.delete(institution)
      else {
        anchoring.onTrouble?.(institution, problem.code, problem.error)
        const ms = paused === undefined ? firstPauseMs : Math.min(paused.ms * 2, longestPauseMs)
        pauses.set(institution, { until: performance.now() + ms, ms })
      }
    }
    await tellAges(anchoring)
    await bell.wait(lookMs)
  }
}

interface Problem {
  readonly code: string
  readonly error?: unknown
}

async function tried(
  anchoring: Anchoring,
  institution: InstitutionId,
  signal: AbortSignal,
): Promise<Problem | undefined> {
  try {
    const anchored = await anchorOnce(anchoring, institution, signal)
    if (anchored.kind === 'refused') return { code: `tsa-${anchored.problem}` }
    return anchored.kind === 'unreachable' ? { code: 'tsa-unreachable' } : undefined
  } catch (error) {
    return { code: 'anchor', error }
  }
}

async function known({ db, onTrouble }: Anchoring): Promise<readonly InstitutionId[]> {
  try {
    return await listInstitutions(db)
  } catch (error) {
    onTrouble?.('', 'look', error)
    return []
  }
}

async function tellAges(anchoring: Anchoring): Promise<void> {
  const ages: [{ institution: string }, number][] = []
  for (const institution of await known(anchoring)) {
    const age = await inInstitution(anchoring.db, institution, anchorAge).catch(() => undefined)
    if (age !== undefined) ages.push([{ institution }, age])
  }
  setAll('bevis_log_anchor_age_seconds', ages)
}
