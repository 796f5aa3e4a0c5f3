/** Approvals as the gates read them; apart from decisions.ts, which itself asks the gates. */
import { and, asc, eq } from 'drizzle-orm'
import { among, type Tx } from '#db/client.ts'
import { decision } from '#db/schema/cases.ts'
import type { Approval, ApproverRole } from '#domain/case.ts'
import type { ListAct } from '#domain/list-approval.ts'
import type { CaseId, DecisionId, Loa, PersonId } from '#domain/words.ts'

/** Decisions on issuance, as the gates read them; by case, oldest first. */
export async function approvalsOf(tx: Tx, ids: readonly CaseId[]): Promise<Map<CaseId, Approval[]>> {
  if (ids.length === 0) return new Map()
  const rows = await tx.orm
    .select()
    .from(decision)
    .where(
      and(
        eq(decision.institution, tx.institution),
        among(decision.caseId, [...ids]),
        among(decision.outcome, ['approve', 'return', 'reject']),
      ),
    )
    .orderBy(asc(decision.at), asc(decision.id))
  const byCase = new Map<CaseId, Approval[]>()
  for (const row of rows) {
    const approval: Approval = {
      id: row.id as DecisionId,
      person: row.person as PersonId,
      role: row.role as ApproverRole,
      outcome: row.outcome as Approval['outcome'],
      at: row.at,
      loa: row.loa as Loa,
      evidenceVersion: row.evidenceVersion,
      seen: row.seen,
      ...(row.list === null ? {} : { list: row.list as ListAct }),
    }
    byCase.set(row.caseId as CaseId, [...(byCase.get(row.caseId as CaseId) ?? []), approval])
  }
  return byCase
}
