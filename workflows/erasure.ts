/** Erasing: proposed by one person, approved by another, carried out in one transaction, told in every trail (audit-log §10). */
import { allHandlersFinished, condition, setHandler } from '@temporalio/workflow'
import type { ErasureRequest } from '#activities/contracts.ts'
import { mustBeErasure } from '#workflows/arguments.ts'
import { decided } from '#workflows/messages.ts'
import { pipeline } from '#workflows/options.ts'

/** Started when an erasure is proposed; proposal and approval are rows in the database. */
export async function erasure(request: ErasureRequest): Promise<void> {
  mustBeErasure(request)
  let woken = false
  setHandler(decided, async () => {
    const { state } = await pipeline.erasureGate(request)
    woken = true
    return { outcome: state }
  })

  let gate = await pipeline.erasureGate(request) // X1
  if (gate.state === 'proposed') {
    await condition(() => woken, gate.deadline * 1000) // X2
    gate = await pipeline.erasureGate(request)
  }
  if (gate.state === 'proposed') await pipeline.erasureExpired(request)
  if (gate.state === 'approved') await pipeline.erase(request) // X3
  await condition(allHandlersFinished)
}
