/** The register in force, read item by item. Without it every gate would look into the tables in its own way. */
import { and, asc, eq, isNull, like, sql } from 'drizzle-orm'
import { among, list, type Tx } from '#db/client.ts'
import { achievementItemId, type ItemBodies, type ItemKind } from '#db/register-items.ts'
import { registerItem } from '#db/schema/register.ts'
import type { Achievement } from '#domain/register.ts'

/** All items of a kind in force, in the order of their ids. */
export async function readItems<Kind extends ItemKind>(tx: Tx, kind: Kind): Promise<ItemBodies[Kind][]> {
  const rows = await tx.orm
    .select({ body: registerItem.body })
    .from(registerItem)
    .where(inForce(tx, kind))
    .orderBy(asc(registerItem.id))
  return rows.map((row) => row.body as ItemBodies[Kind])
}

/** The same of several kinds in one statement; a gate needs five of them each time. */
export async function readKinds<Kind extends ItemKind>(
  tx: Tx,
  kinds: readonly Kind[],
): Promise<{ readonly [K in Kind]: ItemBodies[K][] }> {
  const rows = await tx.execute<{ kind: Kind; body: ItemBodies[Kind] }>(sql`
    select kind, body from register_item
    where institution = ${tx.institution} and kind = any(${list(kinds)}::text[]) and revision_until is null order by kind, id`)
  const ofKind = (kind: Kind) => rows.filter((row) => row.kind === kind).map(({ body }) => body)
  return Object.fromEntries(kinds.map((kind) => [kind, ofKind(kind)])) as { [K in Kind]: ItemBodies[K][] }
}

/** Some items of a kind in force, by id. */
export async function readItemsById<Kind extends ItemKind>(
  tx: Tx,
  kind: Kind,
  ids: readonly string[],
): Promise<Map<string, ItemBodies[Kind]>> {
  if (ids.length === 0) return new Map()
  const rows = await tx.orm
    .select({ id: registerItem.id, body: registerItem.body })
    .from(registerItem)
    .where(and(inForce(tx, kind), among(registerItem.id, [...ids])))
  return new Map(rows.map((row) => [row.id, row.body as ItemBodies[Kind]]))
}

/** A version of an achievement in force, or the latest one; undefined when there is none. */
export async function readAchievement(tx: Tx, id: string, version?: number): Promise<Achievement | undefined> {
  if (version === undefined) return (await latestPublished(tx, [id])).get(id)
  const itemId = achievementItemId(id, version)
  return (await readItemsById(tx, 'achievement', [itemId])).get(itemId)
}

/** The highest version in force of each achievement asked for; what a new case begins with. */
export async function latestPublished(tx: Tx, ids: readonly string[]): Promise<Map<string, Achievement>> {
  const all = await readItems(tx, 'achievement')
  const wanted = new Set(ids)
  const latest = new Map<string, Achievement>()
  for (const one of all.filter((achievement) => wanted.has(achievement.id))) {
    const best = latest.get(one.id)
    if (best === undefined || best.version < one.version) latest.set(one.id, one)
  }
  return latest
}

/** Versions of one achievement in force, lowest first. */
export async function achievementVersions(tx: Tx, id: string): Promise<Achievement[]> {
  const rows = await tx.orm
    .select({ body: registerItem.body })
    .from(registerItem)
    .where(and(inForce(tx, 'achievement'), like(registerItem.id, `${id.replaceAll(/[\\%_]/g, '\\$&')}@%`)))
  return rows.map((row) => row.body as Achievement).toSorted((a, b) => a.version - b.version)
}

/** The institution's stricter demands, for `domain/policy` to apply. */
export function readTightenings(tx: Tx): Promise<ItemBodies['tightening'][]> {
  return readItems(tx, 'tightening')
}

function inForce(tx: Tx, kind: ItemKind) {
  return and(
    eq(registerItem.institution, tx.institution),
    eq(registerItem.kind, kind),
    isNull(registerItem.revisionUntil),
  )
}
