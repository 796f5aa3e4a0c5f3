/**
 * The door for events: steps I1 to I6 of docs/issuance-cycle.md. Without it nothing would ever become a case. A kill at any point
 * loses and doubles nothing: before the commit nothing has happened, after it the event is known by its key when it comes again.
 */
import type { NatsConnection } from '#connectors/platform/nats.ts'
import {
  type BatchHandler,
  consumeBatches,
  type InboundMessage,
  type Settlement,
} from '#connectors/platform/nats-batches.ts'
import type { TemporalClient } from '#connectors/platform/temporal.ts'
import type { Db } from '#db/client.ts'
import type { CaseId } from '#domain/words.ts'
import { runErasures } from '#workers/intake/erase.ts'
import { runReferences } from '#workers/intake/references.ts'
import { type Taken, takeIn } from '#workers/intake/take-in.ts'
import { type OnTaken, tellTaken } from '#workers/intake/told.ts'
import { wakeAll } from '#workers/intake/wake.ts'

export interface IntakeDependencies {
  /** Opened as `bevis_intake`. */
  readonly db: Db
  readonly temporal: TemporalClient
  /** Told of everything that delays messages; never of what a message says. */
  readonly onTrouble?: (error: unknown) => void
  /** Told what became of each message. */
  readonly onTaken?: OnTaken
  /** How many cases that arrived together go through the gates together at most; 1 gives each a workflow of its own. */
  readonly cohortSize?: number | undefined
}

const stream = 'COMPLETIONS'
const consumer = 'intake'
const batchSize = 200
/** While one batch is recorded the next is read and checked. */
const batchesAtOnce = 2
const patienceMs = 5_000
const longestDelayMs = 60_000

/** Takes in events until `signal` aborts, and those whose learner becomes known meanwhile. */
export async function runIntake(
  dependencies: IntakeDependencies & { readonly nats: NatsConnection },
  signal: AbortSignal,
): Promise<void> {
  const { nats, onTrouble } = dependencies
  const source = {
    stream,
    consumer,
    max: batchSize,
    expiresMs: patienceMs,
    atOnce: batchesAtOnce,
    ...(onTrouble ? { onTrouble } : {}),
  }
  await Promise.all([
    consumeBatches(nats, source, intakeHandler(dependencies), signal),
    runReferences(dependencies, signal),
    runErasures(dependencies, signal),
  ])
}

/**
 * One settlement per message. Only what is stored, as evidence or as a dead letter, is ever taken off the stream. Batches are recorded
 * in the order in which they were handed over, each after the one before has been.
 */
export function intakeHandler(dependencies: IntakeDependencies): BatchHandler {
  const { db, onTrouble, onTaken, cohortSize } = dependencies
  let last: Promise<unknown> = Promise.resolve()
  return async (batch) => {
    const taking = takeIn(db, stream, batch, { cohortSize, after: last })
    last = taking.then(nothing, nothing)
    const takenIn = await taking
    const { taken, wakeUps } = takenIn
    const { failed, errors } = await wakeAll(dependencies, wakeUps)
    for (const error of errors) onTrouble?.(error)
    tellTaken(onTaken, batch, takenIn)
    return batch.map((message, index) => settlementOf(message, { taken: taken[index], failed, onTrouble }))
  }
}

const nothing = (): void => undefined

function settlementOf(
  message: InboundMessage,
  {
    taken,
    failed,
    onTrouble,
  }: { taken: Taken | undefined; failed: ReadonlySet<CaseId>; onTrouble: IntakeDependencies['onTrouble'] },
): Settlement {
  switch (taken?.kind) {
    case 'refused':
    case 'quarantined':
      return { kind: 'term' }
    case 'case':
      return failed.has(taken.caseId) ? again(message) : { kind: 'ack' }
    case 'evidence':
    case 'duplicate':
      return taken.cases.some((id) => failed.has(id)) ? again(message) : { kind: 'ack' }
    case 'unresolved':
      return { kind: 'ack' }
    case 'not-now':
      onTrouble?.(taken.error)
      return again(message)
    case undefined:
      return again(message)
  }
}

/** 1 s, 2 s, 4 s … 60 s. An outage delays; it never makes a dead letter (design 10). */
function again({ deliveryCount }: InboundMessage): Settlement {
  return { kind: 'retry', delayMs: Math.min(1_000 * 2 ** Math.min(deliveryCount - 1, 6), longestDelayMs) }
}
