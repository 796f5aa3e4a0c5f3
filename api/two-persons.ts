/**
 * What one person proposes and another decides, whatever it is about: its workflow hears of each act by the outbox, and right away where
 * that can be.
 */
import type { Tx } from '#db/client.ts'
import { decidedUpdate } from '#db/decisions.ts'
import { enqueue } from '#db/outbox.ts'
import type { InstitutionId } from '#domain/words.ts'
import type { ApiDependencies } from './dependencies.ts'
import { ifMatchHeader } from './etag.ts'
import { repeatableHeader } from './schemas/words.ts'
import { type Delivery, tellDecision, tellStart } from './tell.ts'

/** Of an act on what was read: it holds only for that. */
export const actHeaders = repeatableHeader.extend(ifMatchHeader.shape)

/** Which workflow an act is told to, and the row of the outbox that repeats it; the update's id too, so a repetition takes effect once. */
export interface Act {
  readonly workflowId: string
  readonly outboxId: string
}

/** What a workflow is started with; the relay says the same. */
export interface Start {
  readonly workflowType: string
  readonly taskQueue: string
  readonly args: readonly { readonly [name: string]: string }[]
}

/** How long the relay leaves a row to us. */
const headStartMs = 5_000

/** In the transaction of the proposal: the workflow that waits for the second person will begin. */
export async function promiseStart(tx: Tx, { workflowId, outboxId }: Act, start: Start): Promise<void> {
  const payload = { ...start, args: [...start.args] }
  await enqueue(tx, [{ id: outboxId, kind: 'start', target: workflowId, payload, dueInMs: headStartMs }])
}

/** In the transaction of the decision: the workflow will hear of it. `id` of what was decided on. */
export async function promiseDecision(tx: Tx, { workflowId, outboxId }: Act, id: string): Promise<void> {
  const payload = { update: decidedUpdate, updateId: outboxId, args: [id] }
  await enqueue(tx, [{ id: outboxId, kind: 'update', target: workflowId, payload, dueInMs: headStartMs }])
}

/** After the commit, at once. */
export function startNow(
  deps: ApiDependencies,
  institution: InstitutionId,
  { act: { workflowId, outboxId }, start }: { readonly act: Act; readonly start: Start },
): Promise<Delivery> {
  return tellStart(deps, { institution, outboxId, start: { ...start, workflowId } })
}

/** After the commit, at once. */
export function decideNow(deps: ApiDependencies, institution: InstitutionId, act: Act): Promise<Delivery> {
  const { workflowId, outboxId } = act
  return tellDecision(deps, { institution, workflowId, outboxId, decision: outboxId })
}
