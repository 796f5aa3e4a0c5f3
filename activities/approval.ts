/** Step 6: who is asked to decide, and whether everybody who must has approved what is on record now (contracts §5, §7). */
import type { CaseList, GateOutcome } from '#activities/contracts.ts'
import { deadline, markWaiting } from '#activities/waiting.ts'
import { appoint, currentAppointments, endAppointment, everAppointed } from '#db/appointments.ts'
import { collectInputs } from '#db/case-input.ts'
import { type Db, inInstitution, type Tx } from '#db/client.ts'
import { recordVerdicts } from '#db/verdicts.ts'
import type { ApproverRole, CaseInput } from '#domain/case.ts'
import { drawApprover, nextSlot, separationOf } from '#domain/draw.ts'
import { judge } from '#domain/gates/judge.ts'

export async function judgeApproval(db: Db, list: CaseList): Promise<GateOutcome[]> {
  return inInstitution(db, list.institution, async (tx) => {
    const outcomes: GateOutcome[] = []
    for (const input of await collectInputs(tx, list.cases)) outcomes.push(await approve(tx, input))
    return outcomes
  })
}

/** The verdict is recorded when the gate passes: until then it is a wait, not a judgement. */
async function approve(tx: Tx, input: CaseInput): Promise<GateOutcome> {
  const verdict = judge('approval', input)
  if (verdict.outcome === 'pass') {
    await recordVerdicts(tx, [{ input, verdict }])
    return { caseId: input.case.id, outcome: 'pass', evidenceVersion: input.case.evidenceVersion }
  }
  return ask(tx, input, nextSlot(input) ?? [])
}

/** Keeps who holds the role while nothing speaks against them; else the next eligible one of the decided list, by the recorded rule. */
async function ask(tx: Tx, input: CaseInput, roles: readonly ApproverRole[]): Promise<GateOutcome> {
  const held = (await currentAppointments(tx, [input.case.id])).find(({ role }) => roles.includes(role))
  if (held !== undefined) {
    if (separationOf(input, held.person, held.role).length === 0) return decide(tx, input, held.role)
    await endAppointment(tx, held, 'separation')
  }
  const passedOver = (await everAppointed(tx, [input.case.id])).filter(({ role }) => roles.includes(role))
  const draw = drawApprover(
    input,
    roles,
    passedOver.map(({ person }) => person),
  )
  if (draw.kind === 'nobody') return nobody(tx, input, roles)
  await appoint(tx, [
    {
      caseId: input.case.id,
      role: draw.role,
      person: draw.person,
      rule: draw.rule,
      because: held === undefined ? 'drawn' : 'separation',
    },
  ])
  return decide(tx, input, draw.role)
}

async function decide(tx: Tx, input: CaseInput, role: ApproverRole): Promise<GateOutcome> {
  const { durations } = input.profiles.byBand[input.case.promised]
  const until = deadline(input.now, durations.approval)
  return markWaiting(tx, {
    caseId: input.case.id,
    judgedVersion: input.case.evidenceVersion,
    move: { to: 'deciding', cause: 'approval-demanded', step: 'approval' },
    for: 'approver',
    until,
    detail: { role },
    reason: 'approval-demanded',
    remindAt: deadline(until, -durations.reminder),
  })
}

async function nobody(tx: Tx, input: CaseInput, roles: readonly ApproverRole[]): Promise<GateOutcome> {
  const { durations } = input.profiles.byBand[input.case.promised]
  return markWaiting(tx, {
    caseId: input.case.id,
    judgedVersion: input.case.evidenceVersion,
    move: { to: 'stopped', cause: 'gate-failed', step: 'approval' },
    for: 'officer',
    until: deadline(input.now, durations.officer),
    detail: { roles },
    reason: 'nobody-eligible',
  })
}
