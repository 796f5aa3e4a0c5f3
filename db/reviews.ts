/** Issued cases whose facts turned out wrong. Without the list a withdrawn fact would quietly leave a credential standing (contracts §3). */
import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import type { Tx } from '#db/client.ts'
import { review } from '#db/schema/cases.ts'
import type { CaseId, Instant } from '#domain/words.ts'

export interface Review {
  readonly caseId: CaseId
  /** Code: `fact-withdrawn`. */
  readonly because: string
  readonly evidenceVersion: number
  readonly openedAt: Instant
}

/** Puts cases on the officers' list, once per case and version. The entry belongs to whoever calls. */
export async function openReviews(
  tx: Tx,
  reviews: readonly { caseId: CaseId; because: string; evidenceVersion: number }[],
): Promise<void> {
  if (reviews.length === 0) return
  await tx.orm
    .insert(review)
    .values(reviews.map((one) => ({ ...one, institution: tx.institution })))
    .onConflictDoNothing()
}

/** What waits for an officer, oldest first. */
export async function listReviews(tx: Tx, limit: number): Promise<Review[]> {
  const rows = await tx.orm
    .select({
      caseId: review.caseId,
      because: review.because,
      evidenceVersion: review.evidenceVersion,
      openedAt: review.openedAt,
    })
    .from(review)
    .where(and(eq(review.institution, tx.institution), isNull(review.closedAt)))
    .orderBy(asc(review.openedAt), asc(review.caseId))
    .limit(limit)
  return rows.map((row) => ({ ...row, caseId: row.caseId as CaseId }))
}

/** Takes a case off the list: an officer has decided. False when it was not on it. */
export async function closeReview(tx: Tx, caseId: CaseId, evidenceVersion: number): Promise<boolean> {
  const closed = await tx.orm
    .update(review)
    .set({ closedAt: sql`clock_timestamp()` })
    .where(
      and(
        eq(review.institution, tx.institution),
        eq(review.caseId, caseId),
        eq(review.evidenceVersion, evidenceVersion),
        isNull(review.closedAt),
      ),
    )
    .returning({ caseId: review.caseId })
  return closed.length > 0
}
