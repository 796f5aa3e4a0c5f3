/** Step 9: the case ends with its document, or with a record where the band has none; subscribers are told. */
import type { CaseList, GateOutcome } from '#activities/contracts.ts'
import { appendEntries } from '#db/audit-log.ts'
import { type CaseRow, caseRows, type Move, moveCases } from '#db/cases.ts'
import { type Db, inInstitution, type Tx } from '#db/client.ts'
import { credentialsOf, type StoredCredential } from '#db/credentials.ts'
import { enqueue } from '#db/outbox.ts'
import { isEnd } from '#domain/issuance/state.ts'
import type { CaseId } from '#domain/words.ts'
import { credentialIssued } from '#events/outgoing.ts'

export async function deliverCases(db: Db, list: CaseList): Promise<GateOutcome[]> {
  return inInstitution(db, list.institution, async (tx) => {
    const rows = await caseRows(tx, list.cases)
    const documents = byCase(await credentialsOf(tx, list.cases))
    const running = rows.filter(({ state }) => !isEnd(state))
    const moved = await moveCases(
      tx,
      running.map((row) => endOf(row, documents.has(row.id))),
    )
    const ended = new Set(moved.filter((one) => one.moved).map(({ caseId }) => caseId))
    await handOver(
      tx,
      running.flatMap((row) => {
        const [first, ...others] = documents.get(row.id) ?? []
        return first === undefined || !ended.has(row.id)
          ? []
          : [{ row, first, formats: [first, ...others].map(({ format }) => format) }]
      }),
    )
    return rows.map((row) => ({ caseId: row.id, outcome: 'ended' as const, evidenceVersion: row.evidenceVersion }))
  })
}

function endOf(row: CaseRow, hasDocument: boolean): Move {
  const step = { caseId: row.id, step: 'delivery' }
  // The delivery, told in the same transaction, is the last of it.
  const entry = { type: 'case.issued/1', seals: false }
  if (hasDocument) return { ...step, to: 'issued', cause: 'credential-stored', entry }
  const data = { level: row.level ?? 'none' }
  return { ...step, to: 'recorded', cause: 'record-kept', entry: { type: 'case.recorded/1', data } }
}

function byCase(stored: readonly StoredCredential[]): Map<CaseId, StoredCredential[]> {
  const documents = new Map<CaseId, StoredCredential[]>()
  for (const one of stored) documents.set(one.caseId, [...(documents.get(one.caseId) ?? []), one])
  return documents
}

interface Handed {
  readonly row: CaseRow
  readonly first: StoredCredential
  readonly formats: readonly string[]
}

async function handOver(tx: Tx, handed: readonly Handed[]): Promise<void> {
  const [delivered] = await appendEntries(
    tx,
    handed.map(({ row, first }) => ({
      trail: row.trail,
      id: `${row.id}:delivery:${first.id}`,
      type: 'credential.delivered/1',
      actor: { ref: 'pipeline', kind: 'service', role: 'delivery' },
      act: { meaning: 'delivered', outcome: 'success' },
      data: { credential: first.id, channel: 'file' },
      seals: true,
    })),
  )
  if (delivered === undefined) return
  await enqueue(
    tx,
    handed.map(({ row, first, formats }) => {
      const { subject, event } = credentialIssued({
        institution: tx.institution,
        caseId: row.id,
        credentialId: first.id,
        band: row.promised,
        formats,
        test: row.test,
        time: delivered.at,
        traceparent: row.traceparent,
      })
      return { id: event.id, kind: 'event', target: subject, payload: { ...event } }
    }),
  )
}
