/**
 * Steps 2 to 5: the gates that ask nobody, over one collection of facts and in one transaction (docs/decisions/0085). Each has its own
 * verdict and entry. The last, the level the facts carry with approvals assumed, says how the case goes on: below the promise it waits
 * or stops and says what is missing (levels.md).
 */
import type { CaseList, GateOutcome } from '#activities/contracts.ts'
import { isOneRound, outcomeOf } from '#activities/gate.ts'
import { answerAll, deadline, type Wait } from '#activities/waiting.ts'
import { collectInputs } from '#db/case-input.ts'
import { setLevels } from '#db/cases.ts'
import { type Db, inInstitution } from '#db/client.ts'
import { type JudgedCase, judgedGates, type RecordedVerdict, recordVerdicts } from '#db/verdicts.ts'
import { evidenceLevelOf } from '#domain/gates/extra.ts'
import { automaticGates, factGates, judge } from '#domain/gates/judge.ts'

/** All of them are judged, whatever the first ones say, so that what is missing is known as a whole. */
export async function judgeAutomatic(db: Db, list: CaseList): Promise<GateOutcome[]> {
  return inInstitution(db, list.institution, async (tx) => {
    const computed = (await collectInputs(tx, list.cases)).map((input) => ({ input, extra: evidenceLevelOf(input) }))
    const recorded = await recordVerdicts(tx, computed.flatMap(allOf))
    await setLevels(
      tx,
      computed.map(({ input, extra }) => ({ caseId: input.case.id, evidenceLevel: extra.level })),
    )
    const judged = await judgedGates(tx, list.cases)
    return answerAll(
      tx,
      recorded.filter(({ verdict }) => verdict.gate === 'evidence-level').map((one) => answerOf(one, judged)),
    )
  })
}

type Computed = Required<Pick<JudgedCase, 'input' | 'extra'>>

function allOf({ input, extra }: Computed): JudgedCase[] {
  return automaticGates.map((gate) => {
    const verdict = judge(gate, input)
    return gate === 'evidence-level' ? { input, verdict, extra } : { input, verdict }
  })
}

function answerOf(one: RecordedVerdict, judged: Awaited<ReturnType<typeof judgedGates>>): GateOutcome | Wait {
  const { id: caseId, evidenceVersion } = one.input.case
  if (!isOneRound(one.input, factGates, judged)) return { caseId, outcome: 'again', evidenceVersion }
  return outcomeOf(one.verdict) === 'pass' ? { caseId, outcome: 'pass', evidenceVersion } : waitOf(one)
}

function waitOf({ input, verdict }: RecordedVerdict): Wait {
  const { id, promised, evidenceVersion, openedAt } = input.case
  const { durations } = input.profiles.byBand[promised]
  const rules = verdict.findings.filter((finding) => finding.outcome !== 'passed').map((finding) => finding.rule)
  const evidenceDue = deadline(openedAt, durations.evidence)
  // What is missing may come, but not for ever: the wait counts from the opening, so new evidence does not prolong it.
  const mayCome = outcomeOf(verdict) === 'wait' && evidenceDue > input.now
  return {
    caseId: id,
    judgedVersion: evidenceVersion,
    move: mayCome
      ? { to: 'waiting', cause: 'facts-missing', step: 'evidence-level' }
      : { to: 'stopped', cause: 'gate-failed', step: 'evidence-level' },
    for: mayCome ? 'evidence' : 'officer',
    until: mayCome ? evidenceDue : deadline(input.now, durations.officer),
    detail: { missing: rules },
    reason: 'below-promise',
  }
}
