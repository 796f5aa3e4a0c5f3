/** Step 5: the level the facts carry, approvals assumed. Below the promise the case waits or stops and says what is missing (levels.md). */
import type { CaseList, GateOutcome } from '#activities/contracts.ts'
import { isOneRound, outcomeOf } from '#activities/gate.ts'
import { answerAll, deadline, type Wait } from '#activities/waiting.ts'
import { collectInputs } from '#db/case-input.ts'
import { setLevels } from '#db/cases.ts'
import { type Db, inInstitution } from '#db/client.ts'
import { judgedGates, type RecordedVerdict, recordVerdicts } from '#db/verdicts.ts'
import { evidenceLevelOf } from '#domain/gates/extra.ts'
import { judge } from '#domain/gates/judge.ts'

export async function judgeEvidenceLevel(db: Db, list: CaseList): Promise<GateOutcome[]> {
  return inInstitution(db, list.institution, async (tx) => {
    const inputs = await collectInputs(tx, list.cases)
    const computed = inputs.map((input) => ({
      input,
      verdict: judge('evidence-level', input),
      extra: evidenceLevelOf(input),
    }))
    const recorded = await recordVerdicts(tx, computed)
    await setLevels(
      tx,
      computed.map(({ input, extra }) => ({ caseId: input.case.id, evidenceLevel: extra.level })),
    )
    const judged = await judgedGates(tx, list.cases)
    return answerAll(
      tx,
      recorded.map((one) => {
        const { id: caseId, evidenceVersion } = one.input.case
        if (!isOneRound(one.input, before, judged)) return { caseId, outcome: 'again', evidenceVersion }
        return outcomeOf(one.verdict) === 'pass' ? { caseId, outcome: 'pass', evidenceVersion } : waitOf(one)
      }),
    )
  })
}

/** Gates of a round that come before this one. */
const before = ['open', 'identity', 'assessment', 'separation'] as const

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
