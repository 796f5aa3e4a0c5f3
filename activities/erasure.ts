/** The pipeline's part in an erasure: what stands in the database decides, the workflow only waits for it. */
import type { ErasureOutcome, ErasureRequest } from '#activities/contracts.ts'
import { appendEntries } from '#db/audit-log.ts'
import { type Db, inInstitution, type Tx } from '#db/client.ts'
import { carryOut, ErasureRefused } from '#db/erasing.ts'
import { type Erasure, endErasure, readErasure } from '#db/erasures.ts'
import { readInstitution } from '#db/institution.ts'
import { profilesInForce } from '#db/profiles.ts'

/** Where the erasure stands. An unknown one is told as refused: a hand-made start has nothing to erase. */
export async function erasureState(db: Db, request: ErasureRequest): Promise<ErasureOutcome> {
  return inInstitution(db, request.institution, async (tx) => {
    const row = await readErasure(tx, request.erasureId)
    return { state: row?.state ?? 'refused', deadline: await deadlineOf(tx) }
  })
}

/** As long as the institution gives an officer, in the band where it gives the least; seconds. */
async function deadlineOf(tx: Tx): Promise<number> {
  const { byBand } = await profilesInForce(tx)
  return Math.min(...Object.values(byBand).map(({ durations: { officer } }) => officer))
}

/** Nobody decided in time. */
export async function expireErasure(db: Db, request: ErasureRequest): Promise<void> {
  await inInstitution(db, request.institution, async (tx) => {
    const row = await readErasure(tx, request.erasureId)
    if (row === undefined || !(await endErasure(tx, { id: row.id, from: 'proposed', to: 'expired' }))) return
    await append(tx, row, { type: 'erasure.expired/1', outcome: 'expired' })
  })
}

/** What has come in between since two persons decided ends it; whoever still wants it proposes anew. */
export async function eraseApproved(db: Db, request: ErasureRequest): Promise<void> {
  try {
    await inInstitution(db, request.institution, (tx) => carryOut(tx, request.erasureId))
  } catch (error) {
    if (!(error instanceof ErasureRefused)) throw error
    if (error.because !== 'not-approved') await block(db, request, error.because)
  }
}

async function block(db: Db, request: ErasureRequest, because: string): Promise<void> {
  await inInstitution(db, request.institution, async (tx) => {
    const row = await readErasure(tx, request.erasureId)
    if (row === undefined) return
    if (!(await endErasure(tx, { id: row.id, from: 'approved', to: 'blocked', because }))) return
    await append(tx, row, { type: 'erasure.blocked/1', outcome: 'blocked', reason: because })
  })
}

async function append(
  tx: Tx,
  row: Erasure,
  { type, outcome, reason }: { readonly type: string; readonly outcome: string; readonly reason?: string },
): Promise<void> {
  const { trail } = await readInstitution(tx)
  await appendEntries(tx, [
    {
      trail,
      id: `${row.id}:${outcome}`,
      type,
      actor: { ref: 'erasure', kind: 'workflow', role: 'conductor' },
      act: { meaning: 'erasure', outcome, ...(reason === undefined ? {} : { reason }) },
      data: { erasure: row.id },
    },
  ])
}
