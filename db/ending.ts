/** Appointments that an officer ends. Without it a case would wait its whole deadline for somebody who has fallen ill. */
import { currentAppointments, endAppointment } from '#db/appointments.ts'
import { actorRef, appendEntries, type EntryDraft } from '#db/audit-log.ts'
import { lockHeads } from '#db/cases.ts'
import type { Tx } from '#db/client.ts'
import { registerView } from '#db/register-view.ts'
import { rejudge } from '#db/rejudge.ts'
import type { WakeUp } from '#db/wake-ups.ts'
import type { ApproverRole } from '#domain/case.ts'
import { type CaseState, isEnd } from '#domain/issuance/state.ts'
import { actsAreVoid } from '#domain/people.ts'
import type { CaseId, PersonId } from '#domain/words.ts'

export interface Ending {
  readonly caseId: CaseId
  readonly role: ApproverRole
  /** A code. */
  readonly reason: string
  readonly by: PersonId
  /** The same person as the trail names them. */
  readonly actor: EntryDraft['actor']
}

export type EndingAnswer =
  /** The case is judged again: the next of the decided list is drawn. */
  | { readonly kind: 'ended'; readonly person: PersonId; readonly wakeUps: readonly WakeUp[] }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'state'; readonly state: CaseState }
  /** Who is the learner or partial themself has no say about others: they could pick their examiner. */
  | { readonly kind: 'partial' }

/** How long the relay leaves the signal to the API, which sends it at once. */
const headStartMs = 5_000

/** Ends who holds the role, as `bevis_api`, with an entry in the person's name who ends it. Any other answer has written nothing. */
export async function endByOfficer(tx: Tx, { caseId, role, reason, by, actor }: Ending): Promise<EndingAnswer> {
  const row = (await lockHeads(tx, [caseId])).get(caseId)
  if (row === undefined) return { kind: 'not-found' }
  if (isEnd(row.state)) return { kind: 'state', state: row.state }
  const register = await registerView(tx, [by, row.person], [row.achievement])
  if (actsAreVoid(register, by, row.person)) return { kind: 'partial' }
  const held = (await currentAppointments(tx, [caseId])).find((one) => one.role === role)
  if (held === undefined) return { kind: 'nobody' }
  await endAppointment(tx, held, reason)
  const [rejudged] = await rejudge(tx, [row], headStartMs)
  if (rejudged === undefined) throw new Error('a running case was not judged again')
  await appendEntries(tx, [
    {
      trail: row.trail,
      id: `${caseId}:approver-ended:${rejudged.version}`,
      type: 'approver.ended/1',
      actor,
      act: { meaning: 'approver-ended', outcome: 'judged-again', reason },
      data: {
        role,
        person: actorRef(tx.keys, tx.institution, held.person),
        evidenceVersion: rejudged.version,
      },
    },
  ])
  return { kind: 'ended', person: held.person, wakeUps: [rejudged.wakeUp] }
}
