/**
 * Once through the gates, in the order of design.md's picture; the step numbers are those of docs/issuance-cycle.md. A case in its
 * own workflow and a cohort take the same steps here: without one place the two would drift apart and judge differently.
 */
import type { CaseList, GateOutcome, OpenedCase } from '#activities/contracts.ts'
import type { CaseId } from '#domain/words.ts'
import { pipeline, signing, signingTogether } from '#workflows/options.ts'

export interface Judged {
  /** May be signed, or recorded where the band has no document. */
  readonly cleared: readonly OpenedCase[]
  /** How each of the others stands. Cases that nobody knows are in neither list. */
  readonly others: readonly GateOutcome[]
}

/** Steps 1 to 7, as far as the facts carry. Step 1 reads everything anew, so no wake-up is lost; what it finds shown is not asked again. */
export async function throughTheGates(it: CaseList): Promise<Judged> {
  const opened = await pipeline.open(it) // 1
  const asked = await askTheGates(
    it,
    opened.filter(({ go, intended }) => go && !intended),
  )
  const passed = new Set(asked.filter(({ outcome }) => outcome === 'pass').map(({ caseId }) => caseId))
  return {
    cleared: opened.filter(({ caseId, go, intended }) => (go && intended) || passed.has(caseId)),
    others: [...opened.filter(({ go }) => !go), ...asked.filter(({ outcome }) => outcome !== 'pass')],
  }
}

/** Steps 2 to 7. */
async function askTheGates(it: CaseList, opened: readonly OpenedCase[]): Promise<GateOutcome[]> {
  const going = walk(it, opened)
  await going.through(pipeline.automatic, ({ levelShown }) => levelShown !== true) // 2, 3, 4, 5
  await going.through(pipeline.approval, ({ needsApproval }) => needsApproval) // 6
  await going.through(pipeline.clearance) // 7
  return going.outcomes()
}

/** Steps 8 and 9, for cases that are cleared. */
export async function signAndDeliver(it: CaseList, cleared: readonly OpenedCase[]): Promise<GateOutcome[]> {
  const documents = cleared.filter(({ document }) => document)
  const { sign } = documents.length > 1 ? signingTogether : signing
  const signed = await ofAll(it, documents, sign) // 8
  const unsigned = signed.filter(({ outcome }) => outcome !== 'signed')
  const refused = await ofAll(
    it,
    unsigned.filter(({ outcome }) => outcome === 'refused'),
    pipeline.signingRefused,
  )
  const alone = cleared.filter(({ caseId }) => unsigned.some((one) => one.caseId === caseId && one.outcome === 'alone'))
  const ready = cleared.filter(({ caseId }) => unsigned.every((one) => one.caseId !== caseId))
  const delivered = await ofAll(it, ready, pipeline.delivery) // 9
  return [...refused, ...alone.map((one) => ({ ...one, outcome: 'alone' as const })), ...delivered]
}

type Gate = (list: CaseList) => Promise<GateOutcome[]>
type Demands = (one: OpenedCase) => boolean

/** Takes cases from gate to gate and remembers what each was told last. */
function walk({ institution }: CaseList, opened: readonly OpenedCase[]) {
  let going = opened
  const told = new Map<CaseId, GateOutcome>()
  return {
    /** Only who passes goes on. Whom the gate is not for goes past it. */
    through: async (gate: Gate, demands: Demands = () => true) => {
      const outcomes = await ofAll({ institution }, going.filter(demands), gate)
      for (const outcome of outcomes) told.set(outcome.caseId, outcome)
      const stay = new Set(outcomes.filter(({ outcome }) => outcome !== 'pass').map(({ caseId }) => caseId))
      going = going.filter(({ caseId }) => !stay.has(caseId))
    },
    outcomes: () => [...told.values()],
  }
}

/** One act for all; none for nobody. */
async function ofAll<T>(
  { institution }: Pick<CaseList, 'institution'>,
  cases: readonly { readonly caseId: CaseId }[],
  act: (list: CaseList) => Promise<T[]>,
): Promise<T[]> {
  return cases.length === 0 ? [] : act({ institution, cases: cases.map(({ caseId }) => caseId) })
}
