/** What an operator asks Temporal before anything else; without it a queue nobody polls looks like a slow day. */
import { Connection, isGrpcServiceError } from '@temporalio/client'
import { searchAttributeKeys } from './temporal.ts'

export interface Queue {
  readonly name: string
  readonly kind: 'workflow' | 'activity'
}

export interface TemporalFacts {
  readonly hasNamespace: boolean
  /** Search attributes that we set and the namespace does not know. */
  readonly missingAttributes: readonly string[]
  /** Of the queues asked for, those that no worker has polled lately. */
  readonly unpolled: readonly string[]
}

const notFound = 5
const queueTypes = { workflow: 1, activity: 2 } as const

/** Connects, asks, and closes. @throws what the connection or the server says, within `patienceMs` */
export async function inspectTemporal(
  { address, namespace }: { readonly address: string; readonly namespace: string },
  { queues, patienceMs }: { readonly queues: readonly Queue[]; readonly patienceMs: number },
): Promise<TemporalFacts> {
  const connection = await Connection.connect({ address, connectTimeout: patienceMs })
  try {
    return await connection.withDeadline(Date.now() + patienceMs, () => inspect(connection, namespace, queues))
  } finally {
    await connection.close()
  }
}

async function inspect(connection: Connection, namespace: string, queues: readonly Queue[]): Promise<TemporalFacts> {
  if (!(await isThere(connection, namespace))) return { hasNamespace: false, missingAttributes: [], unpolled: [] }
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace })
  const wanted = Object.values(searchAttributeKeys).map(({ name }) => name)
  const unpolled: string[] = []
  for (const { name, kind } of queues) {
    const asked = { namespace, taskQueue: { name }, taskQueueType: queueTypes[kind] }
    const { pollers } = await connection.workflowService.describeTaskQueue(asked)
    if ((pollers ?? []).length === 0) unpolled.push(name)
  }
  return {
    hasNamespace: true,
    missingAttributes: wanted.filter((name) => !Object.hasOwn(customAttributes ?? {}, name)),
    unpolled,
  }
}

async function isThere(connection: Connection, namespace: string): Promise<boolean> {
  try {
    await connection.workflowService.describeNamespace({ namespace })
    return true
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === notFound) return false
    throw error
  }
}
