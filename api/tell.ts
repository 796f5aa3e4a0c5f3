/**
 * Tells workflows what was recorded, right after the commit. The row in the outbox is the promise; this is only the fast way, so
 * whatever fails here is answered "pending" and sent again by the relay (contracts §7.3).
 */
import {
  sendUpdate,
  signalIfThere,
  startOnce,
  type UpdateAnswer,
  type WorkflowStart,
} from '#connectors/platform/temporal.ts'
import { decidedUpdate } from '#db/decisions.ts'
import { markStarted } from '#db/outbox.ts'
import { evidenceSignal, type WakeUp } from '#db/wake-ups.ts'
import type { InstitutionId } from '#domain/words.ts'
import type { ApiDependencies } from './dependencies.ts'

/** `delivered`: the workflow has taken it. `pending`: recorded, and will be delivered. */
export type Delivery = 'delivered' | 'pending'

export interface News {
  readonly institution: InstitutionId
  readonly workflowId: string
  /** Row that repeats it until somebody has taken it. */
  readonly outboxId: string
}

const patienceMs = 4_000

/** Sends the update with the decision's id; it is the update's id too, so a repetition takes effect once. */
export async function tellDecision(deps: ApiDependencies, news: News & { decision: string }): Promise<Delivery> {
  if (deps.temporal === undefined) return 'pending'
  const { workflowId, decision } = news
  const message = { update: decidedUpdate, updateId: decision, args: [decision] as const, timeoutMs: patienceMs }
  const answer = await sendUpdate(deps.temporal.client, workflowId, message).catch(unanswered)
  return answer.kind === 'done' ? delivered(deps, news) : 'pending'
}

/** Starts a workflow that a row in the outbox has promised. */
export async function tellStart(
  deps: ApiDependencies,
  news: Omit<News, 'workflowId'> & { start: WorkflowStart },
): Promise<Delivery> {
  if (deps.temporal === undefined) return 'pending'
  const started = await startOnce(deps.temporal.client, news.start).catch(() => undefined)
  return started === undefined ? 'pending' : delivered(deps, news)
}

/** Wakes cases that are judged again. A workflow that is not there has nothing to be told (contracts §6). */
export async function tellSignals(
  deps: ApiDependencies,
  institution: InstitutionId,
  wakeUps: readonly WakeUp[],
): Promise<Delivery> {
  if (wakeUps.length === 0) return 'delivered'
  const { temporal } = deps
  if (temporal === undefined) return 'pending'
  const told = await Promise.all(
    wakeUps.map(({ workflowId, outboxId }) =>
      signalIfThere(temporal.client, workflowId, evidenceSignal).then(
        () => outboxId ?? '',
        () => undefined,
      ),
    ),
  )
  await markStarted(
    deps.db,
    institution,
    told.flatMap((id) => id ?? []),
  ).catch(() => undefined)
  return told.includes(undefined) ? 'pending' : 'delivered'
}

function unanswered(): UpdateAnswer {
  return { kind: 'pending' }
}

/** Not marked is not lost: the relay sends it again, and the workflow knows it already. */
async function delivered(deps: ApiDependencies, news: Pick<News, 'institution' | 'outboxId'>): Promise<Delivery> {
  await markStarted(deps.db, news.institution, [news.outboxId]).catch(() => undefined)
  return 'delivered'
}
