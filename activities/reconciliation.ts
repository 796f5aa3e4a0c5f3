/** The nightly look at whether the record agrees with itself; what it found stands in the institution's own trail. */
import { count } from '#connectors/platform/metrics.ts'
import { appendEntries } from '#db/audit-log.ts'
import { type Db, databaseNow, inInstitution } from '#db/client.ts'
import { readInstitution } from '#db/institution.ts'
import { attempt } from '#db/queries/attempt.ts'
import { countsNow } from '#db/queries/counted.ts'
import { reconcile, usualGraceSeconds } from '#db/queries/reconciliation.ts'
import type { InstitutionId } from '#domain/words.ts'

/** The entry names kinds and counts; which ones they are, whoever looks is told (`bevis reconcile`). */
const limit = 1_000

/** @returns gaps that are overdue and discrepancies, together */
export async function reconcileInstitution(db: Db, institution: InstitutionId): Promise<number> {
  return inInstitution(db, institution, async (tx) => {
    const at = await databaseNow(tx)
    const { sources, gaps, discrepancies } = await reconcile(tx, { limit, graceSeconds: usualGraceSeconds })
    const { trail } = await readInstitution(tx)
    const overdue = gaps.filter((gap) => gap.overdue)
    const found = overdue.length + discrepancies.length
    await appendEntries(tx, [
      {
        trail,
        id: `reconciled:${at}`,
        type: 'reconciliation.done/1',
        actor: { ref: 'reconciliation', kind: 'workflow', role: 'conductor' },
        act: { meaning: 'reconciled', outcome: found === 0 ? 'agrees' : 'differs' },
        data: {
          sources: sources.length,
          ...(await attempt(tx, () => countsNow(tx))),
          gaps: overdue.length,
          missing: sources.reduce((sum, { missing }) => sum + missing, 0),
          found: discrepancies.length,
          kinds: [...new Set(discrepancies.map(({ kind }) => kind))].toSorted(),
        },
      },
    ])
    count('bevis_reconciliation_found_total', { institution }, found)
    return found
  })
}
