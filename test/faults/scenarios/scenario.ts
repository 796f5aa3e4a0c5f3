/** What a run is made of: batches of scenarios that share one round, each with an outcome of its own. */
import type { Stage } from '../stage.ts'

export interface Outcome {
  readonly name: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  readonly because?: readonly string[]
}

export interface Batch {
  readonly names: readonly string[]
  run(stage: Stage): Promise<Outcome[]>
}

/** All of a batch share the faults of their round: which of them did it cannot be told apart. */
export function outcomes(names: readonly string[], faults: readonly string[]): Outcome[] {
  return names.map((name) =>
    faults.length === 0 ? { name, outcome: 'passed' } : { name, outcome: 'failed', because: faults },
  )
}

export function skipped(names: readonly string[], because: string): Outcome[] {
  return names.map((name) => ({ name, outcome: 'skipped', because: [because] }))
}

/** A batch of one scenario. */
export function single(name: string, run: (stage: Stage) => Promise<readonly string[]>): Batch {
  return { names: [name], run: async (stage) => outcomes([name], await run(stage)) }
}
