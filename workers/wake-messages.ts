/** How outbox rows that reach workflows are read; the writers in db/ and the readers here must agree. */
import type { UpdateMessage, WorkflowStart } from '#connectors/platform/temporal.ts'

type Payload = Readonly<Record<string, unknown>>

/** `{ workflowType, taskQueue, args, searchAttributes? }`. */
export function startOf(workflowId: string, payload: Payload): WorkflowStart {
  const { workflowType, taskQueue, args, searchAttributes } = payload
  if (typeof workflowType !== 'string' || typeof taskQueue !== 'string' || !Array.isArray(args))
    throw new TypeError('not a start')
  const attributes = typeof searchAttributes === 'object' && searchAttributes !== null ? { searchAttributes } : {}
  return { workflowId, workflowType, taskQueue, args, ...attributes }
}

/** `{ update, updateId, args }`. */
export function updateOf(payload: Payload, timeoutMs: number): UpdateMessage {
  const { update, updateId, args } = payload
  if (typeof update !== 'string' || typeof updateId !== 'string' || !Array.isArray(args))
    throw new TypeError('not an update')
  const [first, ...rest] = args as readonly unknown[]
  return { update, updateId, args: [first, ...rest], timeoutMs }
}

/** `{ signal }`. */
export function signalOf({ signal }: Payload): string {
  if (typeof signal !== 'string') throw new TypeError('not a signal')
  return signal
}
