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
import type { Rules } from '#db/rule-sets.ts'
import { type JudgedGate, judgedGates, recordVerdicts } from '#db/verdicts.ts'
import { automaticGates, judge } from '#domain/gates/judge.ts'
import { isEnd } from '#domain/issuance/state.ts'
import type { CaseId } from '#domain/words.ts'

/**
 * The first act of every round. Applies what people decided while the case waited, freezes what is not frozen, judges, and
 * puts the case back to being judged. A case that ended, or for which nothing has changed, is told as it stands.
 */
export async function openCases(db: Db, list: CaseList): Promise<OpenedCase[]> {
  return inInstitution(db, list.institution, async (tx) => {
    const locked = await lockCases(tx, list.cases)
    const settled = await settleAll(tx, locked)
    const rows = isChanged(settled) ? await caseRows(tx, list.cases) : locked
    const intended = await intendedOf(tx, rows)
    const running = rows.filter(
      (row) => !isEnd(row.state) && settled.get(row.id)?.kind !== 'waiting' && !intended.has(row.id),
    )
    const openings = await openingsOf(tx, running)
    const isNew = (row: CaseRow) => openings.get(row.id)?.isNew === true
    const changed = running.filter((row) => isUnderWay(row) || isNew(row))
    await beginJudging(
      tx,
      changed.filter((row) => row.state !== 'judging' && (row.state !== 'cleared' || isNew(row))),
    )
    return rows.map((row) => {
      if (intended.has(row.id)) return toSigning(row)
      const opening = openings.get(row.id)
      return opening === undefined || !changed.includes(row) ? asTold(row, settled.get(row.id)) : opened(row, opening)
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

function isChanged(settled: Settlements): boolean {
  return [...settled.values()].some(({ kind }) => kind !== 'nothing')
}

/** What step 1 found out about a case. */
interface Opening {
  readonly passes: boolean
  readonly rules: Rules
  /** False where this version was judged before. */
  readonly isNew: boolean
  readonly levelShown: boolean
}

/** A case whose version was judged before is not collected again: what is recorded would win (contracts §5). */
async function openingsOf(tx: Tx, rows: readonly CaseRow[]): Promise<Map<CaseId, Opening>> {
  const before = await judgedGates(
    tx,
    rows.filter(({ frozen }) => frozen !== undefined).map(({ id }) => id),
  )
  const known = new Map(
    rows.flatMap((row) => {
      const opening = knownOpening(row, before.get(row.id) ?? [])
      return opening === undefined ? [] : [[row.id, opening] as const]
    }),
  )
  const fresh = await judgeOpen(
    tx,
    rows.filter((row) => !known.has(row.id)),
  )
  return new Map([...known, ...fresh])
}

function knownOpening({ frozen, evidenceVersion }: CaseRow, judged: readonly JudgedGate[]): Opening | undefined {
  const now = new Map(judged.filter((one) => one.evidenceVersion === evidenceVersion).map((one) => [one.gate, one]))
  const open = now.get('open')
  if (frozen === undefined || open === undefined) return undefined
  const levelShown = automaticGates.every((gate) => now.has(gate)) && now.get('evidence-level')?.outcome === 'pass'
  return { passes: open.outcome === 'pass', rules: frozen, isNew: false, levelShown }
}

async function judgeOpen(tx: Tx, rows: readonly CaseRow[]): Promise<Map<CaseId, Opening>> {
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
  return new Map(
    recorded.map(({ input, verdict, isNew }) => [
      input.case.id,
      { passes: verdict.outcome === 'pass', rules: input, isNew, levelShown: false },
    ]),
  )
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

function opened(row: CaseRow, { passes, rules, levelShown }: Opening): OpenedCase {
  // A case frozen just now is promised what its achievement promises.
  const profile = rules.profiles.byBand[rules.achievement.band]
  return {
    caseId: row.id,
    outcome: passes ? 'pass' : 'stop',
    go: true,
    intended: false,
    evidenceVersion: row.evidenceVersion,
    needsApproval: profile.approvers.demand.roles.length > 0,
    ...(levelShown ? { levelShown } : {}),
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
