/**
 * The level: the highest band all of whose demands hold, and for each higher band what is missing. Computed from the facts,
 * never typed, and no human act raises it (levels.md, design 4).
 */
import type { CaseInput } from '#domain/case.ts'
import { type Approvals, approversRow } from '#domain/gates/rows/approvers.ts'
import { assessmentRow } from '#domain/gates/rows/assessment.ts'
import { attendanceRow } from '#domain/gates/rows/attendance.ts'
import { definitionRow } from '#domain/gates/rows/definition.ts'
import { credited, identityRow, loaRow } from '#domain/gates/rows/loa.ts'
import { mandateRow } from '#domain/gates/rows/mandate.ts'
import { separationRow } from '#domain/gates/rows/separation.ts'
import { coverageRow, premisesRow, supervisionRow } from '#domain/gates/rows/supervision.ts'
import { type Finding, type Row, rows } from '#domain/gates/verdict.ts'
import type { Identified } from '#domain/identified.ts'
import { type Plan, plansFor } from '#domain/plan.ts'
import { tableOf } from '#domain/policy/levels.ts'
import { atLeast, type Band, bands, type EvidenceId, type Level, rank } from '#domain/words.ts'

/** One band judged, row by row, on the plan that carries it best. */
export interface BandJudgement {
  readonly band: Band
  readonly holds: boolean
  readonly plan: Plan
  readonly findings: Readonly<Record<Row, readonly Finding[]>>
}

export interface Lack {
  readonly band: Band
  readonly missing: readonly Finding[]
}

export interface LevelComputation {
  readonly level: Level
  readonly byBand: Readonly<Record<Band, BandJudgement>>
  /** For each band above the level, highest first, every finding that does not hold. */
  readonly lacks: readonly Lack[]
}

/** Inputs never change, and gate, level and document each ask for the level of the same one. */
const computed: Readonly<Record<Approvals, WeakMap<CaseInput, LevelComputation>>> = {
  assumed: new WeakMap(),
  actual: new WeakMap(),
}

/** Judges all bands. With `assumed`, the evidence level: what the facts carry if everybody approves. */
export function computeLevel(input: CaseInput, approvals: Approvals): LevelComputation {
  const known = computed[approvals].get(input) ?? judgeBands(input, approvals)
  computed[approvals].set(input, known)
  return known
}

/** Each band is judged when it is asked for, and once: a gate that asks about the promised one need not judge the others. */
function judgeBands(input: CaseInput, approvals: Approvals): LevelComputation {
  const judged = new Map<Band, BandJudgement>()
  const judgedAs = (band: Band): BandJudgement => {
    const known = judged.get(band) ?? judgeBand(input, band, approvals)
    judged.set(band, known)
    return known
  }
  const levelOf = (): Level => bands.find((band) => judgedAs(band).holds) ?? 'none'
  const byBand = Object.defineProperties(
    {} as Record<Band, BandJudgement>,
    Object.fromEntries(bands.map((band) => [band, { enumerable: true, get: () => judgedAs(band) }])),
  )
  return {
    byBand,
    get level() {
      return levelOf()
    },
    get lacks() {
      const above = bands.filter((band) => rank(band) < rank(levelOf()))
      return above.map((band) => ({ band, missing: shortfalls(judgedAs(band)) }))
    },
  }
}

/**
 * The band whose demands a case is held to: the promised one, or the lowest higher one that holds in full where the promised
 * does not. Above the promise a case is issued as promised.
 */
export function reliedBand({ byBand }: LevelComputation, promised: Band): Band {
  if (byBand[promised].holds) return promised
  const higher = bands.slice(0, bands.indexOf(promised)).toReversed()
  return higher.find((band) => byBand[band].holds) ?? promised
}

/**
 * True when the case reaches its promise by our own table too. Institutions may only tighten, so what holds by their profiles
 * holds by ours; where it does not, somebody has loosened the frozen rules.
 */
export function reachesByOwnTable(input: CaseInput): boolean {
  const profiles = tableOf(input.profiles.version)
  return profiles !== undefined && atLeast(computeLevel({ ...input, profiles }, 'actual').level, input.case.promised)
}

export function shortfalls({ findings }: BandJudgement): Finding[] {
  return rows.flatMap((row) => findings[row].filter(({ outcome }) => outcome !== 'passed'))
}

/** How the learner was identified, as the relied-on band credits it; for the credential. */
export function creditedIdentity({ plan }: BandJudgement): Identified | undefined {
  return credited(plan)
}

/** Facts the band stands on, in order of id. */
export function reliedEvidence({ findings }: BandJudgement): EvidenceId[] {
  const all = rows.flatMap((row) =>
    findings[row].flatMap(({ outcome, evidence }) => (outcome === 'passed' ? evidence : [])),
  )
  return [...new Set(all)].toSorted()
}

function judgeBand(input: CaseInput, band: Band, approvals: Approvals): BandJudgement {
  const profile = input.profiles.byBand[band]
  const judged = plansFor(input, profile).map((plan) => judgePlan(plan, approvals))
  const [first] = judged
  if (first === undefined) throw new TypeError(`no plan for band ${band}`)
  return (
    judged.find(({ holds }) => holds) ?? judged.reduce((best, one) => (count(one) < count(best) ? one : best), first)
  )
}

function count(judgement: BandJudgement): number {
  return shortfalls(judgement).length
}

function judgePlan(plan: Plan, approvals: Approvals): BandJudgement {
  const findings: Record<Row, readonly Finding[]> = {
    loa: loaRow(plan),
    separation: separationRow(plan),
    assessment: assessmentRow(plan),
    supervision: supervisionRow(plan),
    identity: identityRow(plan),
    premises: premisesRow(plan),
    attendance: attendanceRow(plan),
    coverage: coverageRow(plan),
    definition: definitionRow(plan),
    mandate: mandateRow(plan),
    approvers: approversRow(plan, approvals),
  }
  const judgement = { band: plan.profile.band, plan, findings, holds: false }
  return { ...judgement, holds: shortfalls(judgement).length === 0 }
}
