/** Our line to Temporal for those who start and wake workflows; without it each would read the SDK's ids and errors anew. */
import {
  Client,
  Connection,
  isGrpcServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client'
import {
  defineSearchAttributeKey,
  SearchAttributeType,
  TypedSearchAttributes,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common'
import { dataConverter } from './payload-codec.ts'
import type { Check } from './readiness.ts'

export type TemporalClient = Client

export interface TemporalAddress {
  /** `host:port` of the frontend. */
  readonly address: string
  readonly namespace: string
  /** 32 bytes; the same for every process of an institution's installation. */
  readonly codecKey: Uint8Array
}

export interface TemporalLine {
  readonly client: Client
  readonly connection: Connection
  close(): Promise<void>
}

/** Connects; the payloads it sends are encrypted, and results in any other encoding are refused. */
export async function connectTemporal({ address, namespace, codecKey }: TemporalAddress): Promise<TemporalLine> {
  const connection = await Connection.connect({ address })
  const client = new Client({ connection, namespace, dataConverter: dataConverter({ codecKey, namespace }) })
  return { client, connection, close: () => connection.close() }
}

/** Whether the frontend answers now. */
export function temporalCheck(client: Client): Check {
  return { name: 'temporal', ask: () => client.workflowService.getSystemInfo({}) }
}

/** Search attributes are not encrypted: codes and slugs only, never a person (contracts §10). */
export const searchAttributeKeys = {
  institution: defineSearchAttributeKey('BevisInstitution', SearchAttributeType.KEYWORD),
  state: defineSearchAttributeKey('BevisState', SearchAttributeType.KEYWORD),
  step: defineSearchAttributeKey('BevisStep', SearchAttributeType.KEYWORD),
} as const

export type SearchAttributes = { readonly [K in keyof typeof searchAttributeKeys]?: string }

export interface WorkflowStart {
  readonly workflowType: string
  readonly workflowId: string
  readonly taskQueue: string
  readonly args: readonly unknown[]
  readonly searchAttributes?: SearchAttributes
}

/**
 * Starts a workflow unless one with this id runs; `duplicate` is success (design 1). One that has ended is no hindrance: whether a
 * case goes on is the database's to tell, and a workflow of a case that has ended ends at once.
 */
export async function startOnce(client: Client, start: WorkflowStart): Promise<'started' | 'duplicate'> {
  try {
    await client.workflow.start(start.workflowType, {
      workflowId: start.workflowId,
      taskQueue: start.taskQueue,
      args: [...start.args],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      workflowIdConflictPolicy: 'FAIL',
      workflowTaskTimeout: '10s',
      typedSearchAttributes: typed(start.searchAttributes ?? {}),
    })
    return 'started'
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'duplicate'
    throw error
  }
}

/** Wakes a workflow. `not-found` counts as done: a closed or not yet started case reads everything itself (contracts §6). */
export async function signalIfThere(
  client: Client,
  workflowId: string,
  signal: string,
  args: readonly unknown[] = [],
): Promise<'signalled' | 'not-found'> {
  try {
    await client.workflow.getHandle(workflowId).signal(signal, ...args)
    return 'signalled'
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'not-found'
    throw error
  }
}

/** Deletes all histories under this workflow id; none there is no failure. What still runs is ended by it: only for what has ended. */
export async function deleteHistories(client: Client, workflowId: string): Promise<number> {
  const { namespace } = client.options
  let deleted = 0
  for await (const { runId } of client.workflow.list({
    query: `WorkflowId = '${workflowId}' AND ExecutionStatus != 'Running'`,
  })) {
    try {
      await client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId, runId } })
      deleted += 1
    } catch (error) {
      if (!isGrpcServiceError(error) || error.code !== notFound) throw error
    }
  }
  return deleted
}

/** gRPC code; deleted meanwhile, or run out of its keeping time. */
const notFound = 5

export interface UpdateMessage {
  readonly update: string
  /** The decision id: the same Update sent twice takes effect once and answers the same (contracts §7). */
  readonly updateId: string
  readonly args: readonly [unknown, ...unknown[]]
  readonly timeoutMs: number
}

/** `pending`: not answered in time or Temporal is away; the outbox repeats it. `refused`: the workflow said no, and why. */
export type UpdateAnswer =
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'pending' }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'refused'; readonly reason: string }

/** Sends an Update and waits for its result, at most `timeoutMs`. */
export async function sendUpdate(client: Client, workflowId: string, message: UpdateMessage): Promise<UpdateAnswer> {
  const { update, updateId, args, timeoutMs } = message
  const handle = client.workflow.getHandle(workflowId)
  try {
    const execute = () => handle.executeUpdate<unknown, [unknown, ...unknown[]]>(update, { updateId, args: [...args] })
    return { kind: 'done', result: await client.withDeadline(Date.now() + timeoutMs, execute) }
  } catch (error) {
    return answerOf(error)
  }
}

function answerOf(error: unknown): UpdateAnswer {
  if (error instanceof WorkflowNotFoundError) return { kind: 'not-found' }
  if (error instanceof WorkflowUpdateFailedError) return { kind: 'refused', reason: reasonOf(error) }
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isForLater(error)) return { kind: 'pending' }
  throw error
}

function reasonOf({ cause, message }: WorkflowUpdateFailedError): string {
  return cause?.message ?? message
}

/** gRPC codes of "not now": deadline, overload, a failing workflow task (FAILED_PRECONDITION), server away. */
const notNow = new Set([4, 8, 9, 14])

function isForLater(error: unknown): boolean {
  const root = error instanceof Error && error.cause !== undefined ? error.cause : error
  return isGrpcServiceError(root) && notNow.has(root.code)
}

function typed(attributes: SearchAttributes): TypedSearchAttributes {
  const { institution, state, step } = searchAttributeKeys
  const pairs = [
    { key: institution, value: attributes.institution },
    { key: state, value: attributes.state },
    { key: step, value: attributes.step },
  ]
  return new TypedSearchAttributes(pairs.flatMap(({ key, value }) => (value === undefined ? [] : [{ key, value }])))
}
