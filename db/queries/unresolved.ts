/** Events whose learner nobody knows. Without the list they would wait where no officer looks (contracts §3, join). */
import { and, asc, eq, isNotNull, sql } from 'drizzle-orm'
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
  readonly repeats: number
}

/** A page of them, oldest first; `after` is the last row of the page before. */
export async function unresolvedEvents(
  tx: Tx,
  page: { readonly limit: number; readonly after?: { readonly receivedAt: Instant; readonly key: string } },
): Promise<UnresolvedEvent[]> {
  const at = sql`date_trunc('milliseconds', ${inbox.receivedAt})`
  const rows = await tx.orm
    .select({
      key: inbox.eventKey,
      source: inbox.source,
      kind: inbox.kind,
      learner: inbox.unresolved,
      receivedAt: inbox.receivedAt,
      repeats: inbox.repeats,
    })
    .from(inbox)
    .where(
      and(
        eq(inbox.institution, tx.institution),
        isNotNull(inbox.unresolved),
        page.after === undefined
          ? undefined
          : sql`(${at}, ${inbox.eventKey}) > (${page.after.receivedAt}::timestamptz, decode(${page.after.key}, 'hex'))`,
      ),
    )
    .orderBy(asc(at), asc(inbox.eventKey))
    .limit(page.limit)
  return rows.map(({ key, learner, kind, ...row }) => ({
    ...row,
    key: nameOf(key),
    kind: kind as EvidenceKind,
    learner: learner === null ? '' : nameOf(learner.subarray(0, 8)),
  }))
}
