/** How a history is recorded and replayed; without one place the two would not agree on key, namespace and names. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ReplayResult, Worker } from '@temporalio/worker'
import { z } from 'zod'
import { dataConverter } from '#connectors/platform/payload-codec.ts'

/** Recorded histories are encrypted as all others are; what they hold is made up, so the key may lie open. */
export const codecKey = Buffer.alloc(32, 'recorded histories hold no one')

/** Histories stay where they were recorded, one folder per release: running cases of that release look like them. */
export const historiesFolder = fileURLToPath(new URL('histories', import.meta.url))

const recording = z.object({
  workflowId: z.string(),
  /** A replay always claims `default`, but a payload opens only under the namespace it was sealed in. */
  namespace: z.string(),
  history: z.unknown(),
})
export type Recording = z.infer<typeof recording>

/** All recordings by `<release>/<story>`. */
export function recordings(): ReadonlyMap<string, Recording> {
  const files = readdirSync(historiesFolder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.json'),
  )
  return new Map(
    files
      .toSorted()
      .map((file) => [
        file.replace(/[.]json$/, ''),
        recording.parse(JSON.parse(readFileSync(join(historiesFolder, file), 'utf8'))),
      ]),
  )
}

/** Replays one recording against a bundle; gives what went wrong, or nothing. */
export async function replay(bundlePath: string, recorded: Recording): Promise<ReplayResult['error']> {
  const settings = {
    workflowBundle: { codePath: bundlePath },
    dataConverter: dataConverter({ codecKey, namespace: recorded.namespace, foreign: 'blank' }),
  }
  const histories = [{ workflowId: recorded.workflowId, history: recorded.history }]
  for await (const { error } of Worker.runReplayHistories(settings, histories)) return error
  throw new Error('nothing was replayed')
}
