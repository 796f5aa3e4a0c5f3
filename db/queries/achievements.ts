/** Achievements as a list: what is published, narrowed by what it promises. */
import { and, asc, desc, eq, gt, isNull, lt, sql } from 'drizzle-orm'
import type { Tx } from '#db/client.ts'
import { type ItemSlice, type ItemVersion, parseItem } from '#db/queries/register.ts'
import { registerItem } from '#db/schema/register.ts'
import type { Band } from '#domain/words.ts'

/** Versions in force by item id (`<id>@<version>`), beside the one given; in reverse when reading backwards. */
export async function publishedAchievements(
  tx: Tx,
  { band, id }: { readonly band?: Band; readonly id?: string },
  { from, limit }: Omit<ItemSlice, 'revision'>,
): Promise<ItemVersion[]> {
  const backwards = from?.backwards === true
  const rows = await tx.orm
    .select()
    .from(registerItem)
    .where(
      and(
        eq(registerItem.institution, tx.institution),
        eq(registerItem.kind, 'achievement'),
        isNull(registerItem.revisionUntil),
        band === undefined ? undefined : sql`${registerItem.body}->>'band' = ${band}`,
        id === undefined ? undefined : sql`${registerItem.body}->>'id' = ${id}`,
        from === undefined ? undefined : (backwards ? lt : gt)(registerItem.id, from.id),
      ),
    )
    .orderBy((backwards ? desc : asc)(registerItem.id))
    .limit(limit)
  return rows.map(parseItem)
}
