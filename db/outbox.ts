/** Rows on their way out. Without them a crash between a commit and its message would lose the message (platform §4.7). */
import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Json } from '#audit/canonical.ts'
import { among, type Db, inInstitution, list, type Tx } from '#db/client.ts'
import { outbox } from '#db/schema/cases.ts'
import type { InstitutionId } from '#domain/words.ts'

/**
 * `event` leaves over NATS; `start`, `signal` and `update` reach workflows, and `update` always follows a recorded decision. `erase`
 * is intake's: what is to go from the stream and from histories (db/erasing.ts).
 */
export type OutboxKind = 'event' | 'start' | 'signal' | 'update' | 'erase'

export interface OutboxDraft {
  /** Derived from what caused it, so that the same effect is never sent twice under two names. */
  readonly id: string
  readonly kind: OutboxKind
  /** NATS subject, or workflow id. */
  readonly target: string
  readonly payload: { readonly [name: string]: Json }
  /** Milliseconds until the relay may take it; whoever sends it directly gives itself a head start. Default 0. */
  readonly dueInMs?: number
}

export interface OutboxRow {
  readonly id: string
  readonly institution: InstitutionId
  readonly kind: Exclude<OutboxKind, 'erase'>
  readonly target: string
  readonly payload: { readonly [name: string]: Json }
  readonly attempts: number
}

const longestPauseMs = 60_000
const channel = 'bevis_outbox'

/** Puts rows into the outbox, in this transaction; a trigger wakes the relay at commit. Rows already there stay as they are. */
export async function enqueue(tx: Tx, rows: readonly OutboxDraft[]): Promise<void> {
  if (rows.length === 0) return
  const column = (pick: (row: OutboxDraft) => string | number) => list(rows.map(pick))
  await tx.execute(sql`
    insert into outbox (id, institution, kind, target, payload, due_at, created_at)
    select u.id, ${tx.institution}, u.kind, u.target, u.payload::jsonb,
      clock_timestamp() + make_interval(secs => u.due / 1000.0), clock_timestamp()
    from unnest(${column((row) => row.id)}::text[], ${column((row) => row.kind)}::text[], ${column((row) => row.target)}::text[],
      ${column((row) => JSON.stringify(row.payload))}::text[], ${column((row) => row.dueInMs ?? 0)}::int[])
      as u(id, kind, target, payload, due)
    on conflict do nothing`)
}

/**
 * Takes rows that are due, of all institutions: what people decided first, then the oldest. A row taken is not offered again before
 * `leaseMs` have passed, so several relays share the work and a dead one's rows come back. For the role `bevis_relay`.
 */
export async function takeDue(db: Db, options: { limit: number; leaseMs: number }): Promise<OutboxRow[]> {
  const rows = await db.orm.execute<{ [C in keyof OutboxRow]: OutboxRow[C] }>(sql`
    with decided as (
      select id from outbox where done_at is null and kind = 'update' and due_at <= clock_timestamp()
      order by due_at, id limit ${options.limit} for update skip locked
    ), other as (
      select id from outbox where done_at is null and kind not in ('update', 'erase') and due_at <= clock_timestamp()
      order by due_at, id limit ${options.limit}::bigint - (select count(*) from decided) for update skip locked
    ), due as (
      select id from decided union all select id from other
    ), taken as (
      update outbox o set attempts = o.attempts + 1, due_at = clock_timestamp() + make_interval(secs => ${options.leaseMs}::int / 1000.0)
      from due where o.id = due.id
      returning o.id, o.institution, o.kind, o.target, o.payload, o.attempts, o.created_at
    )
    select id, institution, kind, target, payload, attempts from taken order by created_at, id`)
  return [...rows]
}

/** Marks rows as sent, for ever. For the relay. */
export async function markDone(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await db.orm
    .update(outbox)
    .set({ doneAt: sql`clock_timestamp()` })
    .where(and(among(outbox.id, [...ids]), isNull(outbox.doneAt)))
}

/** Lets rows wait longer with each failure: 0.5 s, 1 s, 2 s … 60 s. Nothing is given up (design 10). For the relay. */
export async function markFailed(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await db.orm
    .update(outbox)
    .set({
      dueAt: sql`clock_timestamp() + make_interval(secs => least(${longestPauseMs}::int, 250 * power(2, least(${outbox.attempts}, 10))) / 1000.0)`,
    })
    .where(and(among(outbox.id, [...ids]), isNull(outbox.doneAt)))
}

/** Marks rows that their own sender delivered, so that the relay need not. For intake and the API. */
export async function markStarted(db: Db, institution: InstitutionId, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await inInstitution(db, institution, async (tx) => {
    await tx.orm
      .update(outbox)
      .set({ doneAt: sql`clock_timestamp()` })
      .where(and(eq(outbox.institution, institution), among(outbox.id, [...ids]), isNull(outbox.doneAt)))
  })
}

/** Payloads of kind `erase` that nobody has carried out, oldest first. For intake. */
export async function erasuresDue(
  db: Db,
  institution: InstitutionId,
): Promise<{ readonly id: string; readonly payload: { readonly [name: string]: Json } }[]> {
  return inInstitution(db, institution, (tx) =>
    tx.execute<{ id: string; payload: { readonly [name: string]: Json } }>(sql`
      select id, payload from outbox where institution = ${institution} and kind = 'erase' and done_at is null order by created_at, id`),
  )
}

/** True once whatever the row asks for has been done. */
export async function isDone(tx: Tx, id: string): Promise<boolean> {
  const [row] = await tx.orm
    .select({ doneAt: outbox.doneAt })
    .from(outbox)
    .where(and(eq(outbox.institution, tx.institution), eq(outbox.id, id)))
  return row !== undefined && row.doneAt !== null
}

/** Calls `ring` whenever something was erased, and after each reconnect. erase() sends the notice, so that events ring nobody here. */
export async function listenErasures(db: Db, ring: () => void): Promise<{ stop(): Promise<void> }> {
  const listening = await db.sql.listen('bevis_erasures', ring, ring)
  return { stop: () => listening.unlisten() }
}

/** Which of these rows were ever put in, sent or not. */
export async function everEnqueued(tx: Tx, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set()
  const rows = await tx.orm
    .select({ id: outbox.id })
    .from(outbox)
    .where(and(eq(outbox.institution, tx.institution), among(outbox.id, [...ids])))
  return new Set(rows.map((row) => row.id))
}

/** Calls `ring` whenever rows were put in, and after each reconnect, when a notice may have been missed. */
export async function listenOutbox(db: Db, ring: () => void): Promise<{ stop(): Promise<void> }> {
  const listening = await db.sql.listen(channel, ring, ring)
  return { stop: () => listening.unlisten() }
}
