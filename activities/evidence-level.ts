/** Step 5: the level the facts carry, approvals assumed. Below the promise the case waits or stops and says what is missing (levels.md). */
import type { CaseList, GateOutcome } from '#activities/contracts.ts'
import { isOneRound, outcomeOf } from '#activities/gate.ts'
import { deadline, markWaiting } from '#activities/waiting.ts'
import { collectInputs } from '#db/case-input.ts'
import { setLevels } from '#db/cases.ts'
import { type Db, inInstitution, type Tx } from '#db/client.ts'
import { type RecordedVerdict, recordVerdicts } from '#db/verdicts.ts'
import type { CaseInput } from '#domain/case.ts'
import { judge } from '#domain/gates/judge.ts'
import { computeLevel } from '#domain/level.ts'

export async function judgeEvidenceLevel(db: Db, list: CaseList): Promise<GateOutcome[]> {
  return inInstitution(db, list.institution, async (tx) => {
    const inputs = await collectInputs(tx, list.cases)
    const recorded = await recordVerdicts(
      tx,
      inputs.map((input) => ({ input, verdict: judge('evidence-level', input), extra: computed(input) })),
    )
    await setLevels(
      tx,
      inputs.map((input) => ({ caseId: input.case.id, evidenceLevel: computeLevel(input, 'assumed').level })),
    )
    const outcomes: GateOutcome[] = []
    for (const one of recorded) outcomes.push(await answer(tx, one))
    return outcomes
  })
}

/** Level and, for each higher band, the rules that lack something; the findings themselves are in the verdict's replay. */
function computed(input: CaseInput) {
  const { level, lacks } = computeLevel(input, 'assumed')
  return {
    level,
    lacks: lacks.map(({ band, missing }) => ({
      band,
      missing: missing.map(({ rule, outcome, because, missing: mend }) => ({
        rule,
        outcome,
        because: { ...because },
        ...(mend === undefined ? {} : { missing: { ...mend } }),
      })),
    })),
  }
}

/** Gates of a round that come before this one. */
const before = ['open', 'identity', 'assessment', 'separation'] as const

async function answer(tx: Tx, { input, verdict }: RecordedVerdict): Promise<GateOutcome> {
  const outcome = outcomeOf(verdict)
  const { id, promised, evidenceVersion, openedAt } = input.case
  if (!(await isOneRound(tx, input, before))) return { caseId: id, outcome: 'again', evidenceVersion }
  if (outcome === 'pass') return { caseId: id, outcome, evidenceVersion }
  const { durations } = input.profiles.byBand[promised]
  const rules = verdict.findings.filter((finding) => finding.outcome !== 'passed').map((finding) => finding.rule)
  const evidenceDue = deadline(openedAt, durations.evidence)
  // What is missing may come, but not for ever: the wait counts from the opening, so new evidence does not prolong it.
  const mayCome = outcome === 'wait' && evidenceDue > input.now
  return markWaiting(tx, {
    caseId: id,
    judgedVersion: evidenceVersion,
    move: mayCome
      ? { to: 'waiting', cause: 'facts-missing', step: 'evidence-level' }
      : { to: 'stopped', cause: 'gate-failed', step: 'evidence-level' },
    for: mayCome ? 'evidence' : 'officer',
    until: mayCome ? evidenceDue : deadline(input.now, durations.officer),
    detail: { missing: rules },
    reason: 'below-promise',
  })
}
