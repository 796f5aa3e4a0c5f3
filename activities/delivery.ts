/** Step 9: the case ends with its document, or with a record where the band has none; subscribers are told. */
import type { CaseList, GateOutcome } from '#activities/contracts.ts'
import { appendEntries } from '#db/audit-log.ts'
import { type CaseRow, caseRows, moveCases } from '#db/cases.ts'
import { type Db, databaseNow, inInstitution, type Tx } from '#db/client.ts'
import { credentialsOf, type StoredCredential } from '#db/credentials.ts'
import { enqueue } from '#db/outbox.ts'
import { isEnd } from '#domain/issuance/state.ts'
import type { Band } from '#domain/words.ts'
import { credentialIssued } from '#events/outgoing.ts'

export async function deliverCases(db: Db, list: CaseList): Promise<GateOutcome[]> {
  return inInstitution(db, list.institution, async (tx) => {
    const rows = await caseRows(tx, list.cases)
    const documents = await credentialsOf(tx, list.cases)
    for (const row of rows.filter(({ state }) => !isEnd(state))) {
      await deliver(
        tx,
        row,
        documents.filter(({ caseId }) => caseId === row.id),
      )
    }
    return rows.map((row) => ({ caseId: row.id, outcome: 'ended' as const, evidenceVersion: row.evidenceVersion }))
  })
}

async function deliver(tx: Tx, row: CaseRow, documents: readonly StoredCredential[]): Promise<void> {
  const [first] = documents
  const [moved] = await moveCases(tx, [
    first === undefined
      ? {
          caseId: row.id,
          to: 'recorded',
          cause: 'record-kept',
          step: 'delivery',
          entry: { type: 'case.recorded/1', data: { level: row.level ?? 'none' } },
        }
      : {
          caseId: row.id,
          to: 'issued',
          cause: 'credential-stored',
          step: 'delivery',
          entry: { type: 'case.issued/1' },
        },
  ])
  if (moved?.moved !== true || first === undefined) return
  await appendEntries(tx, [
    {
      trail: row.trail,
      id: `${row.id}:delivery:${first.id}`,
      type: 'credential.delivered/1',
      actor: { ref: 'pipeline', kind: 'service', role: 'delivery' },
      act: { meaning: 'delivered', outcome: 'success' },
      data: { credential: first.id, channel: 'file' },
    },
  ])
  const { subject, event } = credentialIssued({
    institution: tx.institution,
    caseId: row.id,
    credentialId: first.id,
    band: row.promised as Band,
    formats: documents.map(({ format }) => format),
    test: row.test,
    time: await databaseNow(tx),
  })
  await enqueue(tx, [{ id: event.id, kind: 'event', target: subject, payload: { ...event } }])
}
