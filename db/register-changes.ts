/** What differs between a declared register and the one in force, and the writing of it. Without it applying twice would double everything. */
import { and, eq, isNull, sql } from 'drizzle-orm'
import { canonicalBytes } from '#audit/canonical.ts'
import { b64url, sha256 } from '#audit/digest.ts'
import { list, type Tx } from '#db/client.ts'
import { contentDigest, erasedAmong, subjectCipher } from '#db/crypto.ts'
import { personalPurpose } from '#db/people.ts'
import { RegisterError } from '#db/register-error.ts'
import { achievementItemId, type RegisterItem } from '#db/register-items.ts'
import { registerItem } from '#db/schema/register.ts'
import { as, type PersonId } from '#domain/words.ts'

export interface RegisterChange {
  readonly kind: string
  readonly id: string
  readonly change: 'added' | 'changed' | 'removed'
}

/** An item with the digest by which a change shows. */
export interface Dated {
  readonly item: RegisterItem
  readonly digest: string
}

/** Keyed, because a person's item holds a name. Canonical, because the order of members in a file means nothing. */
export function dated(tx: Tx, item: RegisterItem): Dated {
  const { body, personal } = item
  const bytes = canonicalBytes({ body, personal: personal ?? {} }, { numbers: 'finite', nulls: 'allowed' })
  return { item, digest: Buffer.from(contentDigest(tx.keys, tx.institution, bytes)).toString('base64url') }
}

/** A version that a case has used means for ever what it meant then, also after it was taken out of the register once. */
export async function refuseFrozen(tx: Tx, items: readonly Dated[]): Promise<void> {
  const broken = await frozenAmong(tx, items)
  if (broken.length > 0) throw new RegisterError('achievement-frozen', broken)
}

/** Whoever was erased would come back by being declared again. */
export async function refuseErased(tx: Tx, items: readonly Dated[]): Promise<void> {
  const erased = await erasedPersons(tx, items)
  if (erased.length > 0) throw new RegisterError('person-erased', erased)
}

/** Ids of persons among these items who were erased. */
export function erasedPersons(tx: Tx, items: readonly Dated[]): Promise<string[]> {
  return erasedAmong(
    tx,
    items.filter(({ item }) => item.kind === 'person').map(({ item }) => as<PersonId>(item.id)),
  )
}

/** Ids of achievement versions that a case has used and that these items would change. */
export async function frozenAmong(tx: Tx, items: readonly Dated[]): Promise<string[]> {
  const used = await tx.execute<{ id: string; version: number }>(
    sql`select distinct achievement as id, achievement_version as version from cases where institution = ${tx.institution}`,
  )
  if (used.length === 0) return []
  const ids = used.map((row) => achievementItemId(row.id, row.version))
  const stored = await tx.execute<{ id: string; digest: string }>(
    sql`select distinct on (id) id, digest from register_item
        where institution = ${tx.institution} and kind = 'achievement' and id = any(${list(ids)}::text[])
        order by id, revision_from desc`,
  )
  const now = new Map(items.filter(({ item }) => item.kind === 'achievement').map((one) => [one.item.id, one.digest]))
  return stored.filter(({ id, digest }) => now.has(id) && now.get(id) !== digest).map(({ id }) => id)
}

/** How the items declared differ from those in force, in the order of kind and id. What the API declared is not theirs to end. */
export async function changes(tx: Tx, items: readonly Dated[]): Promise<RegisterChange[]> {
  const rows = await tx.orm
    .select({ kind: registerItem.kind, id: registerItem.id, digest: registerItem.digest })
    .from(registerItem)
    .where(
      and(
        eq(registerItem.institution, tx.institution),
        eq(registerItem.origin, 'register'),
        isNull(registerItem.revisionUntil),
      ),
    )
  const inForce = new Map(rows.map((row) => [keyOf(row), row]))
  const declared = new Set(items.map(({ item }) => keyOf(item)))
  const removed = rows
    .filter((row) => !declared.has(keyOf(row)))
    .map(({ kind, id }) => ({ kind, id, change: 'removed' as const }))
  const others = items.flatMap(({ item: { kind, id }, digest }): RegisterChange[] => {
    const known = inForce.get(keyOf({ kind, id }))
    if (known === undefined) return [{ kind, id, change: 'added' }]
    return known.digest === digest ? [] : [{ kind, id, change: 'changed' }]
  })
  return [...others, ...removed].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

/** The items that need a new row. */
export function opened(items: readonly Dated[], changed: readonly RegisterChange[]): Dated[] {
  const wanted = new Set(changed.filter((one) => one.change !== 'removed').map(keyOf))
  return items.filter(({ item }) => wanted.has(keyOf(item)))
}

/** Changed and removed items end with this revision; their rows stay. */
export async function closeItems(tx: Tx, changed: readonly RegisterChange[], revision: number): Promise<void> {
  const closing = changed.filter((one) => one.change !== 'added')
  if (closing.length === 0) return
  await tx.execute(sql`
    update register_item i set revision_until = ${revision}
    from unnest(${list(closing.map((one) => one.kind))}::text[], ${list(closing.map((one) => one.id))}::text[]) as c(kind, id)
    where i.institution = ${tx.institution} and i.kind = c.kind and i.id = c.id and i.revision_until is null`)
}

/** New rows from this revision on; names and birth dates sealed for the person. */
export async function storeItems(
  tx: Tx,
  items: readonly Dated[],
  { revision, origin }: { readonly revision: number; readonly origin: 'register' | 'api' },
): Promise<void> {
  if (items.length === 0) return
  const persons = items.filter(({ item }) => item.personal !== undefined).map(({ item }) => as<PersonId>(item.id))
  const cipher = await subjectCipher(tx, persons)
  const rows = items.map(({ item: { kind, id, body, personal }, digest }) => ({
    institution: tx.institution,
    kind,
    id,
    revisionFrom: revision,
    origin,
    digest,
    body,
    ...(personal === undefined
      ? {}
      : { personal: cipher.seal(as<PersonId>(id), personalPurpose, Buffer.from(JSON.stringify(personal))) }),
  }))
  await tx.orm.insert(registerItem).values(rows)
}

/** Digest over all that files declared and that is in force: told when it is applied, so that none can be put in or taken out in silence. */
export async function registerDigest(tx: Tx): Promise<string> {
  const [row] = await tx.execute<{ items: string }>(sql`
    select coalesce(string_agg(kind || ' ' || id || ' ' || digest, E'\n' order by kind collate "C", id collate "C"), '') as items
    from register_item where institution = ${tx.institution} and origin = 'register' and revision_until is null`)
  return b64url(sha256(`bevis-audit/1 register\n${row?.items ?? ''}`))
}

/** Digest over whom references of the register mean, and which ids it says are one human being; told with the other, and by each erasure, which takes some away. */
export async function personsDigest(tx: Tx): Promise<string> {
  const [row] = await tx.execute<{ lines: string }>(sql`
    select coalesce(string_agg(line, E'\n' order by line collate "C"), '') as lines from (
      select 'reference ' || encode(reference, 'hex') || ' ' || person as line from person_reference
        where institution = ${tx.institution} and origin = 'register'
      union all select 'link ' || a || ' ' || b from person_link where institution = ${tx.institution} and origin = 'register'
    ) as persons`)
  return b64url(sha256(`bevis-audit/1 persons\n${row?.lines ?? ''}`))
}

function keyOf({ kind, id }: { readonly kind: string; readonly id: string }): string {
  return `${kind}\u0000${id}`
}
