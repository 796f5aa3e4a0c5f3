/** Step I5: starts or signals the workflows of what was just taken in. Without it every case would wait for the relay's second look. */
import { beginEffect, inStep } from '#config/failpoints.ts'
import { signalIfThere, startOnce, type TemporalClient } from '#connectors/platform/temporal.ts'
import type { Db } from '#db/client.ts'
import { markStarted } from '#db/outbox.ts'
import { evidenceSignal, startOfWorkflow, type WakeUp } from '#db/wake-ups.ts'
import type { CaseId, InstitutionId } from '#domain/words.ts'
import { groupBy } from './group-by.ts'

export type OwnWakeUp = WakeUp & { readonly institution: InstitutionId }

interface Dependencies {
  readonly db: Db
  readonly temporal: TemporalClient
}

export interface Woken {
  /** Cases whose workflow could not be told now. */
  readonly failed: ReadonlySet<CaseId>
  readonly errors: readonly unknown[]
}

/**
 * Wakes all, at the same time. Repeating is harmless: a workflow starts once, and a signal only makes it look again. What was
 * delivered is taken off the relay's list; if that fails, the relay delivers it a second time.
 */
export async function wakeAll(dependencies: Dependencies, wakeUps: readonly OwnWakeUp[]): Promise<Woken> {
  return inStep('wake', () => wakeAndMark(dependencies, wakeUps))
}

async function wakeAndMark({ db, temporal }: Dependencies, wakeUps: readonly OwnWakeUp[]): Promise<Woken> {
  const pass = beginEffect()
  pass('before')
  const results = await Promise.allSettled(wakeUps.map((wakeUp) => wake(temporal, wakeUp)))
  pass('after-effect')
  const failed = new Set<CaseId>()
  const errors: unknown[] = []
  const delivered: OwnWakeUp[] = []
  for (const [index, result] of results.entries()) {
    const wakeUp = wakeUps[index]
    if (wakeUp === undefined) continue
    if (result.status === 'fulfilled') delivered.push(wakeUp)
    else {
      for (const id of wakeUp.cases) failed.add(id)
      errors.push(result.reason)
    }
  }
  for (const [institution, rows] of groupBy(delivered, (wakeUp) => wakeUp.institution)) {
    const ids = rows.flatMap(({ outboxId }) => outboxId ?? [])
    await markStarted(db, institution, ids).catch((error: unknown) => errors.push(error))
  }
  pass('after-commit')
  return { failed, errors }
}

async function wake(temporal: TemporalClient, { kind, workflowId, institution, cases }: OwnWakeUp): Promise<void> {
  if (kind === 'signal') {
    await signalIfThere(temporal, workflowId, evidenceSignal)
    return
  }
  // The state is the database's to tell: an attribute that nobody updates would say received for ever.
  const searchAttributes = { institution }
  await startOnce(temporal, { ...startOfWorkflow(institution, cases), workflowId, searchAttributes })
}
