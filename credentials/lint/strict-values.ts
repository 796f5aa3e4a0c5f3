/** No nulls, nothing empty, nothing JSON would drop or bend: the bytes signed are the document that was checked. */
import { isObject } from '#credentials/bytes.ts'
import { type Leaf, type LintRule, none, type Problem, problem } from '#credentials/lint/rule.ts'

export const strictValues: LintRule = {
  id: 'strict-values',
  clause: 'Open Badges 3.0 §B (serialisation), RFC 8259 §6',
  each: looseValue,
}

/** A value that is empty or no JSON. */
export function looseValue(leaf: Leaf): readonly Problem[] {
  return isLoose(leaf.value)
    ? problem(leaf.path, 'Värdet är tomt eller går inte att återge.', 'The value is empty or cannot be represented.')
    : none
}

const loneSurrogate = /\p{Surrogate}/u

function isLoose(value: unknown): boolean {
  if (typeof value === 'string') return value === '' || loneSurrogate.test(value)
  if (typeof value === 'number') return !Number.isFinite(value)
  if (typeof value === 'boolean') return false
  if (Array.isArray(value)) return value.length === 0
  return !isObject(value) || Object.keys(value).length === 0
}
