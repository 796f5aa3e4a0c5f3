/** The register as readers see it: item by item, with what it was before. Without its history nobody could tell why a case was judged so (design 5). */
import { and, asc, desc, eq, gt, isNull, lt, lte, or, type SQL, sql } from 'drizzle-orm'
import type { Tx } from '#db/client.ts'
import type { ItemKind } from '#db/register-items.ts'
import { toInstant } from '#db/schema/columns.ts'
import { registerItem } from '#db/schema/register.ts'
import type { Instant } from '#domain/words.ts'

export interface ItemVersion {
  readonly id: string
  readonly body: Readonly<Record<string, unknown>>
  /** First revision in which it stood so. */
  readonly revisionFrom: number
  /** First revision in which it no longer did; absent for the version in force. */
  readonly revisionUntil?: number
  /** `api`: declared by a person, not by the files. */
  readonly origin: 'register' | 'api'
  readonly appliedAt: Instant
}

export interface ItemSlice {
  /** As it stood then; default: in force. */
  readonly revision?: number
  /** Id beside which the slice begins; `backwards` reads towards the beginning. */
  readonly from?: { readonly id: string; readonly backwards?: boolean }
  readonly limit: number
}

/** Items of a kind in the order of their ids; in reverse when reading backwards. */
export async function listItems(tx: Tx, kind: ItemKind, { revision, from, limit }: ItemSlice): Promise<ItemVersion[]> {
  const backwards = from?.backwards === true
  const rows = await tx.orm
    .select()
    .from(registerItem)
    .where(
      and(
        ofKind(tx, kind),
        revision === undefined ? isNull(registerItem.revisionUntil) : stoodAt(revision),
        from === undefined ? undefined : (backwards ? lt : gt)(registerItem.id, from.id),
      ),
    )
    .orderBy((backwards ? desc : asc)(registerItem.id))
    .limit(limit)
  return rows.map(parseItem)
}

/** Every version of one item, latest first; none for what was never declared. */
export async function itemHistory(tx: Tx, kind: ItemKind, id: string): Promise<ItemVersion[]> {
  const rows = await tx.orm
    .select()
    .from(registerItem)
    .where(and(ofKind(tx, kind), eq(registerItem.id, id)))
    .orderBy(desc(registerItem.revisionFrom))
  return rows.map(parseItem)
}

export interface Revision {
  readonly revision: number
  readonly added: number
  readonly changed: number
  readonly removed: number
  /** Absent where a revision only ended items, or changed the institution itself. */
  readonly at?: Instant
}

/** Revisions with what changed in each, latest first. */
export async function listRevisions(tx: Tx, latest: number, limit: number): Promise<Revision[]> {
  const lowest = Math.max(1, latest - limit + 1)
  const rows = await tx.execute<{
    revision: number
    began: number
    ended: number
    both: number
    at: string | null
  }>(sql`
    with began as (
      select revision_from as revision, count(*)::int as count, max(applied_at)::text as at,
        count(*) filter (where exists (select from register_item b where b.institution = i.institution and b.kind = i.kind
          and b.id = i.id and b.revision_until = i.revision_from))::int as both
      from register_item i where institution = ${tx.institution} and revision_from between ${lowest} and ${latest} group by 1
    ), ended as (
      select revision_until as revision, count(*)::int as count
      from register_item where institution = ${tx.institution} and revision_until between ${lowest} and ${latest} group by 1
    )
    select r.revision, coalesce(began.count, 0) as began, coalesce(ended.count, 0) as ended, coalesce(began.both, 0) as both, began.at
    from generate_series(${lowest}::int, ${latest}::int) as r(revision)
    left join began on began.revision = r.revision left join ended on ended.revision = r.revision
    order by r.revision desc`)
  return rows.map(({ revision, began, ended, both, at }) => ({
    revision,
    added: began - both,
    changed: both,
    removed: ended - both,
    ...(at === null ? {} : { at: toInstant(at) }),
  }))
}

function ofKind(tx: Tx, kind: ItemKind): SQL | undefined {
  return and(eq(registerItem.institution, tx.institution), eq(registerItem.kind, kind))
}

function stoodAt(revision: number): SQL | undefined {
  return and(
    lte(registerItem.revisionFrom, revision),
    or(isNull(registerItem.revisionUntil), gt(registerItem.revisionUntil, revision)),
  )
}

/** A row as readers know it. */
export function parseItem(row: typeof registerItem.$inferSelect): ItemVersion {
  return {
    id: row.id,
    body: row.body as ItemVersion['body'],
    revisionFrom: row.revisionFrom,
    ...(row.revisionUntil === null ? {} : { revisionUntil: row.revisionUntil }),
    origin: row.origin as ItemVersion['origin'],
    appliedAt: row.appliedAt,
  }
}
