/** The institution's log: sequencer and integrator, and what is read of tree and checkpoints. Without it a trail would vouch only for itself (audit-log §6). */
import { and, asc, desc, eq, gt, sql } from 'drizzle-orm'
import { hex } from '#audit/digest.ts'
import { growthOf, type TileGrowth } from '#audit/growth.ts'
import { hashesAt, hashesOf, type TileId, tileWidth } from '#audit/tile.ts'
import type { ReadTile } from '#audit/tile-tree.ts'
import { type Edge, emptyRoot, extend, type Hash, hashSize, leafHash, rootOf } from '#audit/tree.ts'
import { type Db, inInstitution, list, type Tx } from '#db/client.ts'
import { type FreezeReason, LogFault } from '#db/log-fault.ts'
import { type Taken, trailsCutOff, trailsWithGap, withLost } from '#db/log-lost.ts'
import { checkpoint, logState } from '#db/schema/audit.ts'
import type { CaseId, Instant, InstitutionId } from '#domain/words.ts'

export interface LogNow {
  readonly size: number
  readonly root: Hash
  readonly frozen: FreezeReason | undefined
  readonly frozenAt: Instant | undefined
  readonly confirmedAt: Instant | undefined
}

export interface PublishedCheckpoint {
  readonly size: number
  readonly root: Hash
  /** Signed note with the cosignatures of its quorum. */
  readonly note: string
  readonly publishedAt: Instant
}

export type Integrated =
  /** Another worker is at it. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'frozen'; readonly because: FreezeReason }
  | {
      readonly kind: 'integrated'
      readonly taken: number
      readonly size: number
      /** Seconds since the oldest of them was appended; 0 where nothing was taken. */
      readonly oldest: number
      /** Those among them that no row waited for any more (log-lost.ts). */
      readonly found: readonly { readonly trail: string; readonly n: number }[]
    }

/**
 * One round of sequencer and integrator for one log, in this transaction: takes what waits, in the order it was appended, gives each
 * entry its position and grows the tree. Every leaf hash is computed again from the stored bytes; one that differs freezes the
 * log. No entry is taken before the one it follows. For the role `bevis_sequencer`.
 *
 * @param lost looks also for trails whose last entry waits no more; within so many seconds, or among all
 */
export async function integrate(
  tx: Tx,
  limit: number,
  lost?: { readonly withinSeconds?: number },
): Promise<Integrated> {
  const state = await lockLog(tx)
  if (state === undefined) return { kind: 'busy' }
  if (state.frozen !== undefined) return { kind: 'frozen', because: state.frozen }
  const waiting = await takePending(tx, limit)
  const cutOff = lost === undefined ? [] : await trailsCutOff(tx, lost.withinSeconds)
  const { taken, found } = await withLost(tx, waiting, [...new Set([...trailsWithGap(waiting), ...cutOff])])
  const because = taken.map(faultOf).find((fault) => fault !== undefined)
  if (because !== undefined) throw new LogFault(because)
  if (taken.length > 0) await grow(tx, state.edge, taken)
  const oldest = Math.max(0, ...taken.map(({ age }) => age ?? 0))
  const size = state.edge.size + taken.length
  const places = found.map(({ trail, n }) => ({ trail, n: Number(n) }))
  return { kind: 'integrated', taken: taken.length, size, oldest, found: places }
}

/** The row stays locked until the round ends; whoever comes meanwhile does not wait for it. */
async function lockLog(tx: Tx): Promise<{ edge: Edge; frozen: FreezeReason | undefined } | undefined> {
  const ask = () =>
    tx.execute<{ size: string; edge: Uint8Array; frozen: FreezeReason | null }>(sql`
      select size, edge, frozen_because as frozen from audit.log where institution = ${tx.institution}
      for update skip locked`)
  let [row] = await ask()
  if (row === undefined) {
    const begun = await tx.orm
      .insert(logState)
      .values({ institution: tx.institution, edge: new Uint8Array(0), root: emptyRoot })
      .onConflictDoNothing()
      .returning({ size: logState.size })
    if (begun.length === 0) return undefined
    row = (await ask())[0]
  }
  if (row === undefined) return undefined
  const { size, edge, frozen } = row
  return { edge: { size: Number(size), hashes: cut(edge) }, frozen: frozen ?? undefined }
}

