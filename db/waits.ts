/** A wait that goes on: a new deadline in the same state. Without it an overdue officer would be reminded once and forgotten. */
import { and, eq } from 'drizzle-orm'
import type { Tx } from '#db/client.ts'
import { cases } from '#db/schema/cases.ts'
import type { CaseId, Instant } from '#domain/words.ts'

/** Sets the next deadline of a case that goes on waiting for the same. The caller holds the case's lock. */
export async function prolongWait(tx: Tx, caseId: CaseId, until: Instant): Promise<void> {
  await tx.orm
    .update(cases)
    .set({ waitingUntil: until })
    .where(and(eq(cases.institution, tx.institution), eq(cases.id, caseId)))
}
