/** One row of the detection matrix (audit-log §8): what is done, by whom, and which checks must show it. */
import type { CheckName } from '../checks.ts'
import type { Scene } from '../golden.ts'

/** Who does it. `owner`: whoever owns schema audit, triggers in place. `superuser`: everything lifted that can be lifted. */
export type Hand = 'application' | 'owner' | 'superuser' | 'log key' | 'files' | 'package'

export interface Manipulation {
  readonly what: string
  readonly hand: Hand
  /** Does it, or tries to: what is refused answers with the codes of the refusals. */
  readonly act: (scene: Scene) => Promise<readonly string[] | undefined>
  /** What must be said afterwards: `database` and `witness` answer in the act itself, the others are asked. */
  readonly shows: readonly (readonly [check: CheckName | 'database' | 'witness', code: string])[]
  /** Part of the short run inside `npm test`. */
  readonly short?: true
}
