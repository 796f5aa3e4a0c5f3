/** What an institution decided elsewhere and has on file: what binds people here rests on it, and is asked for in one way. */
import { usage } from './cli-error.ts'

export const decisionOption = {
  decision: { value: '<reference>', says: 'of the decision, as your registry has it' },
} as const

/** @throws CliError of usage */
export function demandDecision(decision: string | undefined): asserts decision is string {
  if (decision === undefined) throw usage('missing-option', '--decision <reference> is missing', 'name the decision')
}

/** @throws CliError of usage */
export function demandReason(reason: string | undefined): asserts reason is string {
  if (reason === undefined) throw usage('missing-option', '--reason <code> is missing', 'say why, as a code')
}

export const referenceOption = {
  reference: { value: '<reference>', says: 'of the paper that shows it, as your registry has it' },
} as const

/** @throws CliError of usage */
export function demandReference(reference: string | undefined): asserts reference is string {
  if (reference === undefined) throw usage('missing-option', '--reference <reference> is missing', 'name the paper')
}

/** @throws CliError of usage */
export function demandChoice<const Word extends string>(
  name: string,
  given: string | undefined,
  words: readonly Word[],
): Word {
  const found = words.find((word) => word === given)
  if (found !== undefined) return found
  if (given === undefined) throw usage('missing-option', `--${name} is missing`, `one of ${words.join(', ')}`)
  throw usage(name, `--${name} ${given} is not known`, `one of ${words.join(', ')}`)
}
