/**
 * Empties the outbox: the only way events leave and the second chance of every start, signal and Update. Without it a
 * crash between a commit and its message would lose the message.
 */
import { beginEffect, inStep } from '#config/failpoints.ts'
import { count } from '#connectors/platform/metrics.ts'
import { type JetStreamClient, publishWithId } from '#connectors/platform/nats.ts'
import { sendUpdate, signalIfThere, startOnce, type TemporalClient } from '#connectors/platform/temporal.ts'
import { inSpan } from '#connectors/platform/tracing.ts'
import type { Db } from '#db/client.ts'
import { listenOutbox, markDone, markFailed, type OutboxRow, takeDue } from '#db/outbox.ts'
import { mayGoOn } from '#domain/record-age.ts'
import { parseTraceparent, traceparentOf } from '#domain/trace-context.ts'
import { doorbell } from './doorbell.ts'
import type { MarkKeeper } from './record-mark.ts'
import { signalOf, startOf, updateOf } from './wake-messages.ts'

export interface RelayDependencies {
  /** Open as `bevis_relay`. */
  readonly db: Db
  readonly nats: JetStreamClient
  readonly temporal: TemporalClient
  readonly record: MarkKeeper
  /** Told of each failed row by its kind and error name; what was in it stays here. */
  readonly onTrouble?: (kind: string, error: unknown) => void
}

/** Rows per round; all of a round are in flight together. */
const round = 128
/** A row taken and not marked is offered again after this long. */
const leaseMs = 30_000
/** NOTIFY is only a hint; the timer guarantees progress (contracts §6). */
const patienceMs = 1_000
const updateTimeoutMs = 5_000

/** Runs until `signal` aborts. A target that is away delays its rows with growing patience; nothing is given up. */
export async function runRelay(dependencies: RelayDependencies, signal: AbortSignal): Promise<void> {
  const bell = doorbell(signal)
  const listening = await listenOutbox(dependencies.db, () => bell.ring())
  try {
    while (!signal.aborted) {
      const taken = await relayRound(dependencies)
      if (taken < round) await bell.wait(patienceMs)
    }
  } finally {
    await listening.stop()
  }
}

/**
 * Takes and sends one round; returns how many rows it took. A database that is away is tried again after the wait. An older copy
 * sends nothing; while the mark cannot be moved workflows are woken, and events stay.
 */
export async function relayRound(dependencies: RelayDependencies): Promise<number> {
  const mark = await compare(dependencies)
  if (mark === 'refused') return 0
  const rows = await inStep('take', () => takeDue(dependencies.db, { limit: round, leaseMs })).catch(
    (error: unknown) => {
      dependencies.onTrouble?.('take', error)
      return []
    },
  )
  // Once more, after the rows are known: what they tell of is covered before it is told.
  const covered = rows.some(({ kind }) => kind === 'event') && (await compare(dependencies)) === 'covered'
  const mayLeave = (row: OutboxRow) => covered || row.kind !== 'event'
  const sent = await Promise.all(rows.map((row) => inStep(row.kind, () => relay(dependencies, row, mayLeave(row)))))
  const idsOf = (arrived: boolean) => rows.filter((_, index) => sent[index]?.arrived === arrived).map(({ id }) => id)
  // If the database is away now, the lease runs out and the rows come again.
  await markDone(dependencies.db, idsOf(true)).catch((error: unknown) => dependencies.onTrouble?.('mark', error))
  await markFailed(dependencies.db, idsOf(false)).catch(() => undefined)
  for (const [index, { arrived, pass }] of sent.entries()) {
    pass('after-commit')
    count('bevis_relay_messages_total', { kind: rows[index]?.kind ?? '', outcome: arrived ? 'sent' : 'failed' })
  }
  return rows.length
}

async function compare({ record, onTrouble }: RelayDependencies): Promise<'covered' | 'refused' | 'unknown'> {
  try {
    return mayGoOn((await record.compare()).age) ? 'covered' : 'refused'
  } catch (error) {
    onTrouble?.('mark', error)
    return 'unknown'
  }
}

interface Relayed {
  readonly arrived: boolean
  readonly pass: ReturnType<typeof beginEffect>
}

async function relay(dependencies: RelayDependencies, row: OutboxRow, mayLeave: boolean): Promise<Relayed> {
  const pass = beginEffect()
  pass('before')
  try {
    const arrived = mayLeave && (await send(dependencies, row))
    pass('after-effect')
    return { arrived, pass }
  } catch (error) {
    dependencies.onTrouble?.(row.kind, error)
    return { arrived: false, pass }
  }
}

/** True when the message has arrived or can never be wanted again. */
async function send({ nats, temporal }: RelayDependencies, row: OutboxRow): Promise<boolean> {
  const { target, payload } = row
  switch (row.kind) {
    case 'event':
      await publish(nats, row)
      return true
    case 'start':
      await startOnce(temporal, startOf(target, payload))
      return true
    case 'signal':
      await signalIfThere(temporal, target, signalOf(payload))
      return true
    case 'update': {
      const answer = await sendUpdate(temporal, target, updateOf(payload, updateTimeoutMs))
      return answer.kind !== 'pending'
    }
  }
}

/** In the event stands the case's own place in its trace, in the header this last leg of the way. */
async function publish(nats: JetStreamClient, { id, target, institution, payload }: OutboxRow): Promise<void> {
  const parent = parseTraceparent(payload['traceparent'])
  const fields = { institution, event_id: id, what: typeof payload['type'] === 'string' ? payload['type'] : undefined }
  await inSpan('publish event', { kind: 'producer', parent, fields }, async ({ context }) => {
    const headers = context === undefined ? {} : { traceparent: traceparentOf(context) }
    await publishWithId(nats, {
      subject: target,
      id,
      payload: new TextEncoder().encode(JSON.stringify(payload)),
      headers,
    })
  })
}
