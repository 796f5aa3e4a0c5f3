/** The register: applied whole, read item by item. Without its history no old case could be explained (design 5). */
import { randomUUID } from 'node:crypto'
import { and, asc, eq, inArray, isNull, like } from 'drizzle-orm'
import { canonicalBytes } from '#audit/canonical.ts'
import type { Actor } from '#audit/entry.ts'
import { appendEntries } from '#db/audit-log.ts'
import { type Db, inInstitution, type Tx } from '#db/client.ts'
import { readInstitution } from '#db/institution.ts'
import { linkPersons } from '#db/people.ts'
import {
  changes,
  closeItems,
  dated,
  opened,
  type RegisterChange,
  refuseFrozen,
  storeItems,
} from '#db/register-changes.ts'
import { RegisterError } from '#db/register-error.ts'
import { achievementItemId, type ItemBodies, type ItemKind, type RegisterToApply } from '#db/register-items.ts'
import { applyReferences } from '#db/register-references.ts'
import { institution, registerItem } from '#db/schema/register.ts'
import type { Achievement } from '#domain/register.ts'

export interface AppliedRegister {
  /** Revision in force now; the same as before when nothing changed. */
  readonly revision: number
  readonly changed: readonly RegisterChange[]
}

/**
 * Applies a whole, validated register in one transaction as `bevis_api`. What is no longer in it is no longer in force; every
 * former version stays. A second application changes nothing. The entry `register.applied/1` goes into the institution's trail.
 *
 * @throws RegisterError, with nothing changed
 */
export function applyRegister(
  db: Db,
  register: RegisterToApply,
  { by }: { readonly by: Actor },
): Promise<AppliedRegister> {
  return inInstitution(db, register.institution.id, async (tx) => {
    const before = await lockInstitution(tx, register)
    const items = register.items.map((item) => dated(tx, item))
    await refuseFrozen(tx, items)
    const changed = await changes(tx, items)
    const people = await applyReferences(tx, register.references)
    await linkPersons(tx, register.links, 'register')
    const isFirst = before.revision === 0
    if (changed.length === 0 && people === 0 && !before.bodyChanged && !isFirst)
      return { revision: before.revision, changed }

    const revision = before.revision + 1
    await closeItems(tx, changed, revision)
    await storeItems(tx, opened(items, changed), revision)
    await tx.orm
      .update(institution)
      .set({ revision, body: register.institution.body })
      .where(eq(institution.institution, tx.institution))
    await recordApplication(tx, { revision, changes: changed.length, by })
    return { revision, changed }
  })
}

/** All items of a kind in force, in the order of their ids. */
export async function readItems<Kind extends ItemKind>(tx: Tx, kind: Kind): Promise<ItemBodies[Kind][]> {
  const rows = await tx.orm
    .select({ body: registerItem.body })
    .from(registerItem)
    .where(inForce(tx, kind))
    .orderBy(asc(registerItem.id))
  return rows.map((row) => row.body as ItemBodies[Kind])
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
    .where(and(inForce(tx, kind), inArray(registerItem.id, [...ids])))
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

/** The emitter of a source, with its authority and keys; undefined for a stranger. */
export async function readEmitter(tx: Tx, source: string): Promise<ItemBodies['emitter'] | undefined> {
  return (await readItemsById(tx, 'emitter', [source])).get(source)
}

/** The institution's stricter demands, for `domain/policy` to apply. */
export function readTightenings(tx: Tx): Promise<ItemBodies['tightening'][]> {
  return readItems(tx, 'tightening')
}

/** Makes the row when there is none and holds it: two applications at once happen one after the other. */
async function lockInstitution(
  tx: Tx,
  { institution: declared }: RegisterToApply,
): Promise<{ revision: number; bodyChanged: boolean }> {
  await tx.orm
    .insert(institution)
    .values({ institution: tx.institution, origin: declared.origin, trail: randomUUID(), body: declared.body })
    .onConflictDoNothing()
  const [row] = await tx.orm.select().from(institution).where(eq(institution.institution, tx.institution)).for('update')
  if (row === undefined) throw new Error('an institution was stored and then gone')
  if (row.origin !== declared.origin) throw new RegisterError('origin-changed', [row.origin, declared.origin])
  return { revision: row.revision, bodyChanged: textOf(row.body) !== textOf(declared.body) }
}

async function recordApplication(
  tx: Tx,
  { revision, changes: count, by }: { readonly revision: number; readonly changes: number; readonly by: Actor },
): Promise<void> {
  const { trail } = await readInstitution(tx)
  const draft = {
    trail,
    id: `register:${revision}`,
    type: 'register.applied/1',
    actor: by,
    act: { meaning: 'apply', outcome: 'success' },
    data: { version: revision, changes: count },
  }
  await appendEntries(tx, [draft])
}

function inForce(tx: Tx, kind: ItemKind) {
  return and(
    eq(registerItem.institution, tx.institution),
    eq(registerItem.kind, kind),
    isNull(registerItem.revisionUntil),
  )
}

function textOf(body: unknown): string {
  return Buffer.from(canonicalBytes(body, { numbers: 'finite', nulls: 'allowed' })).toString()
}
