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
