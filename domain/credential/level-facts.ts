/** What a credential tells of the level computation; without this step a document would have to know how levels are judged. */
import type { Approval } from '#domain/case.ts'
import type { Supervision } from '#domain/credential/wording.ts'
import { filledSlots } from '#domain/gates/rows/approvers.ts'
import type { Route } from '#domain/identified.ts'
import { creditedIdentity, type LevelComputation, reliedBand, reliedEvidence } from '#domain/level.ts'
import { identityOf, type Plan } from '#domain/plan.ts'
import type { JudgedResult } from '#domain/results.ts'
import type { Band, EvidenceId, Instant, Level, Loa } from '#domain/words.ts'

export interface LevelFacts {
  readonly level: Level
  /** Level of assurance credited at the occasion, or null where nobody was identified. */
  readonly credited: { readonly loa: Loa; readonly route: Route; readonly at: Instant } | null
  readonly supervision: Supervision
  /** The facts the level stands on. */
  readonly relied: readonly EvidenceId[]
  /** The approvals that count: of the present evidence version, by persons who may, one for each demanded slot. */
  readonly approvals: readonly Approval[]
}

/** From the computation with the approvals that were given, for the band the case is held to. */
export function levelFactsOf(computation: LevelComputation, promised: Band): LevelFacts {
  const judgement = computation.byBand[reliedBand(computation, promised)]
  const identified = creditedIdentity(judgement)
  const credited = identified === undefined ? null : { loa: identified.loa, route: identified.route, at: identified.at }
  return {
    level: computation.level,
    credited,
    supervision: supervisionOf(judgement.plan),
    relied: reliedEvidence(judgement),
    approvals: filledSlots(judgement.plan).flatMap(({ by }) => by ?? []),
  }
}

/** Weakest first: a credential is as well supervised as the worst supervised of its needed results. */
const weakestFirst: readonly Supervision[] = [
  'unsupervised-without-id',
  'supervised-without-id',
  'supervised-online',
  'onsite-with-id',
]

function supervisionOf(plan: Plan): Supervision {
  const found = plan.chosen.map((judged) => supervisionOfResult(plan, judged))
  return weakestFirst.find((value) => found.includes(value)) ?? 'unsupervised-without-id'
}

/** Annex I, element 13: who watched, and whether the person was identified at that session. */
function supervisionOfResult(plan: Plan, judged: JudgedResult): Supervision {
  const { report } = judged
  if (report === undefined || report.attendance !== 'present') return 'unsupervised-without-id'
  const identified = identityOf(plan, judged)
  if (identified === undefined || identified.loa === 0) return 'supervised-without-id'
  return report.setting === 'online' ? 'supervised-online' : 'onsite-with-id'
}
