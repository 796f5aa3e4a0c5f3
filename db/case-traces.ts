/** Where cases stand in their traces: light, for those who only record spans. */
import { and, eq } from 'drizzle-orm'
import { among, type Db, inInstitution } from '#db/client.ts'
import { cases } from '#db/schema/cases.ts'
import { parseTraceparent, type TraceContext } from '#domain/trace-context.ts'
import type { CaseId, InstitutionId } from '#domain/words.ts'

/** By case; one that has none, or that nobody knows, is not in the map. It never changes once the case is open. */
export async function tracesOf(
  db: Db,
  institution: InstitutionId,
  ids: readonly CaseId[],
): Promise<Map<CaseId, TraceContext>> {
  if (ids.length === 0) return new Map()
  const rows = await inInstitution(db, institution, (tx) =>
    tx.orm
      .select({ id: cases.id, traceparent: cases.traceparent })
      .from(cases)
      .where(and(eq(cases.institution, institution), among(cases.id, [...ids]))),
  )
  return new Map(
    rows.flatMap(({ id, traceparent }) => {
      const context = parseTraceparent(traceparent)
      return context === undefined ? [] : [[id as CaseId, context] as const]
    }),
  )
}
