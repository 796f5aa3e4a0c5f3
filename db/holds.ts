/** Legal holds: while one stands, nothing it covers is erased or disposed of (GDPR Art. 17(3)(e); checklist I3). */
import { and, desc, eq, isNull, sql } from 'drizzle-orm'
import type { Tx } from '#db/client.ts'
import { legalHold } from '#db/schema/privacy.ts'
import type { CaseId, Instant, PersonId } from '#domain/words.ts'

export interface Hold {
  readonly id: string
  readonly person: PersonId
  /** Absent: everything about the person. */
  readonly caseId?: CaseId
  readonly reason: string
  readonly decision: string
  readonly placedBy: PersonId
  readonly placedAt: Instant
  readonly liftedBy?: PersonId
  readonly liftedAt?: Instant
  readonly liftDecision?: string
}

export type HoldDraft = Pick<Hold, 'id' | 'person' | 'caseId' | 'reason' | 'decision' | 'placedBy'>

/** The same id again gives the one placed before. */
export async function placeHold(tx: Tx, draft: HoldDraft): Promise<{ hold: Hold; isNew: boolean }> {
  const stored = await tx.orm
    .insert(legalHold)
    .values({ ...draft, caseId: draft.caseId ?? null, institution: tx.institution })
    .onConflictDoNothing()
    .returning({ id: legalHold.id })
  const hold = await readHold(tx, draft.id)
  if (hold === undefined) throw new TypeError('a hold was not stored')
  return { hold, isNew: stored.length > 0 }
}

export async function readHold(tx: Tx, id: string): Promise<Hold | undefined> {
  const [row] = await tx.orm
    .select()
    .from(legalHold)
    .where(and(eq(legalHold.institution, tx.institution), eq(legalHold.id, id)))
  return row === undefined ? undefined : parse(row)
}

/** False when it is lifted already. */
export async function liftHold(
  tx: Tx,
  { id, by, decision }: { readonly id: string; readonly by: PersonId; readonly decision: string },
): Promise<boolean> {
  const rows = await tx.orm
    .update(legalHold)
    .set({ liftedBy: by, liftedAt: sql`clock_timestamp()`, liftDecision: decision })
    .where(and(eq(legalHold.institution, tx.institution), eq(legalHold.id, id), isNull(legalHold.liftedAt)))
    .returning({ id: legalHold.id })
  return rows.length > 0
}

/** Standing first, then the latest; at most `limit`. */
export async function listHolds(tx: Tx, limit: number): Promise<Hold[]> {
  const rows = await tx.orm
    .select()
    .from(legalHold)
    .where(eq(legalHold.institution, tx.institution))
    .orderBy(sql`${legalHold.liftedAt} is not null`, desc(legalHold.placedAt), legalHold.id)
    .limit(limit)
  return rows.map(parse)
}

function parse(row: typeof legalHold.$inferSelect): Hold {
  return {
    id: row.id,
    person: row.person as PersonId,
    ...(row.caseId === null ? {} : { caseId: row.caseId as CaseId }),
    reason: row.reason,
    decision: row.decision,
    placedBy: row.placedBy as PersonId,
    placedAt: row.placedAt,
    ...(row.liftedBy === null ? {} : { liftedBy: row.liftedBy as PersonId }),
    ...(row.liftedAt === null ? {} : { liftedAt: row.liftedAt }),
    ...(row.liftDecision === null ? {} : { liftDecision: row.liftDecision }),
  }
}
