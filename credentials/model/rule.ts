/** The shape of a rule of the data model: a clause of VCDM 2.0 and what breaks it. */
import type { Document, Problem } from '#credentials/lint/rule.ts'

export interface ModelRule {
  readonly id: string
  /** The clause that is enforced. */
  readonly clause: string
  readonly check: (document: Document) => readonly Problem[]
}

export interface ModelFinding extends Problem {
  readonly rule: string
  readonly clause: string
}

/** All findings of the rules; an empty list means the document is one. */
export function judgeBy(rules: readonly ModelRule[], document: Document): ModelFinding[] {
  return rules.flatMap(({ id, clause, check }) => check(document).map((found) => ({ rule: id, clause, ...found })))
}

/** One problem where the condition does not hold. */
export function unless(holds: boolean, path: string, sv: string, en: string): readonly Problem[] {
  return holds ? [] : [{ path, because: { sv, en } }]
}
