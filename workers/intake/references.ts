/** Takes up events whose learner was unknown when they came. Without it they would wait for ever after the register learnt who it is. */

import { inStep } from '#config/failpoints.ts'
import type { TemporalClient } from '#connectors/platform/temporal.ts'
import { type Db, listInstitutions } from '#db/client.ts'
import { resolveWaiting } from '#db/intake.ts'
import { listenReferences } from '#db/references.ts'
import { as, type InstitutionId } from '#domain/words.ts'
import { wakeAll } from './wake.ts'

interface Dependencies {
  readonly db: Db
  readonly temporal: TemporalClient
  readonly onTrouble?: (error: unknown) => void
  readonly cohortSize?: number | undefined
}

/**
 * Looks once for every institution, then whenever references were added, until `signal` aborts. After a lost connection everything
 * is looked at again, since a notice may have been missed.
 */
export async function runReferences(dependencies: Dependencies, signal: AbortSignal): Promise<void> {
  const { db, onTrouble } = dependencies
  let queue = Promise.resolve()
  const look = (which: () => Promise<readonly InstitutionId[]>) => {
    queue = queue
      .then(async () => {
        for (const institution of await which()) {
          await inStep('resolve', () => resolveOne(dependencies, institution))
        }
      })
      .catch((error: unknown) => onTrouble?.(error))
  }
  const listening = await listenReferences(db, {
    added: (institution) => look(async () => [as<InstitutionId>(institution)]),
    connected: () => look(() => listInstitutions(db)),
  })
  await aborted(signal)
  await listening.stop()
  await queue
}

async function resolveOne(
  { db, temporal, onTrouble, cohortSize }: Dependencies,
  institution: InstitutionId,
): Promise<void> {
  const { wakeUps } = await resolveWaiting(db, institution, cohortSize)
  const { errors } = await wakeAll(
    { db, temporal },
    wakeUps.map((wakeUp) => ({ ...wakeUp, institution })),
  )
  for (const error of errors) onTrouble?.(error)
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