/** Serial numbers become visible out of order, so what is there is taken, never "all after the last one" (audit-log §6.1). */
function takePending(tx: Tx, limit: number): Promise<Taken[]> {
  return tx.execute<Taken>(sql`
    with chosen as (
      select pid from audit.pending where institution = ${tx.institution} order by pid limit ${limit}::int
    ), taken as (
      delete from audit.pending p using chosen c where p.pid = c.pid returning p.pid, p.trail, p.n, p.leaf_hash
    )
    select t.pid, t.trail, t.n, t.leaf_hash as hash, e.leaf, extract(epoch from clock_timestamp() - e.at)::float8 as age,
      t.n = 1 or exists (select from audit.leaf l where l.institution = ${tx.institution} and l.trail = t.trail and l.n = t.n - 1) as follows
    from taken t
    left join audit.entry e on e.institution = ${tx.institution} and e.trail = t.trail and e.n = t.n
    order by t.pid`)
}

function faultOf({ leaf, hash }: Taken): FreezeReason | undefined {
  if (leaf === null) return 'entry-missing'
  return Buffer.compare(leafHash(leaf), hash) === 0 ? undefined : 'entry-changed'
}

async function grow(tx: Tx, edge: Edge, taken: readonly Taken[]): Promise<void> {
  const hashes = taken.map(({ hash }) => new Uint8Array(hash))
  const rightmost = await rightmostTiles(tx, edge.size)
  const grown = growthOf(edge.size, hashes, (level) => rightmost.get(level) ?? [])
  const next = extend(edge, hashes)
  const last = Math.max(...taken.map(({ pid }) => Number(pid)))
  const column = (pick: (row: Taken) => unknown) => list(taken.map(pick))
  const [placed] = await Promise.all([
    // A place that is taken, or an entry that has one, is not left to the constraints: their error says nothing of the log.
    tx.execute<{ n: number }>(sql`
      with placed as (
        insert into audit.leaf (institution, idx, trail, n, leaf_hash)
        select ${tx.institution}, ${edge.size}::bigint + u.place - 1, u.trail, u.n, decode(u.hash, 'hex')
        from unnest(${column((row) => row.trail)}::uuid[], ${column((row) => row.n)}::bigint[], ${column((row) => hex(row.hash))}::text[])
          with ordinality as u(trail, n, hash, place)
        on conflict do nothing returning 1
      ) select count(*)::int as n from placed`),
    growTiles(tx, grown),
    tx.orm
      .update(logState)
      .set({
        size: next.size,
        edge: joined(next.hashes),
        root: rootOf(next),
        taken: sql`greatest(${logState.taken}, ${last})`,
      })
      .where(eq(logState.institution, tx.institution)),
  ])
  if (placed[0]?.n !== taken.length) throw new LogFault('inconsistent')
}

/** Each tile gets its hashes behind exactly those it has; were there others, the log would not be what it was. */
async function growTiles(tx: Tx, grown: readonly TileGrowth[]): Promise<void> {
  const column = (pick: (tile: TileGrowth) => unknown) => list(grown.map(pick))
  const rows = await tx.execute<{ level: number; idx: string; width: number }>(sql`
    insert into audit.tile as t (institution, level, idx, hashes)
    select ${tx.institution}, u.level, u.idx, decode(u.added, 'hex')
    from unnest(${column((tile) => tile.level)}::int[], ${column((tile) => tile.index)}::bigint[],
      ${column((tile) => hex(joined(tile.added)))}::text[]) as u(level, idx, added)
    on conflict (institution, level, idx) do update set hashes = t.hashes || excluded.hashes
    returning t.level, t.idx, octet_length(t.hashes) / ${hashSize}::int as width`)
  const widths = new Map(rows.map(({ level, idx, width }) => [`${level}/${idx}`, width]))
  const fits = ({ level, index, width, added }: TileGrowth) => widths.get(`${level}/${index}`) === width + added.length
  if (!grown.every(fits)) throw new LogFault('inconsistent')
}

async function rightmostTiles(tx: Tx, size: number): Promise<Map<number, Hash[]>> {
  const partial: TileId[] = []
  for (let level = 0; hashesAt(level, size) > 0; level += 1) {
    const width = hashesAt(level, size) % tileWidth
    if (width > 0) partial.push({ level, index: Math.floor(hashesAt(level, size) / tileWidth), width })
  }
  const read = readTileOf(tx)
  return new Map(await Promise.all(partial.map(async (id) => [id.level, hashesOf(id, await read(id))] as const)))
}

