/** Taking a credential back: proposed by one officer, approved by another, executed by the signing worker (issue of trust, ISO 17024 9.5). */
import { allHandlersFinished, condition, setHandler } from '@temporalio/workflow'
import type { RevocationRequest } from '#activities/contracts.ts'
import { mustBeRevocation } from '#workflows/arguments.ts'
import { decided } from '#workflows/messages.ts'
import { pipeline, signing } from '#workflows/options.ts'

/** Started when a revocation is proposed; the proposal and the approval are rows in the database. */
export async function revocation(request: RevocationRequest): Promise<void> {
  mustBeRevocation(request)
  let woken = false
  setHandler(decided, async () => {
    const { state } = await pipeline.revocationGate(request)
    woken = true
    return { outcome: state }
  })

  let gate = await pipeline.revocationGate(request) // R1
  if (gate.state === 'proposed') {
    await condition(() => woken, gate.deadline * 1000) // R2
    gate = await pipeline.revocationGate(request)
  }
  if (gate.state === 'proposed') await pipeline.revocationExpired(request)
  if (gate.state === 'approved') {
    await signing.revoke(request) // R3
    await signing.publishStatusLists(request.institution) // R4
    await pipeline.revocationDone(request) // R5
  }
  await condition(allHandlersFinished)
}
