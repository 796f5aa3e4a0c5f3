/** Emitters' rights on NATS follow the register while everything runs: without this a new emitter would need a restart. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, unwatchFile, watchFile } from 'node:fs'
import { type NatsAccount, processUser } from '#connectors/platform/nats-users.ts'
import type { StackSecrets } from './secrets.ts'
import { waitUntil, writeWhole } from './servers/processes.ts'
import type { StackPaths } from './stack-state.ts'

const WATCH_MS = 300

/** The one account of a stack: our processes, and the emitters of the file. */
export function stackAccounts(
  paths: StackPaths,
  secrets: StackSecrets,
  emitters: string = readEmitters(paths),
): NatsAccount[] {
  const users = (['intake', 'relay', 'log', 'api', 'admin'] as const).map((name) =>
    processUser(name, secrets.nats[name].publicKey),
  )
  return [{ name: 'BEVIS', users, moreUsers: emitters }]
}

/** Calls `reload` whenever the file of emitters changes and notes what became of it. Gives the way to end it. */
export function watchEmitters(paths: StackPaths, reload: () => Promise<void>): () => void {
  let queue = Promise.resolve()
  const take = () => {
    queue = queue.then(async () => {
      const digest = digestOf(readEmitters(paths))
      try {
        await reload()
        writeWhole(paths.emittersTaken, JSON.stringify({ digest }))
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        writeWhole(paths.emittersTaken, JSON.stringify({ digest, reason }))
      }
    })
  }
  take()
  watchFile(paths.emitters, { interval: WATCH_MS }, take)
  return () => unwatchFile(paths.emitters, take)
}

/** Puts these entries in force and waits until NATS has taken them; throws its reason where it refuses. */
export async function useEmitters(paths: StackPaths, entries: string): Promise<void> {
  writeWhole(paths.emitters, entries, 0o600)
  const wanted = digestOf(entries)
  let taken: { digest?: string; reason?: string } = {}
  const seen = await waitUntil(() => {
    if (existsSync(paths.emittersTaken)) taken = JSON.parse(readFileSync(paths.emittersTaken, 'utf8')) as typeof taken
    return taken.digest === wanted
  }, 30_000)
  if (!seen) throw new Error('The stack did not take the emitters; is it running?')
  if (taken.reason !== undefined) throw new Error(taken.reason)
}

function readEmitters(paths: StackPaths): string {
  return existsSync(paths.emitters) ? readFileSync(paths.emitters, 'utf8') : ''
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
