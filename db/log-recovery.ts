/** Puts back into a restored database what its log had published since, byte for byte; and opens a log again that had to stand still (docs/log.md). */
import { eq, sql } from 'drizzle-orm'
import { hex } from '#audit/digest.ts'
import { type Entry, parseLeaf } from '#audit/entry.ts'
import { goneBackType } from '#audit/entry-types.ts'
import { successionIn } from '#audit/succession.ts'
import { leafHash } from '#audit/tree.ts'
import { type EntryDraft, holdTrails, leavesAfterHeads } from '#db/audit-log.ts'
import { list, type Tx } from '#db/client.ts'
import { integrate, type LogNow, readLog } from '#db/log.ts'
import { logState, succession } from '#db/schema/audit.ts'
import { endStates } from '#domain/issuance/state.ts'

export type AdoptProblem =
  /** The database holds another entry at this place of a trail. */
  | { readonly kind: 'conflict'; readonly trail: string; readonly n: number }
  /** The entries do not go on from where a trail stands here. */
  | { readonly kind: 'gap'; readonly trail: string; readonly n: number }

interface Adopted extends Record<string, unknown> {
  readonly trail: string
  readonly n: number
  readonly entryId: string
  readonly type: string
  readonly at: string
  readonly actorKind: string
  readonly leaf: Uint8Array
  readonly hash: Uint8Array
}

/**
 * Takes leaves that a published log has behind the `size` entries of this one, in their order, with their trails' heads. What waited
 * here and is among them gets its place; what is among them and not here is put back. The caller has proved them against a
 * checkpoint. As the database's owner; whoever restores is nobody to `audit.append`.
 *
 * @returns what does not fit; then the transaction must be rolled back
 */
export async function adoptLeaves(tx: Tx, leaves: readonly Uint8Array[]): Promise<AdoptProblem | undefined> {
  const all = leaves.map((leaf) => adopted(parseLeaf(leaf), leaf))
  const conflict = await conflicting(tx, all)
  if (conflict !== undefined) return conflict
  await insertMissing(tx, all)
  const gap = await moveHeads(tx, all)
  if (gap !== undefined) return gap
  await recordSuccessions(tx, leaves)
  await requeue(tx, all)
  for (let left = all.length; left > 0; ) {
    const done = await integrate(tx, Math.min(left, batch))
    if (done.kind !== 'integrated' || done.taken === 0)
      throw new Error(`the log did not take its entries: ${done.kind}`)
    left -= done.taken
  }
  return undefined
}

const batch = 2_048

/** Trails of which these leaves tell more than is here: somebody goes on from before what they tell. To be asked before they are adopted. */
export async function trailsBehind(tx: Tx, leaves: readonly Uint8Array[]): Promise<string[]> {
  const all = leaves.map((leaf) => adopted(parseLeaf(leaf), leaf))
  const rows = await tx.execute<{ trail: string }>(sql`
    select distinct u.trail from unnest(${column(all, (one) => one.trail)}::uuid[], ${column(all, (one) => one.n)}::bigint[]) as u(trail, n)
    where not exists (select from audit.entry e where e.institution = ${tx.institution} and e.trail = u.trail and e.n = u.n)`)
  return rows.map(({ trail }) => trail)
}

/**
 * Cases that run and whose trails tell more than their rows know go on from where the rows have them: under an evidence version that was
 * never told, so that everything is judged again and told again (docs/decisions/0076). A signature that was begun is begun anew, after the
 * next clearance; one that is stored stands, and its case only goes on to its end. As the database's owner.
 *
 * @returns what their trails must say of it, to be written in the same transaction
 */
export async function takeBack(tx: Tx, trails: readonly string[], reason: string): Promise<EntryDraft[]> {
  const rows = await tx.execute<{ id: string; trail: string; state: string; step: string; version: number }>(sql`
    update cases c set evidence_version = greatest(c.evidence_version, told.version) + 1, changed_at = clock_timestamp()
    from (
      select e.trail, coalesce(max((convert_from(e.leaf, 'UTF8')::jsonb -> 'data' ->> 'evidenceVersion')::int), 0) as version
      from audit.entry e where e.institution = ${tx.institution} and e.trail = any(${list([...trails])}::uuid[]) group by e.trail) as told
    where c.institution = ${tx.institution} and c.trail = told.trail and not (c.state = any(${list([...endStates])}::text[]))
      and not exists (select from credential k where k.institution = c.institution and k.case_id = c.id)
    returning c.id, c.trail, c.state, c.step, c.evidence_version as version`)
  await tx.execute(sql`
    delete from signing_request s where s.institution = ${tx.institution} and s.case_id = any(${list(rows.map(({ id }) => id))}::text[])`)
  return rows.map(({ id, trail, state, step, version }) => ({
    trail,
    id: `${id}:gone-back:${version}`,
    type: goneBackType,
    actor: { ref: 'operator', kind: 'service', role: 'operator' },
    act: { meaning: 'case-moved', outcome: state, reason },
    data: { step, cause: 'record-lost', evidenceVersion: version },
  }))
}

/**
 * Writes entries of the owner's own behind all that waits, and takes them into the log at once: in one transaction with what they tell
 * of. As the database's owner, to whom `audit.append` is closed, while the log is held and does not stand still.
 *
 * @param draftsAt told how many entries the log holds before them
 * @throws LogFault when one that waits is not what was queued
 */
export async function appendAsOwner(
  tx: Tx,
  trail: string,
  draftsAt: (size: number) => Promise<readonly EntryDraft[]>,
): Promise<AdoptProblem | undefined> {
  await holdTrails(tx, [trail])
  // What waits in the same trail comes first: a log with the later entry before the earlier would break the trail.
  const size = await takeAll(tx)
  return adoptLeaves(tx, await leavesAfterHeads(tx, await draftsAt(size)))
}

