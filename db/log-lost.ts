/**
 * Entries that stand in their trail, have no place in the log and wait for none: the row that waited was taken away. What they say is as good
 * as before, so the sequencer takes them all the same; left out, their case would wait for its proof for ever (docs/log.md).
 */
import { sql } from 'drizzle-orm'
import { b64url } from '#audit/digest.ts'
import { genesis, parseLeaf } from '#audit/entry.ts'
import { appendEntries } from '#db/audit-log.ts'
import { list, type Tx } from '#db/client.ts'
import { readInstitution } from '#db/institution.ts'
import { LogFault } from '#db/log-fault.ts'

/** Tells in the institution's own trail that entries which waited no more were taken: somebody had taken their rows away. */
export async function tellFound(
  tx: Tx,
  found: readonly { readonly trail: string; readonly n: number }[],
): Promise<void> {
  const { trail } = await readInstitution(tx)
  const places = found.map((one) => `${one.trail}/${one.n}`)
  await appendEntries(tx, [
    {
      trail,
      id: `log:found:${places[0]}`,
      type: 'log.entries-found/1',
      actor: { ref: 'log', kind: 'service', role: 'log' },
      act: { meaning: 'found', outcome: 'success' },
      data: { entries: places.length, places: places.slice(0, mostTold) },
    },
  ])
}

/** Told one by one up to here; their number is told whole. */
const mostTold = 100

/** What the sequencer takes: an entry, and the number of the row that waited for it. */
export interface Taken extends Record<string, unknown> {
  readonly pid: string
  readonly trail: string
  readonly n: string
  readonly hash: Uint8Array
  readonly leaf: Uint8Array | null
  readonly age: number | null
  /** The entry before it has its place, or it is the first. */
  readonly follows: boolean
}

/** Trails that stood still within so many seconds at an entry that has no place and waits for none; however long ago, without a number. */
export async function trailsCutOff(tx: Tx, withinSeconds?: number): Promise<string[]> {
  const recent =
    withinSeconds === undefined
      ? sql`true`
      : sql`t.at > clock_timestamp() - make_interval(secs => ${withinSeconds}::int)`
  const rows = await tx.execute<{ trail: string }>(sql`
    select t.trail from audit.trail t where t.institution = ${tx.institution} and t.n > 0 and ${recent}
      and exists (select from audit.entry e where e.institution = t.institution and e.trail = t.trail and e.n = t.n)
      and not exists (select from audit.leaf l where l.institution = t.institution and l.trail = t.trail and l.n = t.n)
      and not exists (select from audit.pending p where p.institution = t.institution and p.trail = t.trail and p.n = t.n)`)
  return rows.map(({ trail }) => trail)
}

/** Trails of which something was taken whose predecessor has no place. */
export function trailsWithGap(taken: readonly Taken[]): string[] {
  const seen = new Set<string>()
  const gaps = new Set<string>()
  for (const { trail, n, follows } of taken) {
    if (!follows && !seen.has(`${trail} ${Number(n) - 1}`)) gaps.add(trail)
    seen.add(`${trail} ${n}`)
  }
  return [...gaps]
}

interface Mended {
  /** In the order in which they get their places: within each trail that of their numbers. */
  readonly taken: readonly Taken[]
  /** Those among them that waited no more. */
  readonly found: readonly Taken[]
}

/**
 * What was taken, with what these trails have lost.
 *
 * @throws LogFault where a trail does not go on from one entry to the next
 */
export async function withLost(tx: Tx, taken: readonly Taken[], trails: readonly string[]): Promise<Mended> {
  if (trails.length === 0) return { taken, found: [] }
  const has = new Set(taken.map(({ trail, n }) => `${trail} ${n}`))
  const found = (await unplaced(tx, trails)).filter(({ trail, n }) => !has.has(`${trail} ${n}`))
  const broken = new Set(trails)
  const after = [...taken.filter(({ trail }) => broken.has(trail)), ...found].toSorted(
    (a, b) => (a.trail < b.trail ? -1 : Number(a.trail > b.trail)) || Number(a.n) - Number(b.n),
  )
  if (trailsWithGap(after).length > 0) throw new LogFault('entry-missing')
  return { taken: [...taken.filter(({ trail }) => !broken.has(trail)), ...after], found }
}

async function unplaced(tx: Tx, trails: readonly string[]): Promise<Taken[]> {
  const rows = await tx.execute<Taken & { leaf: Uint8Array; log: string; before: Uint8Array | null }>(sql`
    select '0' as pid, e.trail, e.n, e.leaf_hash as hash, e.leaf, extract(epoch from clock_timestamp() - e.at)::float8 as age,
      i.origin as log, b.leaf_hash as before,
      e.n = 1 or exists (select from audit.leaf l where l.institution = e.institution and l.trail = e.trail and l.n = e.n - 1) as follows
    from audit.entry e join institution i using (institution)
    left join audit.entry b on b.institution = e.institution and b.trail = e.trail and b.n = e.n - 1
    where e.institution = ${tx.institution} and e.trail = any(${list(trails)}::uuid[])
      and not exists (select from audit.leaf l where l.institution = e.institution and l.trail = e.trail and l.n = e.n)
      and not exists (select from audit.pending p where p.institution = e.institution and p.trail = e.trail and p.n = e.n)
    order by e.trail, e.n`)
  for (const { leaf, log, trail, n, before } of rows) {
    const expected = before ?? (n === '1' ? genesis(log, trail) : undefined)
    if (expected === undefined) throw new LogFault('entry-missing')
    if (parseLeaf(leaf).prev !== b64url(expected)) throw new LogFault('entry-changed')
  }
  return rows
}
