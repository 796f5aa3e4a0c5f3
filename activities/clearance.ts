/** Step 7: the level with the approvals that were given, and the one entry that says that everything demanded has passed (contracts §8). */
import type { CaseList, GateOutcome } from '#activities/contracts.ts'
import { isOneRound, outcomeOf } from '#activities/gate.ts'
import { deadline, markWaiting } from '#activities/waiting.ts'
import { appendEntries } from '#db/audit-log.ts'
import { collectInputs } from '#db/case-input.ts'
import { caseRows, moveCases, setLevels } from '#db/cases.ts'
import { type Db, inInstitution, type Tx } from '#db/client.ts'
import { credentialId } from '#db/ids.ts'
import { type RecordedVerdict, readVerdicts, recordVerdicts } from '#db/verdicts.ts'
import type { CaseInput } from '#domain/case.ts'
import { type CaseGate, caseGates, judge } from '#domain/gates/judge.ts'
import { computeLevel } from '#domain/level.ts'

export async function clearCases(db: Db, list: CaseList): Promise<GateOutcome[]> {
  return inInstitution(db, list.institution, async (tx) => {
    const outcomes: GateOutcome[] = []
    for (const input of await collectInputs(tx, list.cases)) outcomes.push(await clear(tx, input))
    return outcomes
  })
}

/** Judged with the facts and the register of this moment: separation once more before signing (contracts §5). */
async function clear(tx: Tx, input: CaseInput): Promise<GateOutcome> {
  const { level } = computeLevel(input, 'actual')
  const verdict = judge('level', input)
  if (outcomeOf(verdict) !== 'pass') return stopped(tx, input)
  const { id: caseId, evidenceVersion } = input.case
  if (!(await isOneRound(tx, input, before(input)))) return { caseId, outcome: 'again', evidenceVersion }
  const [recorded] = await recordVerdicts(tx, [{ input, verdict, extra: { level } }])
  await setLevels(tx, [{ caseId, level }])
  const [moved] = await moveCases(tx, [
    {
      caseId,
      to: 'cleared',
      cause: 'all-passed',
      step: 'clearance',
      judgedVersion: evidenceVersion,
      entry: { type: 'case.cleared/1' },
    },
  ])
  if (moved === undefined || recorded === undefined || (!moved.moved && moved.because === 'version-moved')) {
    return { caseId, outcome: 'again', evidenceVersion }
  }
  await record(tx, recorded)
  return { caseId, outcome: 'pass', evidenceVersion }
}

/** Every gate the signer will replay, but the last, which is judged here. */
function before({ profiles, case: it }: CaseInput): CaseGate[] {
  const needsApproval = profiles.byBand[it.promised].approvers.demand.roles.length > 0
  return caseGates.filter((gate) => gate !== 'level' && (gate !== 'approval' || needsApproval))
}

/** What the signer demands: level, evidence version, the verdicts' entries, the credential that may be signed. */
async function record(tx: Tx, { input, extra }: RecordedVerdict): Promise<void> {
  const { id: caseId, evidenceVersion } = input.case
  const [row] = await caseRows(tx, [caseId])
  if (row === undefined) throw new TypeError(`no case ${caseId}`)
  const verdicts = (await readVerdicts(tx, [caseId])).filter((one) => one.evidenceVersion === evidenceVersion)
  const document = input.profiles.byBand[input.case.promised].term !== 'none'
  await appendEntries(tx, [
    {
      trail: row.trail,
      id: `${caseId}:clearance:${evidenceVersion}`,
      type: 'issuance.cleared/1',
      actor: { ref: 'pipeline', kind: 'service', role: 'clearance' },
      act: { meaning: 'cleared', outcome: 'success' },
      data: {
        level: typeof extra['level'] === 'string' ? extra['level'] : 'none',
        evidenceVersion,
        verdicts: verdicts.map(({ entry }) => entry).toSorted(),
        credentials: document ? [credentialId(caseId, input.achievement.version, 0)] : [],
      },
    },
  ])
}

async function stopped(tx: Tx, input: CaseInput): Promise<GateOutcome> {
  const { durations } = input.profiles.byBand[input.case.promised]
  const rules = judge('level', input)
    .findings.filter(({ outcome }) => outcome !== 'passed')
    .map(({ rule }) => rule)
  return markWaiting(tx, {
    caseId: input.case.id,
    judgedVersion: input.case.evidenceVersion,
    move: { to: 'stopped', cause: 'gate-failed', step: 'clearance' },
    for: 'officer',
    until: deadline(input.now, durations.officer),
    detail: { missing: rules },
    reason: 'below-promise',
  })
}
