/** One change of a case as promised, and what it leads to. Read as sentences; the tests only run through them. */
import type { CaseInput } from '#domain/case.ts'
import type { Approvals } from '#domain/gates/rows/approvers.ts'
import { computeLevel } from '#domain/level.ts'
import { type Level, rank } from '#domain/words.ts'
import type { Change } from './fixtures.ts'

export interface Row {
  readonly says: string
  readonly of: () => CaseInput
  readonly change: Change
  readonly level: Level
  /** Rule ids of what the promised band lacks; none when it holds. */
  readonly lacks?: readonly string[]
  /** With the approvals given; otherwise they are assumed. */
  readonly approvals?: Approvals
}

export function outcomeOf({ of, change, approvals = 'assumed' }: Row): { level: Level; lacks: string[] } {
  const input = change(of())
  const { level, lacks } = computeLevel(input, approvals)
  const { promised } = input.case
  const missing = lacks.find(({ band }) => band === promised && rank(band) < rank(level))?.missing ?? []
  return { level, lacks: [...new Set(missing.map(({ rule }) => rule))] }
}
