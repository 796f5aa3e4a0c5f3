/** A Temporal namespace per test file: workflow ids and task queues of others do not exist there. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Connection } from '@temporalio/client'
import { msToTs } from '@temporalio/common/lib/time.js'
import { SEARCH_ATTRIBUTES } from '#dev/servers/temporal.ts'

/** In Temporal's numbering of value types. */
const KEYWORD = 2

/** Registers a namespace with our search attributes and returns when workflows can start in it. */
export async function createNamespace(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address })
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs('1 day'),
    })
    const searchAttributes = Object.fromEntries(SEARCH_ATTRIBUTES.map((name) => [name, KEYWORD]))
    await patiently(() => connection.operatorService.addSearchAttributes({ namespace, searchAttributes }))
    await patiently(() => connection.workflowService.describeNamespace({ namespace }))
  } finally {
    await connection.close()
  }
}

/** A new namespace reaches the server's caches after some milliseconds. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask()
    } catch (error) {
      if (attempt === 100) throw error
      await sleep(50)
    }
  }
}
