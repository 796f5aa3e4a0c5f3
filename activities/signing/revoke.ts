/** Step R3 and R4: sets the bit of a credential that two officers took back, and publishes the lists that changed. */
import type { RevocationOutcome, RevocationRequest } from '#activities/contracts.ts'
import type { SigningDependencies } from '#activities/signing/dependencies.ts'
import { verifyTrail } from '#audit/verify-trail.ts'
import { signStatusList } from '#credentials/status/list-credential.ts'
import { actorRef, appendEntries } from '#db/audit-log.ts'
import { caseRows } from '#db/cases.ts'
import { databaseNow, inInstitution, type Tx } from '#db/client.ts'
import { moveRevocation, type Revocation, readRevocation, successorIn } from '#db/revocations.ts'
import { type DueList, dueLists, setSlot, storePublished } from '#db/status-lists.ts'
import { wholeTrails } from '#db/trails.ts'
import { durations } from '#domain/policy/cell.ts'
import { plusSeconds } from '#domain/time.ts'
import type { Instant, InstitutionId, PersonId } from '#domain/words.ts'

/** A list is signed again before its validity (a week) is half over. */
const listValidSeconds = 7 * 86_400
const refreshAfterSeconds = 2 * 86_400
/** How long a verifier may keep a list without asking again, in milliseconds (Bitstring Status List 1.0, ttl). */
const ttlMs = 60_000

/** Executes only what stands approved in the database and is told in the trail; a hand-made request, or a hand-made row, finds nothing to do. */
export async function revokeCredential(
  { db }: SigningDependencies,
  request: RevocationRequest,
): Promise<RevocationOutcome> {
  return inInstitution(db, request.institution, async (tx) => {
    const row = await readRevocation(tx, request.revocationId)
    if (row === undefined || !isApproved(row)) return { state: row?.state ?? 'refused', deadline: durations.officer }
    if (!(await isToldByTwo(tx, row))) return { state: 'refused', deadline: durations.officer }
    if (await moveRevocation(tx, { id: row.id, from: 'approved', to: 'executed' })) {
      await setSlot(tx, row.credentialId)
      await append(tx, row)
    }
    return { state: 'executed', deadline: durations.officer }
  })
}

/** Two persons, whatever the state column says. */
function isApproved({ state, proposedBy, approvedBy }: Revocation): boolean {
  return (state === 'approved' || state === 'executed') && approvedBy !== undefined && approvedBy !== proposedBy
}

/** Both persons' own acts stand in the case's trail, under the pseudonyms the log has for them: a row of a table is nobody's word. */
async function isToldByTwo(tx: Tx, row: Revocation): Promise<boolean> {
  const [it] = await caseRows(tx, [row.caseId])
  const whole = it === undefined ? undefined : (await wholeTrails(tx, [it.trail])).get(it.trail)
  if (whole === undefined) return false
  const { outcome, entries } = verifyTrail(whole.leaves, whole.expected)
  const isToldBy = (type: string, person: PersonId | undefined) =>
    entries.some(
      ({ actor, data = {}, ...entry }) =>
        entry.type === type &&
        actor.kind === 'human' &&
        person !== undefined &&
        actor.ref === actorRef(tx.keys, tx.institution, person) &&
        data['revocation'] === row.id &&
        data['credential'] === row.credentialId &&
        data['successor'] === row.successor,
    )
  return (
    outcome !== 'failed' &&
    isToldBy('revocation.proposed/1', row.proposedBy) &&
    isToldBy('revocation.approved/1', row.approvedBy)
  )
}

async function append(tx: Tx, row: Revocation): Promise<void> {
  const [it] = await caseRows(tx, [row.caseId])
  if (it === undefined) throw new TypeError(`no case ${row.caseId}`)
  await appendEntries(tx, [
    {
      trail: it.trail,
      id: `${row.caseId}:revoked:${row.id}`,
      type: 'credential.revoked/1',
      actor: { ref: 'signing', kind: 'service', role: 'signer' },
      act: { meaning: 'revoked', outcome: 'success', reason: row.reason },
      data: { credential: row.credentialId, revocation: row.id, ...successorIn(row) },
    },
  ])
}

/** Signs each due list once; many revocations before it become one publication. */
export async function publishLists(
  dependencies: SigningDependencies,
  institution: InstitutionId,
): Promise<{ published: string[] }> {
  const { db } = dependencies
  const { at, lists } = await inInstitution(db, institution, async (tx) => {
    const now = await databaseNow(tx)
    return { at: now, lists: await dueLists(tx, plusSeconds(now, -refreshAfterSeconds)) }
  })
  const published: string[] = []
  for (const list of lists) {
    const signed = await signList(dependencies, { institution, at, list })
    if (signed === undefined) continue
    await inInstitution(db, institution, (tx) => storePublished(tx, { id: list.id, version: list.version, signed }))
    published.push(list.id)
  }
  return { published }
}

async function signList(
  { keys, publicUrl }: SigningDependencies,
  { institution, at, list }: { institution: InstitutionId; at: Instant; list: DueList },
): Promise<string | undefined> {
  const key = await keys.activeKey(institution, at)
  if (key === undefined) return undefined
  const issuer = `${publicUrl}/institutions/${institution}`
  return signStatusList(
    {
      url: `${issuer}/status-lists/${list.id}`,
      issuer,
      purpose: 'revocation',
      set: list.set,
      size: list.size,
      at,
      validUntil: plusSeconds(at, listValidSeconds),
      ttl: ttlMs,
    },
    key,
  )
}
