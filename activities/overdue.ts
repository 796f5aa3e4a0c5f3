/** What a passed deadline does: evidence → an officer, an approver → the next one, an officer → escalation. No wait ends in silence. */
import type { CaseList, GateOutcome } from '#activities/contracts.ts'
import { deadline, markWaiting, told } from '#activities/waiting.ts'
import { currentAppointments, endAppointment } from '#db/appointments.ts'
import { appendEntries } from '#db/audit-log.ts'
import { collectInputs } from '#db/case-input.ts'
import { type CaseRow, lockCases } from '#db/cases.ts'
import { type Db, inInstitution, type Tx } from '#db/client.ts'
import { decisionsOf, unapplied } from '#db/decisions.ts'
import { prolongWait } from '#db/waits.ts'
import type { CaseInput } from '#domain/case.ts'

export async function escalateCases(db: Db, list: CaseList): Promise<GateOutcome[]> {
  return inInstitution(db, list.institution, async (tx) => {
    const rows = await lockCases(tx, list.cases)
    const inputs = await collectInputs(tx, list.cases)
    const decisions = await decisionsOf(tx, list.cases)
    const outcomes: GateOutcome[] = []
    for (const row of rows) {
      const input = inputs.find((one) => one.case.id === row.id)
      const here = decisions.filter(({ caseId }) => caseId === row.id)
      // Decided at the last moment: a new wait would leave the decision behind.
      if (unapplied(row, here).length > 0) outcomes.push(again(row))
      else outcomes.push(input === undefined ? told(row) : await escalate(tx, row, input))
    }
    return outcomes
  })
}

function again({ id, evidenceVersion }: CaseRow): GateOutcome {
  return { caseId: id, outcome: 'again', evidenceVersion }
}

async function escalate(tx: Tx, row: CaseRow, input: CaseInput): Promise<GateOutcome> {
  // The clocks of two servers differ a little: a deadline that has not passed here is waited for.
  if (row.waitingUntil === undefined || row.waitingUntil > input.now) return told(row)
  if (row.state === 'waiting') return toOfficer(tx, row, input, 'evidence-overdue')
  if (row.state === 'deciding') return releaseApprover(tx, row, input)
  return row.state === 'stopped' ? officerOverdue(tx, row, input) : told(row)
}

async function toOfficer(tx: Tx, row: CaseRow, input: CaseInput, reason: string): Promise<GateOutcome> {
  const { durations } = input.profiles.byBand[input.case.promised]
  const [outcome] = await markWaiting(tx, [
    {
      caseId: row.id,
      judgedVersion: row.evidenceVersion,
      move: { to: 'stopped', cause: 'overdue', step: row.step },
      for: 'officer',
      until: deadline(input.now, durations.officer),
      reason,
    },
  ])
  return outcome ?? told(row)
}

/** The appointment lapses; an officer sees the case at once and may appoint, or let the next one of the list be drawn. */
async function releaseApprover(tx: Tx, row: CaseRow, input: CaseInput): Promise<GateOutcome> {
  for (const held of await currentAppointments(tx, [row.id])) await endAppointment(tx, held, 'overdue')
  return toOfficer(tx, row, input, 'approval-overdue')
}

/** The case goes on waiting for an officer, louder: a new deadline, an entry and an event each time. */
async function officerOverdue(tx: Tx, row: CaseRow, input: CaseInput): Promise<GateOutcome> {
  const { durations } = input.profiles.byBand[input.case.promised]
  const until = deadline(input.now, durations.officer)
  await prolongWait(tx, row.id, until)
  await appendEntries(tx, [entry(row, 'case.escalated/1', { for: 'officer' })])
  return { caseId: row.id, outcome: 'stop', evidenceVersion: row.evidenceVersion, for: 'officer', until }
}

/** A reminder to who holds the role, before the deadline; once per wait. */
export async function remindApprovers(db: Db, list: CaseList): Promise<void> {
  await inInstitution(db, list.institution, async (tx) => {
    const rows = await lockCases(tx, list.cases)
    const held = await currentAppointments(tx, list.cases)
    const drafts = rows.flatMap((row) => {
      const role = held.find(({ caseId }) => caseId === row.id)?.role
      return row.state !== 'deciding' || role === undefined ? [] : [entry(row, 'approver.reminded/1', { role })]
    })
    await appendEntries(tx, drafts)
  })
}

function entry(row: CaseRow, type: string, data: { readonly [name: string]: string }) {
  return {
    trail: row.trail,
    id: `${row.id}:${type.split('/')[0]}:${row.waitingUntil ?? row.evidenceVersion}`,
    type,
    actor: { ref: 'issuance', kind: 'workflow' as const, role: 'conductor' },
    act: { meaning: type.split('/')[0] ?? type, outcome: 'success' },
    data,
  }
}
