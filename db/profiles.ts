/** The rules in force at an institution: the table and what it has tightened. Two readers that merged them themselves could differ. */

import type { Tx } from '#db/client.ts'
import { readTightenings } from '#db/register-read.ts'
import type { Rules } from '#db/rule-sets.ts'
import { levels } from '#domain/policy/levels.ts'
import { type Loosening, tighten } from '#domain/policy/tighten.ts'

/** A register that would loosen the table. Refused when a register is checked; here so that it never judges. */
export class LooserThanTable extends Error {
  readonly code = 'looser-than-table'
  constructor(problems: readonly Loosening[]) {
    super(problems.map(({ rule, because }) => `${rule}: ${because.en}`).join('; '))
  }
}

/** The table, tightened; with a version of its own, so that a reader sees whose rules judged. @throws LooserThanTable */
export async function profilesInForce(tx: Tx): Promise<Rules['profiles']> {
  const tightenings = await readTightenings(tx)
  if (tightenings.length === 0) return levels
  const result = tighten(levels, tightenings)
  if (result.kind === 'loosens') throw new LooserThanTable(result.problems)
  return { ...result.profiles, version: `${levels.version}+${tx.institution}` }
}
