/** Which case a caller may reach, and in what role; without it an approver of one case could read them all (contracts §7). */

import { randomUUID } from 'node:crypto'
import { base32, hashParts } from '#audit/digest.ts'
import { currentAppointments } from '#db/appointments.ts'
import { actorRef, appendEntries, isRecorded } from '#db/audit-log.ts'
import { type CaseRow, caseRows } from '#db/cases.ts'
import type { Tx } from '#db/client.ts'
import { readInstitution } from '#db/institution.ts'
import type { CaseId } from '#domain/words.ts'
import { actorOf } from './caller.ts'
import type { Caller } from './identity.ts'
import { Problem } from './problem.ts'

export interface ReachableCase {
  readonly row: CaseRow
  /** `officer`, or what the caller is appointed to in this case. */
  readonly role: string
}

/** @throws Problem `not_found` also for a case that exists but is none of the caller's: its existence is no business of theirs */
export async function reachCase(tx: Tx, id: string, caller: Caller): Promise<ReachableCase> {
  const [row] = await caseRows(tx, [id as CaseId])
  if (row === undefined) throw new Problem('not_found')
  if (caller.roles.includes('officer')) return { row, role: 'officer' }
  const held = (await currentAppointments(tx, [row.id])).find((one) => caller.humans.includes(one.person))
  if (held === undefined) throw new Problem('not_found')
  return { row, role: held.role }
}

/** What was looked at → how the trail tells it. */
export const viewingTypes = {
  case: 'case.viewed/1',
  trail: 'trail.viewed/1',
  evidence: 'evidence.viewed/1',
  credential: 'credential.downloaded/1',
  person: 'person.viewed/1',
  event: 'event.viewed/1',
  'dead-letter': 'dead-letter.viewed/1',
  export: 'trail.exported/1',
  log: 'log.exported/1',
} as const

export interface Viewing {
  readonly caller: Caller
  readonly role: string
  /** Absent where what was looked at belongs to no case. */
  readonly caseId?: CaseId
  readonly purpose: string
  readonly what: keyof typeof viewingTypes
  /** Id of the thing itself; a person under the log's pseudonym (db/audit-log.ts, `actorRef`). */
  readonly id?: string
}

/**
 * A case names a person: who is shown it leaves a mark, one per login, case and purpose. More would bury the others, because whoever
 * works with a case reads it again after every step (audit-log §11, looks are told per session).
 */
export async function recordLook(
  tx: Tx,
  look: Omit<Viewing, 'what' | 'id'> & { readonly caseId: CaseId },
): Promise<void> {
  const { caller, caseId, purpose } = look
  const session = `${actorRef(tx.keys, tx.institution, caller.person)}/${caller.authTime}`
  const id = `viewed:${base32(hashParts(tx.institution, caseId, session, purpose).subarray(0, 16))}`
  // Asked first, so that only the first look locks the institution's trail.
  if (await isRecorded(tx, id)) return
  await record(tx, { ...look, what: 'case', id: caseId }, id)
}

/** Looking leaves a mark: in the institution's own trail, so that a case's trail tells about the case only. */
export async function recordViewing(tx: Tx, viewing: Viewing): Promise<void> {
  await record(tx, viewing, `viewed:${randomUUID()}`)
}

async function record(tx: Tx, viewing: Viewing, entryId: string): Promise<void> {
  const { trail } = await readInstitution(tx)
  const { caller, role, caseId, purpose, what, id } = viewing
  await appendEntries(tx, [
    {
      trail,
      id: entryId,
      type: viewingTypes[what],
      actor: actorOf(caller, tx, role),
      act: { meaning: `${what}-viewed`, outcome: 'success' },
      data: {
        purpose,
        what,
        ...(caseId === undefined ? {} : { case: caseId }),
        ...(id === undefined ? {} : { id }),
      },
    },
  ])
}