/** @returns size of the log then */
async function takeAll(tx: Tx): Promise<number> {
  for (;;) {
    const done = await integrate(tx, batch)
    if (done.kind !== 'integrated') throw new Error(`the log does not take what waits: ${done.kind}`)
    if (done.taken < batch) return done.size
  }
}

function adopted({ trail, n, id, type, at, actor }: Entry, leaf: Uint8Array): Adopted {
  return { trail, n, entryId: id, type, at, actorKind: actor.kind, leaf, hash: leafHash(leaf) }
}

async function conflicting(tx: Tx, all: readonly Adopted[]): Promise<AdoptProblem | undefined> {
  const [row] = await tx.execute<{ trail: string; n: string }>(sql`
    select e.trail, e.n from audit.entry e
    join unnest(${column(all, (one) => one.trail)}::uuid[], ${column(all, (one) => one.n)}::bigint[],
      ${column(all, (one) => hex(one.hash))}::text[]) as u(trail, n, hash) on e.trail = u.trail and e.n = u.n
    where e.institution = ${tx.institution} and e.leaf_hash <> decode(u.hash, 'hex') order by e.trail, e.n fetch first row only`)
  return row === undefined ? undefined : { kind: 'conflict', trail: row.trail, n: Number(row.n) }
}

async function insertMissing(tx: Tx, all: readonly Adopted[]): Promise<void> {
  await tx.execute(sql`
    insert into audit.entry (institution, trail, n, entry_id, type, at, actor_kind, leaf)
    select ${tx.institution}, u.trail, u.n, u.entry_id, u.type, u.at::timestamptz, u.actor_kind, decode(u.leaf, 'hex')
    from unnest(${column(all, (one) => one.trail)}::uuid[], ${column(all, (one) => one.n)}::bigint[],
      ${column(all, (one) => one.entryId)}::text[], ${column(all, (one) => one.type)}::text[],
      ${column(all, (one) => one.at)}::text[], ${column(all, (one) => one.actorKind)}::text[],
      ${column(all, (one) => hex(one.leaf))}::text[]) as u(trail, n, entry_id, type, at, actor_kind, leaf)
    on conflict (institution, trail, n) do nothing`)
}

/** A log that followed another does so in the database again. */
async function recordSuccessions(tx: Tx, leaves: readonly Uint8Array[]): Promise<void> {
  const rows = leaves.flatMap((leaf) => successionIn(leaf) ?? [])
  if (rows.length === 0) return
  await tx.orm
    .insert(succession)
    .values(
      rows.map(({ generation, size, kept, last }) => ({ institution: tx.institution, generation, size, kept, last })),
    )
    .onConflictDoNothing()
}

/** Heads follow the entries that are there now; one that cannot be reached without a gap is told. */
async function moveHeads(tx: Tx, all: readonly Adopted[]): Promise<AdoptProblem | undefined> {
  const trails = list([...new Set(all.map(({ trail }) => trail))])
  await tx.execute(sql`
    insert into audit.trail as t (institution, trail, n, head, at, sealed)
    select distinct on (e.trail) e.institution, e.trail, e.n, e.leaf_hash, e.at, e.type = 'trail.sealed/1' from audit.entry e
    where e.institution = ${tx.institution} and e.trail = any(${trails}::uuid[]) order by e.trail, e.n desc
    on conflict (institution, trail) do update set n = excluded.n, head = excluded.head, at = excluded.at, sealed = excluded.sealed`)
  const [row] = await tx.execute<{ trail: string; n: string }>(sql`
    select trail, count(*) as n from audit.entry where institution = ${tx.institution} and trail = any(${trails}::uuid[])
    group by trail having count(*) <> max(n) fetch first row only`)
  return row === undefined ? undefined : { kind: 'gap', trail: row.trail, n: Number(row.n) + 1 }
}

/** In the order of the published log: the sequencer takes what waits by its number. */
async function requeue(tx: Tx, all: readonly Adopted[]): Promise<void> {
  const [trails, numbers] = [column(all, (one) => one.trail), column(all, (one) => one.n)]
  // What waits besides and was never published comes after it: it gets new numbers too.
  await tx.execute(sql`
    with waiting as (
      delete from audit.pending where institution = ${tx.institution} returning pid, trail, n, leaf_hash
    ), published as (
      select u.trail, u.n, decode(u.hash, 'hex') as leaf_hash, u.place
      from unnest(${trails}::uuid[], ${numbers}::bigint[], ${column(all, (one) => hex(one.hash))}::text[])
        with ordinality as u(trail, n, hash, place)
    )
    insert into audit.pending (institution, trail, n, leaf_hash)
    select ${tx.institution}, trail, n, leaf_hash from (
      select trail, n, leaf_hash, place from published
      union all select w.trail, w.n, w.leaf_hash, 9e18 + w.pid from waiting w
        where not exists (select from published p where p.trail = w.trail and p.n = w.n)
    ) as queue order by place`)
}

function column(all: readonly Adopted[], pick: (one: Adopted) => string | number) {
  return list(all.map(pick))
}

/** The log as it is, for this transaction alone: whoever else would change it waits for its end. */
export async function holdLog(tx: Tx): Promise<LogNow | undefined> {
  await tx.execute(sql`select 1 from audit.log where institution = ${tx.institution} for update`)
  return readLog(tx)
}

/** Lets a log go on that stood still. As the role `bevis_sequencer` or the database's owner, once what stopped it is mended. */
export async function unfreezeLog(tx: Tx): Promise<LogNow | undefined> {
  await tx.orm
    .update(logState)
    .set({ frozenBecause: null, frozenAt: null, confirmedAt: null })
    .where(eq(logState.institution, tx.institution))
  return readLog(tx)
}
