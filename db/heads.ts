/** Manifests of trail heads, from the log's positions. Without them nobody could tell from outside that a trail was cut short (audit-log §7.1). */
import { sql } from 'drizzle-orm'
import { parseLeaf } from '#audit/entry.ts'
import { type HeadsAnswer, type HeadsManifest, type HeadsMap, headsMap } from '#audit/heads.ts'
import { appendEntries } from '#db/audit-log.ts'
import type { Tx } from '#db/client.ts'
import { readInstitution } from '#db/institution.ts'
import { toInstant } from '#db/schema/columns.ts'
import type { Instant } from '#domain/words.ts'

export const manifestType = 'log.heads/1'

/** Rows the server hands over at a time: a map of a million trails passes through memory in pieces. */
const atATime = 2_000

/**
 * The map of the institution's log at its first `asOfSize` entries, with the proof of each wanted trail. Reads `audit.leaf` once;
 * the server sorts, and the same map comes out of every copy of the log.
 *
 * @throws Error when the log has fewer entries than that
 */
export async function headsAsOf(
  tx: Tx,
  asOfSize: number,
  wanted: readonly string[] = [],
): Promise<HeadsMap & { readonly answers: ReadonlyMap<string, HeadsAnswer> }> {
  const { origin } = await readInstitution(tx)
  await demandSize(tx, asOfSize)
  const builder = headsMap(origin, wanted)
  // The order of the keys is the order of their bytes; the text before a trail's id is that of `trailKey`.
  await tx.execute(sql`
    declare heads no scroll cursor for
    select ends.trail, ends.n, ends.leaf_hash as head from (
      select distinct on (trail) trail, n, leaf_hash from audit.leaf
      where institution = ${tx.institution} and idx < ${asOfSize} order by trail, n desc
    ) as ends
    order by sha256(convert_to('bevis-audit/1 trail key' || E'\n' || ${origin}::text || E'\n' || ends.trail::text, 'UTF8'))`)
  for (let more = true; more; ) {
    const rows = await tx.execute<{ trail: string; n: string; head: Uint8Array }>(
      sql`fetch forward ${sql.raw(String(atATime))} from heads`,
    )
    for (const { trail, n, head } of rows) builder.add({ trail, n: Number(n), head })
    more = rows.length === atATime
  }
  await tx.execute(sql`close heads`)
  return builder.finish()
}

async function demandSize(tx: Tx, asOfSize: number): Promise<void> {
  const [row] = await tx.execute<{ size: string }>(
    sql`select coalesce(max(idx) + 1, 0) as size from audit.leaf where institution = ${tx.institution}`,
  )
  if (Number(row?.size ?? 0) < asOfSize) throw new Error('the log has fewer entries than a manifest was asked for')
}

/** A manifest as the institution's trail tells it. */
export interface StoredManifest extends HeadsManifest {
  /** The institution's trail, and where in it. */
  readonly trail: string
  readonly n: number
  readonly leaf: Uint8Array
  readonly at: Instant
  /** Its own position; undefined until the sequencer has given it one. */
  readonly index?: number
}

/** The newest manifest; with `before`, the newest of those that stand in the log's first so many entries. */
export async function newestHeads(tx: Tx, before?: number): Promise<StoredManifest | undefined> {
  const { trail } = await readInstitution(tx)
  const placed = before === undefined ? sql`true` : sql`l.idx < ${before}`
  const [row] = await tx.execute<{ n: string; leaf: Uint8Array; at: string; idx: string | null }>(sql`
    select e.n, e.leaf, e.at::text as at, l.idx from audit.entry e
    left join audit.leaf l on l.institution = e.institution and l.trail = e.trail and l.n = e.n
    where e.institution = ${tx.institution} and e.trail = ${trail} and e.type = ${manifestType} and ${placed}
    order by e.n desc limit 1`)
  if (row === undefined) return undefined
  const place = row.idx === null ? {} : { index: Number(row.idx) }
  return { trail, n: Number(row.n), leaf: row.leaf, at: toInstant(row.at), ...manifestOf(row.leaf), ...place }
}

/** What a manifest's leaf states. @throws TypeError for a leaf that is none */
export function manifestOf(leaf: Uint8Array): HeadsManifest {
  const { type, data } = parseLeaf(leaf)
  const [asOfSize, mapRoot, trails] = [data?.['asOfSize'], data?.['mapRoot'], data?.['trails']]
  if (type !== manifestType || typeof mapRoot !== 'string') throw new TypeError('not a manifest')
  return { asOfSize: Number(asOfSize), mapRoot, trails: Number(trails) }
}

/** Where a manifest's own entry may be given a place without asking for the next one. */
const itself = 1

/**
 * Tells in the institution's trail where every trail stood at the log's first `size` entries, unless the newest manifest tells it
 * already, or nothing but that manifest was logged since. Who appends it does not matter: it follows from the log.
 *
 * @returns the manifest that tells it
 */
export async function appendHeads(tx: Tx, size: number): Promise<HeadsManifest> {
  const newest = await newestHeads(tx)
  if (newest !== undefined && newest.asOfSize + itself >= size && newest.asOfSize > 0) return newest
  const { trail } = await readInstitution(tx)
  const { size: trails, root } = await headsAsOf(tx, size)
  const data = { asOfSize: size, mapRoot: root, trails }
  await appendEntries(tx, [
    {
      trail,
      id: `heads:${size}`,
      type: manifestType,
      actor: { ref: 'log', kind: 'service', role: 'sequencer' },
      act: { meaning: 'heads-told', outcome: 'success' },
      data,
    },
  ])
  return data
}