/** Reads tiles of this log; one that is missing or shorter than asked for is a log that is not what it was. */
export function readTileOf(tx: Tx): ReadTile {
  return async ({ level, index, width }) => {
    const [row] = await tx.execute<{ hashes: Uint8Array }>(sql`
      select substring(hashes for ${width * hashSize}::int) as hashes from audit.tile
      where institution = ${tx.institution} and level = ${level}::int and idx = ${index}::bigint`)
    return new Uint8Array(row?.hashes ?? [])
  }
}

/** Undefined before the first entry was sequenced. */
export async function readLog(tx: Tx): Promise<LogNow | undefined> {
  const [row] = await tx.orm.select().from(logState).where(eq(logState.institution, tx.institution))
  if (row === undefined) return undefined
  return {
    size: row.size,
    root: new Uint8Array(row.root),
    frozen: (row.frozenBecause ?? undefined) as FreezeReason | undefined,
    frozenAt: row.frozenAt ?? undefined,
    confirmedAt: row.confirmedAt ?? undefined,
  }
}

/** Stops the log until an operator has looked (`bevis log recover`). The first reason stands. */
export async function freezeLog(tx: Tx, because: FreezeReason): Promise<void> {
  await tx.orm
    .update(logState)
    .set({ frozenBecause: because, frozenAt: sql`clock_timestamp()` })
    .where(and(eq(logState.institution, tx.institution), sql`${logState.frozenBecause} is null`))
}

/** Says that the log was compared with the lock just now and is no older. */
export async function confirmLog(tx: Tx): Promise<void> {
  await tx.orm
    .update(logState)
    .set({ confirmedAt: sql`clock_timestamp()` })
    .where(eq(logState.institution, tx.institution))
}

/** The newest checkpoint, or the one of a size. */
export async function readCheckpoint(tx: Tx, size?: number): Promise<PublishedCheckpoint | undefined> {
  const mine = eq(checkpoint.institution, tx.institution)
  const [row] = await tx.orm
    .select()
    .from(checkpoint)
    .where(size === undefined ? mine : and(mine, eq(checkpoint.size, size)))
    .orderBy(desc(checkpoint.size))
    .limit(1)
  return row === undefined ? undefined : { ...row, root: new Uint8Array(row.root) }
}

/** Stores a checkpoint once, and tells whoever waits for it. Answers when it was published; undefined where it had been before. */
export async function storeCheckpoint(
  tx: Tx,
  made: Omit<PublishedCheckpoint, 'publishedAt'>,
): Promise<Instant | undefined> {
  const [row] = await tx.orm
    .insert(checkpoint)
    .values({ ...made, institution: tx.institution })
    .onConflictDoNothing()
    .returning({ publishedAt: checkpoint.publishedAt })
  await tx.execute(sql`select pg_notify(${checkpointChannel}, ${tx.institution})`)
  return row?.publishedAt
}

export interface Position {
  readonly trail: string
  readonly n: number
  readonly index: number
}

/** Where entries stand in the log; those not sequenced yet are left out. */
export async function positionsOf(
  tx: Tx,
  entries: readonly { readonly trail: string; readonly n: number }[],
): Promise<Position[]> {
  if (entries.length === 0) return []
  const rows = await tx.execute<{ trail: string; n: string; idx: string }>(sql`
    select l.trail, l.n, l.idx from audit.leaf l
    join unnest(${list(entries.map(({ trail }) => trail))}::uuid[], ${list(entries.map(({ n }) => n))}::bigint[]) as u(trail, n)
      on l.trail = u.trail and l.n = u.n
    where l.institution = ${tx.institution}`)
  return rows.map(({ trail, n, idx }) => ({ trail, n: Number(n), index: Number(idx) }))
}

export interface LoggedEntry extends Position {
  readonly leaf: Uint8Array
}

/** Entries by position, from `from` up to but not including `to`, as their bytes. */
export async function leavesBetween(tx: Tx, from: number, to: number): Promise<LoggedEntry[]> {
  const rows = await tx.execute<{ trail: string; n: string; idx: string; leaf: Uint8Array }>(sql`
    select l.trail, l.n, l.idx, e.leaf from audit.leaf l
    join audit.entry e on e.institution = l.institution and e.trail = l.trail and e.n = l.n
    where l.institution = ${tx.institution} and l.idx >= ${from}::bigint and l.idx < ${to}::bigint
    order by l.idx`)
  return rows.map(({ trail, n, idx, leaf }) => ({ trail, n: Number(n), index: Number(idx), leaf }))
}

