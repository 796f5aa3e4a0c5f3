/**
 * Deletes what was erased from where the database does not reach: messages in the stream of completions and histories of workflows.
 * Without it an erased person would stand there in plain until the stream's keeping time is over (contracts §10).
 */
import { hex } from '#audit/digest.ts'
import { inStep } from '#config/failpoints.ts'
import type { NatsConnection } from '#connectors/platform/nats.ts'
import { deleteMatching, type KeptMessage } from '#connectors/platform/nats-erase.ts'
import { deleteHistories, type TemporalClient } from '#connectors/platform/temporal.ts'
import { type Db, listInstitutions } from '#db/client.ts'
import { letterDigest } from '#db/dead-letters.ts'
import type { OutsideTraces } from '#db/erasing.ts'
import { eventKey } from '#db/ids.ts'
import { erasuresDue, listenErasures, markStarted } from '#db/outbox.ts'
import type { InstitutionId } from '#domain/words.ts'
import { doorbell } from '#workers/doorbell.ts'

interface Dependencies {
  /** Opened as `bevis_intake`. */
  readonly db: Db
  readonly nats: NatsConnection
  readonly temporal: TemporalClient
  readonly onTrouble?: (error: unknown) => void
}

/** NOTIFY is only a hint; the timer guarantees progress. */
const patienceMs = 60_000

/** Carries out what is due, until `signal` aborts. Whatever fails stays due and is tried again. */
export async function runErasures(dependencies: Dependencies, signal: AbortSignal): Promise<void> {
  const { db, onTrouble } = dependencies
  const bell = doorbell(signal)
  const listening = await listenErasures(db, () => bell.ring())
  try {
    while (!signal.aborted) {
      await inStep('erase', () => eraseDue(dependencies)).catch((error: unknown) => onTrouble?.(error))
      await bell.wait(patienceMs)
    }
  } finally {
    await listening.stop()
  }
}

async function eraseDue(dependencies: Dependencies): Promise<void> {
  const { db } = dependencies
  for (const institution of await listInstitutions(db)) {
    for (const { id, payload } of await erasuresDue(db, institution)) {
      await eraseOutside(dependencies, institution, payload as unknown as OutsideTraces)
      await markStarted(db, institution, [id])
    }
  }
}

async function eraseOutside(
  { db, nats, temporal }: Dependencies,
  institution: InstitutionId,
  traces: OutsideTraces,
): Promise<void> {
  const events = new Set(traces.events)
  const codes = [...new Set(traces.letters.map(({ code }) => code))]
  const letters = new Set(traces.letters.map(({ code, digest }) => `${code} ${digest}`))
  const isRefused = ({ subject, payload }: KeptMessage) =>
    codes.some((code) => letters.has(`${code} ${hex(letterDigest(db.keys, institution, { subject, code, payload }))}`))
  if (events.size + letters.size > 0) {
    const matches = (message: KeptMessage) => events.has(keyOf(institution, message)) || isRefused(message)
    await deleteMatching(nats, { stream: 'COMPLETIONS', subject: `completions.${institution}.>`, matches })
  }
  for (const workflowId of traces.workflows) await deleteHistories(temporal, workflowId)
}

/** The event's key as intake would give it; empty for what is no event. */
function keyOf(institution: InstitutionId, { payload }: KeptMessage): string {
  try {
    const { source, id } = JSON.parse(Buffer.from(payload).toString()) as {
      readonly source?: unknown
      readonly id?: unknown
    }
    return typeof source === 'string' && typeof id === 'string' ? hex(eventKey(institution, source, id)) : ''
  } catch {
    return ''
  }
}
