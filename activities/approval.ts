/** Step 6: who is asked to decide, and whether everybody who must has approved what is on record now (contracts §5, §7). */
import type { CaseList, GateOutcome } from '#activities/contracts.ts'
import { isOneRound } from '#activities/gate.ts'
import { answerAll, deadline, type Wait } from '#activities/waiting.ts'
import { type AppointmentDraft, appoint, endAppointment, everAppointed } from '#db/appointments.ts'
import { collectInputs } from '#db/case-input.ts'
import { type Db, inInstitution, type Tx } from '#db/client.ts'
import { judgedGates, recordVerdicts } from '#db/verdicts.ts'
import type { ApproverRole, CaseInput } from '#domain/case.ts'
import { drawApprover, nextSlot, separationOf } from '#domain/draw.ts'
import { factGates, judge } from '#domain/gates/judge.ts'

export async function judgeApproval(db: Db, list: CaseList): Promise<GateOutcome[]> {
  return inInstitution(db, list.institution, async (tx) => {
    const inputs = await collectInputs(tx, list.cases)
    const before = await judgedGates(tx, list.cases)
    // Nobody is asked to decide on facts that came after the gates looked.
    const isReady = (input: CaseInput) => isOneRound(input, factGates, before)
    const stale = inputs.filter((input) => !isReady(input))
    const judged = inputs.filter(isReady).map((input) => ({ input, verdict: judge('approval', input) }))
    // The verdict is recorded when the gate passes: until then it is a wait, not a judgement.
    const passed = judged.filter(({ verdict }) => verdict.outcome === 'pass')
    await recordVerdicts(tx, passed)
    const undecided = judged.filter(({ verdict }) => verdict.outcome !== 'pass').map(({ input }) => input)
    const waits = await ask(tx, undecided)
    return answerAll(tx, [
      ...passed.map(({ input: { case: it } }): GateOutcome => {
        return { caseId: it.id, outcome: 'pass', evidenceVersion: it.evidenceVersion }
      }),
      ...stale.map(({ case: it }): GateOutcome => {
        return { caseId: it.id, outcome: 'again', evidenceVersion: it.evidenceVersion }
      }),
      ...waits,
    ])
  })
}

/** Keeps who holds the role while nothing speaks against them; else the next eligible one of the decided list, by the recorded rule. */
async function ask(tx: Tx, inputs: readonly CaseInput[]): Promise<Wait[]> {
  const ids = inputs.map((input) => input.case.id)
  const history = await everAppointed(tx, ids)
  const waits: Wait[] = []
  const drawn: AppointmentDraft[] = []
  for (const input of inputs) {
    const roles = nextSlot(input) ?? []
    const before = history.filter(({ caseId, role }) => caseId === input.case.id && roles.includes(role))
    const held = before.find(({ ended }) => ended === undefined)
    if (held !== undefined && separationOf(input, held.person, held.role).length === 0) {
      waits.push(asked(input, held.role))
      continue
    }
    if (held !== undefined) await endAppointment(tx, held, 'separation')
    const draw = drawApprover(
      input,
      roles,
      before.map(({ person }) => person),
    )
    if (draw.kind === 'nobody') waits.push(nobody(input, roles))
    else {
      const { role, person, rule } = draw
      drawn.push({ caseId: input.case.id, role, person, rule, because: held === undefined ? 'drawn' : 'separation' })
      waits.push(asked(input, role))
    }
  }
  await appoint(tx, drawn)
  return waits
}

function asked(input: CaseInput, role: ApproverRole): Wait {
  const { durations } = input.profiles.byBand[input.case.promised]
  const until = deadline(input.now, durations.approval)
  return {
    caseId: input.case.id,
    judgedVersion: input.case.evidenceVersion,
    move: { to: 'deciding', cause: 'approval-demanded', step: 'approval' },
    for: 'approver',
    until,
    detail: { role },
    reason: 'approval-demanded',
    remindAt: deadline(until, -durations.reminder),
  }
}

function nobody(input: CaseInput, roles: readonly ApproverRole[]): Wait {
  const { durations } = input.profiles.byBand[input.case.promised]
  return {
    caseId: input.case.id,
    judgedVersion: input.case.evidenceVersion,
    move: { to: 'stopped', cause: 'gate-failed', step: 'approval' },
    for: 'officer',
    until: deadline(input.now, durations.officer),
    detail: { roles },
    reason: 'nobody-eligible',
  }
}
