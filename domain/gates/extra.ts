/**
 * What is recorded beside a gate's verdict. It follows from the same input, so that whoever judges again can hold it to what was
 * recorded; otherwise an audit package could tell of another level than the one that was computed.
 */
import type { CaseInput } from '#domain/case.ts'
import type { CaseGate } from '#domain/gates/judge.ts'
import { computeLevel } from '#domain/level.ts'

/** Level with approvals assumed and, for each higher band, the rules that lack something; the findings themselves are in the verdict. */
export function evidenceLevelOf(input: CaseInput) {
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

/** Level with the approvals that were given. */
export function clearedLevelOf(input: CaseInput) {
  return { level: computeLevel(input, 'actual').level }
}

/** The `extra` of a recorded verdict; empty for gates that tell nothing more. */
export function extraOf(gate: CaseGate, input: CaseInput): object {
  if (gate === 'evidence-level') return evidenceLevelOf(input)
  return gate === 'level' ? clearedLevelOf(input) : {}
}