export interface Cleared {
  readonly caseId: CaseId
  /** Position of the case's last clearance; undefined while it waits for the sequencer. */
  readonly index: number | undefined
}

/** Where the last clearances of these cases stand; those without one are left out. */
export async function clearancesOf(tx: Tx, cases: readonly CaseId[]): Promise<Cleared[]> {
  const rows = await tx.execute<{ id: CaseId; idx: string | null }>(sql`
    select distinct on (c.id) c.id, l.idx from cases c
    join audit.entry e on e.institution = c.institution and e.trail = c.trail and e.type = 'issuance.cleared/1'
    left join audit.leaf l on l.institution = c.institution and l.trail = e.trail and l.n = e.n
    where c.institution = ${tx.institution} and c.id = any(${list(cases)}::text[])
    order by c.id, e.n desc`)
  return rows.map(({ id, idx }) => ({ caseId: id, index: idx === null ? undefined : Number(idx) }))
}

const waitingChannel = 'bevis_log'
const checkpointChannel = 'bevis_checkpoint'

/**
 * Tells the log worker, when this transaction commits, that somebody waits for a checkpoint over what it wrote; without it what was
 * appended is taken at the worker's own pace.
 */
export async function askForCheckpoint(tx: Tx): Promise<void> {
  await tx.execute(sql`select pg_notify(${waitingChannel}, ${tx.institution})`)
}

/** Whether the institution's own trail tells of a reading of the whole log within the last seconds. */
export async function lastReadBack(tx: Tx, seconds: number): Promise<boolean> {
  const [row] = await tx.execute<{ done: boolean }>(sql`
    select exists (select from audit.entry e join institution i using (institution)
      where e.institution = ${tx.institution} and e.trail = i.trail and e.type = 'log.checked/1'
        and e.at > clock_timestamp() - make_interval(secs => ${seconds}::int)) as done`)
  return row?.done === true
}

/** Calls `ring` with the institution whose log somebody waits for. */
export async function listenAsked(
  db: Db,
  ring: (institution: InstitutionId) => void,
): Promise<{ stop(): Promise<void> }> {
  const listening = await db.sql.listen(waitingChannel, (institution) => ring(institution as InstitutionId))
  return { stop: () => listening.unlisten() }
}

/** Calls `ring` with the institution whose log has a new checkpoint, and with none after a reconnect, when one may have been missed. */
export async function listenCheckpoints(
  db: Db,
  ring: (institution?: InstitutionId) => void,
): Promise<{ stop(): Promise<void> }> {
  const listening = await db.sql.listen(
    checkpointChannel,
    (institution) => ring(institution as InstitutionId),
    () => ring(),
  )
  return { stop: () => listening.unlisten() }
}

/** Logs that have something waiting. For the role `bevis_sequencer`. */
export async function logsWaiting(db: Db): Promise<InstitutionId[]> {
  const rows = await db.orm.execute<{ id: InstitutionId }>(sql`select audit.logs_waiting() as id`)
  return rows.map(({ id }) => id)
}

/** Checkpoints newer than a size, oldest first; at most `limit`. */
export async function checkpointsAfter(tx: Tx, size: number, limit: number): Promise<PublishedCheckpoint[]> {
  const rows = await tx.orm
    .select()
    .from(checkpoint)
    .where(and(eq(checkpoint.institution, tx.institution), gt(checkpoint.size, size)))
    .orderBy(asc(checkpoint.size))
    .limit(limit)
  return rows.map((row) => ({ ...row, root: new Uint8Array(row.root) }))
}

/** In a fresh transaction, since the one that found the fault is rolled back. */
export function freezeNow(db: Db, institution: InstitutionId, because: FreezeReason): Promise<void> {
  return inInstitution(db, institution, (tx) => freezeLog(tx, because))
}

function cut(bytes: Uint8Array): Hash[] {
  return Array.from(
    { length: bytes.length / hashSize },
    (_, index) => new Uint8Array(bytes.subarray(index * hashSize, (index + 1) * hashSize)),
  )
}

function joined(hashes: readonly Hash[]): Uint8Array {
  return new Uint8Array(Buffer.concat(hashes))
}
