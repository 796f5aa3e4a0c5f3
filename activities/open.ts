/** Step 1: freezes achievement and profile into the case and asks whether it may be awarded at all (design 5). */
import type { CaseList, OpenedCase } from '#activities/contracts.ts'
import { settle } from '#activities/settle.ts'
import { told } from '#activities/waiting.ts'
import { collectInputs } from '#db/case-input.ts'
import { type CaseRow, caseRows, freezeCases, lockCases, moveCases } from '#db/cases.ts'
import { type Db, inInstitution, type Tx } from '#db/client.ts'
import { intentions } from '#db/credentials.ts'
import { decisionsOf } from '#db/decisions.ts'
import { credentialId } from '#db/ids.ts'
import { type RecordedVerdict, recordVerdicts } from '#db/verdicts.ts'
import { judge } from '#domain/gates/judge.ts'
import { isEnd } from '#domain/issuance/state.ts'
import type { CaseId } from '#domain/words.ts'

/**
 * The first act of every round. Applies what people decided while the case waited, freezes what is not frozen, judges, and
 * puts the case back to being judged. A case that ended, or for which nothing has changed, is told as it stands.
 */
export async function openCases(db: Db, list: CaseList): Promise<OpenedCase[]> {
  return inInstitution(db, list.institution, async (tx) => {
    const settled = await settleAll(tx, await lockCases(tx, list.cases))
    const rows = await caseRows(tx, list.cases)
    const intended = await intendedOf(tx, rows)
    const running = rows.filter(
      (row) => !isEnd(row.state) && settled.get(row.id)?.kind !== 'waiting' && !intended.has(row.id),
    )
    const recorded = await judgeOpen(tx, running)
    const changed = running.filter((row) => isUnderWay(row) || recorded.get(row.id)?.isNew === true)
    await beginJudging(
      tx,
      changed.filter(
        (row) => row.state !== 'judging' && (row.state !== 'cleared' || recorded.get(row.id)?.isNew === true),
      ),
    )
    return rows.map((row) => {
      if (intended.has(row.id)) return toSigning(row)
      const one = recorded.get(row.id)
      return one === undefined || !changed.includes(row) ? asTold(row, settled.get(row.id)) : opened(one)
    })
  })
}

type Settlements = ReadonlyMap<CaseId, Awaited<ReturnType<typeof settle>>>

async function settleAll(tx: Tx, rows: readonly CaseRow[]): Promise<Settlements> {
  const waiting = rows.filter((row) => row.waitingSince !== undefined)
  const decisions = await decisionsOf(
    tx,
    waiting.map((row) => row.id),
  )
  const settled = new Map<CaseId, Awaited<ReturnType<typeof settle>>>()
  for (const row of waiting) {
    settled.set(
      row.id,
      await settle(
        tx,
        row,
        decisions.filter(({ caseId }) => caseId === row.id),
      ),
    )
  }
  return settled
}

async function judgeOpen(tx: Tx, rows: readonly CaseRow[]): Promise<Map<CaseId, RecordedVerdict>> {
  const inputs = await collectInputs(
    tx,
    rows.map((row) => row.id),
  )
  await freezeCases(
    tx,
    inputs.map((input) => ({ caseId: input.case.id, achievement: input.achievement, profiles: input.profiles })),
  )
  const recorded = await recordVerdicts(
    tx,
    inputs.map((input) => ({ input, verdict: judge('open', input) })),
  )
  return new Map(recorded.map((one) => [one.input.case.id, one]))
}

/** Not waiting: new, in the middle of the gates when a worker died, or just resumed by a decision. */
function isUnderWay({ state }: CaseRow): boolean {
  return state === 'received' || state === 'judging' || state === 'cleared'
}

async function beginJudging(tx: Tx, rows: readonly CaseRow[]): Promise<void> {
  await moveCases(
    tx,
    rows.map((row) => ({
      caseId: row.id,
      to: 'judging' as const,
      cause: row.state === 'received' ? ('gates-started' as const) : ('evidence-arrived' as const),
      step: 'open',
      entry: { type: row.state === 'received' ? 'case.judging/1' : 'case.resumed/1' },
    })),
  )
}

function opened({ input, verdict }: RecordedVerdict): OpenedCase {
  const profile = input.profiles.byBand[input.case.promised]
  return {
    caseId: input.case.id,
    outcome: verdict.outcome === 'pass' ? 'pass' : 'stop',
    go: true,
    intended: false,
    evidenceVersion: input.case.evidenceVersion,
    needsApproval: profile.approvers.demand.roles.length > 0,
    document: profile.term !== 'none',
  }
}

function asTold(row: CaseRow, settled: Awaited<ReturnType<typeof settle>> | undefined): OpenedCase {
  const outcome = settled?.kind === 'waiting' ? settled.outcome : told(row)
  return { ...outcome, go: false, intended: false, needsApproval: false, document: false }
}

/** Cleared cases whose intention to sign is written: late evidence must not pull them back, a signature may exist (contracts §8). */
async function intendedOf(tx: Tx, rows: readonly CaseRow[]): Promise<ReadonlySet<CaseId>> {
  const cleared = rows.filter(({ state }) => state === 'cleared')
  const written = await intentions(
    tx,
    cleared.map((row) => credentialId(row.id, row.achievementVersion, 0)),
  )
  return new Set([...written.values()].map(({ caseId }) => caseId))
}

function toSigning(row: CaseRow): OpenedCase {
  const base = { caseId: row.id, outcome: 'pass', evidenceVersion: row.evidenceVersion } as const
  return { ...base, go: true, intended: true, needsApproval: false, document: true }
}
