/** The pipeline's part in taking a credential back: what stands in the database decides, the workflow only waits for it. */
import type { RevocationOutcome, RevocationRequest } from '#activities/contracts.ts'
import { appendEntries } from '#db/audit-log.ts'
import { caseRows } from '#db/cases.ts'
import { type Db, databaseNow, inInstitution, type Tx } from '#db/client.ts'
import { enqueue } from '#db/outbox.ts'
import { moveRevocation, type Revocation, readRevocation } from '#db/revocations.ts'
import { durations } from '#domain/policy/cell.ts'
import { credentialStatusChanged } from '#events/outgoing.ts'

/** Where the revocation stands. An unknown one is told as refused: a hand-made start has nothing to revoke. */
export async function revocationState(db: Db, request: RevocationRequest): Promise<RevocationOutcome> {
  return inInstitution(db, request.institution, async (tx) => {
    const row = await readRevocation(tx, request.revocationId)
    return { state: row?.state ?? 'refused', deadline: await deadlineOf(tx, row) }
  })
}

/** An officer has as long as the case's own rules give one, which an institution may have shortened; seconds. */
async function deadlineOf(tx: Tx, row: Revocation | undefined): Promise<number> {
  const [it] = row === undefined ? [] : await caseRows(tx, [row.caseId])
  return (it?.frozen?.profiles.byBand[it.promised].durations ?? durations).officer
}

/** Nobody approved in time. */
export async function expireRevocation(db: Db, request: RevocationRequest): Promise<void> {
  await inInstitution(db, request.institution, async (tx) => {
    const row = await readRevocation(tx, request.revocationId)
    if (row === undefined || !(await moveRevocation(tx, { id: row.id, from: 'proposed', to: 'expired' }))) return
    await append(tx, row, 'revocation.expired/1')
  })
}

/** Tells subscribers, once the status list is out. */
export async function announceRevocation(db: Db, request: RevocationRequest): Promise<void> {
  await inInstitution(db, request.institution, async (tx) => {
    const row = await readRevocation(tx, request.revocationId)
    if (row === undefined || row.state !== 'executed') return
    const [it] = await caseRows(tx, [row.caseId])
    const { subject, event } = credentialStatusChanged({
      institution: tx.institution,
      caseId: row.caseId,
      credentialId: row.credentialId,
      status: 'revoked',
      reason: row.reason,
      cause: row.id,
      time: row.effectiveAt ?? (await databaseNow(tx)),
      traceparent: it?.traceparent,
    })
    await enqueue(tx, [{ id: event.id, kind: 'event', target: subject, payload: { ...event } }])
  })
}

async function append(tx: Tx, row: Revocation, type: string): Promise<void> {
  const [it] = await caseRows(tx, [row.caseId])
  if (it === undefined) throw new TypeError(`no case ${row.caseId}`)
  await appendEntries(tx, [
    {
      trail: it.trail,
      id: `${row.caseId}:${type}:${row.id}`,
      type,
      actor: { ref: 'revocation', kind: 'workflow', role: 'conductor' },
      act: { meaning: 'revocation', outcome: row.state, reason: row.reason },
      data: { credential: row.credentialId, revocation: row.id },
    },
  ])
}
