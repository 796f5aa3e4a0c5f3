/** Step 7: the level with the approvals that were given, and the one entry that says that everything demanded has passed (contracts §8). */
import type { CaseList, GateOutcome } from '#activities/contracts.ts'
import { isOneRound, outcomeOf } from '#activities/gate.ts'
import { answerAll, deadline, type Wait } from '#activities/waiting.ts'
import { appendEntries } from '#db/audit-log.ts'
import { collectInputs } from '#db/case-input.ts'
import { lockStandings, type Moved, moveCases, setLevels } from '#db/cases.ts'
import { type Db, inInstitution, type Tx } from '#db/client.ts'
import { credentialId } from '#db/ids.ts'
import { askForCheckpoint } from '#db/log.ts'
import { type JudgedCase, judgedGates, type RecordedVerdict, recordVerdicts } from '#db/verdicts.ts'
import type { CaseInput } from '#domain/case.ts'
import { clearedLevelOf } from '#domain/gates/extra.ts'
import { type CaseGate, caseGates, judge } from '#domain/gates/judge.ts'
import type { Verdict } from '#domain/gates/verdict.ts'
import type { CaseId, Level } from '#domain/words.ts'

/** Judged with the facts and the register of this moment: separation once more before signing (contracts §5). */
export async function clearCases(db: Db, list: CaseList): Promise<GateOutcome[]> {
  return inInstitution(db, list.institution, async (tx) => {
    const [inputs, judged] = await Promise.all([collectInputs(tx, list.cases), judgedGates(tx, list.cases)])
    const verdicts = inputs.map((input) => ({ input, verdict: judge('level', input) }))
    const ready = verdicts.filter(({ input, verdict }) => {
      return outcomeOf(verdict) === 'pass' && isOneRound(input, before(input), judged)
    })
    const cleared = await clear(tx, ready)
    return answerAll(
      tx,
      verdicts.map(({ input, verdict }) => {
        const { id: caseId, evidenceVersion } = input.case
        if (outcomeOf(verdict) !== 'pass') return belowPromise(input, verdict)
        return { caseId, outcome: cleared.has(caseId) ? 'pass' : 'again', evidenceVersion }
      }),
    )
  })
}

/** Those that are cleared now, or were before. */
async function clear(tx: Tx, ready: readonly JudgedCase[]): Promise<ReadonlySet<CaseId>> {
  const recorded = await recordVerdicts(
    tx,
    ready.map((one) => ({ ...one, extra: clearedLevelOf(one.input) })),
  )
  const levels = recorded.map(({ input, extra }) => ({ caseId: input.case.id, level: extra['level'] as Level }))
  await setLevels(tx, levels)
  const moved = await moveCases(
    tx,
    ready.map(({ input: { case: it } }) => ({
      caseId: it.id,
      to: 'cleared',
      cause: 'all-passed',
      step: 'clearance',
      judgedVersion: it.evidenceVersion,
      entry: { type: 'case.cleared/1' },
    })),
  )
  const stale = new Set(moved.filter(isStale).map(({ caseId }) => caseId))
  const cleared = recorded.filter(({ input }) => !stale.has(input.case.id))
  await record(tx, cleared)
  return new Set(cleared.map(({ input }) => input.case.id))
}

function isStale(moved: Moved): boolean {
  return !moved.moved && moved.because === 'version-moved'
}

/** Every gate the signer will replay, but the last, which is judged here. */
function before({ profiles, case: it }: CaseInput): CaseGate[] {
  const needsApproval = profiles.byBand[it.promised].approvers.demand.roles.length > 0
  return caseGates.filter((gate) => gate !== 'level' && (gate !== 'approval' || needsApproval))
}

/** What the signer demands: level, evidence version, the verdicts' entries, the credential that may be signed. */
async function record(tx: Tx, cleared: readonly RecordedVerdict[]): Promise<void> {
  const ids = cleared.map(({ input }) => input.case.id)
  const [rows, judged] = await Promise.all([lockStandings(tx, ids), judgedGates(tx, ids)])
  await appendEntries(
    tx,
    cleared.map(({ input, extra }) => {
      const { id: caseId, evidenceVersion, promised } = input.case
      const row = rows.get(caseId)
      if (row === undefined) throw new TypeError(`no case ${caseId}`)
      const verdicts = (judged.get(caseId) ?? []).filter((one) => one.evidenceVersion === evidenceVersion)
      const document = input.profiles.byBand[promised].term !== 'none'
      return {
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
      }
    }),
  )
  // The signer will wait for it: what the log does takes place while the workflow comes to the signer.
  if (cleared.length > 0) await askForCheckpoint(tx)
}

function belowPromise(input: CaseInput, verdict: Verdict): Wait {
  const { durations } = input.profiles.byBand[input.case.promised]
  return {
    caseId: input.case.id,
    judgedVersion: input.case.evidenceVersion,
    move: { to: 'stopped', cause: 'gate-failed', step: 'clearance' },
    for: 'officer',
    until: deadline(input.now, durations.officer),
    detail: { missing: verdict.findings.filter(({ outcome }) => outcome !== 'passed').map(({ rule }) => rule) },
    reason: 'below-promise',
  }
}
