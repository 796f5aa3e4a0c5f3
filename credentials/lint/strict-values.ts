/** No nulls, nothing empty, nothing JSON would drop or bend: the bytes signed are the document that was checked. */
import { isObject } from '#credentials/bytes.ts'
import type { Leaf, LintRule, Problem } from '#credentials/lint/rule.ts'

export const strictValues: LintRule = {
  id: 'strict-values',
  clause: 'Open Badges 3.0 §B (serialisation), RFC 8259 §6',
  check: (_document, _context, leaves) => looseValues(leaves),
}

/** The values that are empty or no JSON. */
export function looseValues(leaves: readonly Leaf[]): readonly Problem[] {
  return leaves
    .filter(({ value }) => isLoose(value))
    .map(({ path }) => ({
      path,
      because: {
        sv: 'Värdet är tomt eller går inte att återge.',
        en: 'The value is empty or cannot be represented.',
      },
    }))
}

function isLoose(value: unknown): boolean {
  if (typeof value === 'string') return value === '' || /\p{Surrogate}/u.test(value)
  if (typeof value === 'number') return !Number.isFinite(value)
  if (typeof value === 'boolean') return false
  if (Array.isArray(value)) return value.length === 0
  return !isObject(value) || Object.keys(value).length === 0
}
