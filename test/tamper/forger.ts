/** What somebody with every right in the database can do, done well: entries, chain, heads, positions, tree. */
import { b64url } from '#audit/digest.ts'
import { buildLeaf, type Entry, nextEntry, parseLeaf } from '#audit/entry.ts'
import { growthOf } from '#audit/growth.ts'
import { emptyEdge, extend, type Hash, leafHash, rootOf } from '#audit/tree.ts'
import { norrsken } from '../e2e/emitters.ts'
import type { Scene } from './golden.ts'

/** Triggers lifted for good: nobody else uses this copy. */
export async function disarm({ admin }: Scene): Promise<void> {
  for (const table of ['entry', 'trail', 'leaf', 'checkpoint'])
    await admin.unsafe(`alter table audit.${table} disable trigger user`)
}

export async function entriesOf({ admin }: Scene, trail: string): Promise<Entry[]> {
  const rows = await admin<{ leaf: Uint8Array }[]>`select leaf from audit.entry where trail = ${trail} order by n`
  return rows.map(({ leaf }) => parseLeaf(new Uint8Array(leaf)))
}

export async function trailOf({ admin }: Scene, id: string): Promise<string> {
  const [row] = await admin<{ trail: string }[]>`select trail from cases where id = ${id}`
  if (row === undefined) throw new Error(`no case ${id}`)
  return row.trail
}

/** Puts bytes in the place of an entry, and nothing else; index columns follow the bytes, or the database would refuse them. */
export async function replaceLeaf({ admin }: Scene, entry: Entry): Promise<void> {
  const leaf = Buffer.from(buildLeaf(entry))
  await admin`update audit.entry set leaf = ${leaf}, type = ${entry.type}, at = ${entry.at}, entry_id = ${entry.id},
    actor_kind = ${entry.actor.kind} where institution = ${norrsken} and trail = ${entry.trail} and n = ${entry.n}`
}

/** Writes a trail anew from drafts: numbers, links, times as given, and the head row; a chain without fault. */
export async function rewriteTrail(scene: Scene, trail: string, entries: readonly Entry[]): Promise<void> {
  const { admin } = scene
  let head = { log: entries[0]?.log ?? '', trail, n: 0, hash: new Uint8Array() as Hash }
  await admin`delete from audit.entry where trail = ${trail}`
  for (const { v: _v, log: _log, trail: _trail, n: _n, prev: _prev, at, ...draft } of entries) {
    const told =
      draft.type === 'trail.sealed/1' ? { ...draft, data: { count: head.n, head: b64url(head.hash) } } : draft
    const next = nextEntry(told, head, at)
    const leaf = buildLeaf(next)
    await admin`insert into audit.entry (institution, trail, n, entry_id, type, at, actor_kind, leaf)
      values (${norrsken}, ${trail}, ${next.n}, ${next.id}, ${next.type}, ${next.at}, ${next.actor.kind}, ${Buffer.from(leaf)})`
    head = { ...head, n: next.n, hash: leafHash(leaf) }
  }
  const sealed = entries.at(-1)?.type === 'trail.sealed/1'
  await admin`update audit.trail set n = ${head.n}, head = ${Buffer.from(head.hash)}, sealed = ${sealed} where trail = ${trail}`
}

/** The log built anew over whatever entries are there now, in the order of their old positions: leaves, tiles, edge, root. */
export async function rebuildLog({ admin }: Scene): Promise<void> {
  await admin`delete from audit.leaf l where not exists (
    select from audit.entry e where e.institution = l.institution and e.trail = l.trail and e.n = l.n)`
  const rows = await admin<{ trail: string; n: string; hash: Uint8Array }[]>`
    select e.trail, e.n, e.leaf_hash as hash from audit.leaf l join audit.entry e using (institution, trail, n) order by l.idx`
  const hashes = rows.map(({ hash }) => new Uint8Array(hash))
  await admin`delete from audit.leaf`
  for (const [index, { trail, n, hash }] of rows.entries())
    await admin`insert into audit.leaf (institution, idx, trail, n, leaf_hash) values (${norrsken}, ${index}, ${trail}, ${n}, ${hash})`
  await admin`delete from audit.tile`
  for (const { level, index, added } of growthOf(0, hashes, () => []))
    await admin`insert into audit.tile (institution, level, idx, hashes) values (${norrsken}, ${level}, ${index}, ${Buffer.concat(added)})`
  const edge = extend(emptyEdge, hashes)
  await admin`update audit.log set size = ${edge.size}, edge = ${Buffer.concat(edge.hashes)}, root = ${Buffer.from(rootOf(edge))}`
}
