/** Events whose learner nobody knows. Without the list they would wait where no officer looks (contracts §3, join). */
import { and, eq, isNotNull, sql } from 'drizzle-orm'
import type { Tx } from '#db/client.ts'
import { nameOf } from '#db/inbox.ts'
import { inbox } from '#db/schema/cases.ts'
import type { EvidenceKind } from '#domain/evidence.ts'
import type { Instant } from '#domain/words.ts'

export interface UnresolvedEvent {
  /** Event key in hexadecimal. */
  readonly key: string
  readonly source: string
  readonly kind: EvidenceKind
  /** The same for all events about the same unknown learner; says nothing about who it is. */
  readonly learner: string
  readonly receivedAt: Instant
  /** The same to the microsecond, as Postgres prints it: where the next slice begins. */
  readonly at: string
  readonly repeats: number
}

/** A slice of them, oldest first, beside the row `from`; the other way round when reading backwards. */
export async function unresolvedEvents(
  tx: Tx,
  slice: {
    readonly limit: number
    readonly from?: { readonly at: string; readonly key: string; readonly backwards?: boolean }
  },
): Promise<UnresolvedEvent[]> {
  const { from, limit } = slice
  const isRising = from?.backwards !== true
  const direction = isRising ? sql`asc` : sql`desc`
  const rows = await tx.orm
    .select({
      key: inbox.eventKey,
      source: inbox.source,
      kind: inbox.kind,
      learner: inbox.unresolved,
      receivedAt: inbox.receivedAt,
      at: sql<string>`${inbox.receivedAt}::text`,
      repeats: inbox.repeats,
    })
    .from(inbox)
    .where(
      and(
        eq(inbox.institution, tx.institution),
        isNotNull(inbox.unresolved),
        from === undefined
          ? undefined
          : sql`(${inbox.receivedAt}, ${inbox.eventKey}) ${isRising ? sql`>` : sql`<`} (${from.at}::timestamptz, decode(${from.key}, 'hex'))`,
      ),
    )
    .orderBy(sql`${inbox.receivedAt} ${direction}`, sql`${inbox.eventKey} ${direction}`)
    .limit(limit)
  return rows.map(({ key, learner, kind, ...row }) => ({
    ...row,
    key: nameOf(key),
    kind: kind as EvidenceKind,
    learner: learner === null ? '' : nameOf(learner.subarray(0, 8)),
  }))
}
