/**
 * Cases that arrived together go through the gates together: each act one for all of them. Without it a course of
 * two hundred would cost two hundred workflows. Who must wait leaves into a workflow of its own and goes on there.
 */
import type { CaseList, GateOutcome } from '#activities/contracts.ts'
import { mustBeCohort } from '#workflows/arguments.ts'
import { signAndDeliver, throughTheGates } from '#workflows/gates.ts'
import { pipeline } from '#workflows/options.ts'

/** Evidence that keeps coming may send a case back to the gates; after this often it is a matter for itself. */
const mostRounds = 3

/** Ends when each of its cases has ended or has left. */
export async function cohort(input: CaseList): Promise<void> {
  mustBeCohort(input)
  let again: readonly GateOutcome[] = []
  for (let round = 1, it = input; it.cases.length > 0; round += 1, it = together(input, again)) {
    const { cleared, others } = await throughTheGates(it)
    const goesOn = ({ outcome }: GateOutcome) => outcome === 'again' && round < mostRounds
    // Before the signing: whoever waits can be decided about, whatever becomes of the others.
    await letGo(input, others, goesOn)
    const handled = await signAndDeliver(input, cleared)
    await letGo(input, handled, goesOn)
    again = [...others, ...handled].filter(goesOn)
  }
}

/** From here on these cases have a workflow of their own, and this one touches them no more. */
async function letGo(
  it: CaseList,
  outcomes: readonly GateOutcome[],
  goesOn: (outcome: GateOutcome) => boolean,
): Promise<void> {
  const leaving = outcomes.filter((one) => one.outcome !== 'ended' && !goesOn(one))
  if (leaving.length > 0) await pipeline.leave(together(it, leaving))
}

function together({ institution }: CaseList, outcomes: readonly GateOutcome[]): CaseList {
  return { institution, cases: outcomes.map(({ caseId }) => caseId) }
}
