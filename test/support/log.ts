/** The log of a world: its worker and the one witness its policies name, over real HTTP. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cosigner } from '#audit/note-key.ts'
import { type LogLock, logLock } from '#connectors/platform/nats-lock.ts'
import type { Db } from '#db/client.ts'
import { keepLogs, type LogDependencies } from '#workers/log/keeper.ts'
import { publishers } from '#workers/log/publishers.ts'
import { knownLogs } from '#workers/witness/known-logs.ts'
import { startWitness } from '#workers/witness/serve.ts'
import { openWitnessStore } from '#workers/witness/store.ts'
import type { World } from './world.ts'

export interface WorldLog {
  readonly keysDir: string
  readonly policyDir: string
  /** Folder of the published files. */
  readonly dir: string
  readonly lock: LogLock
  readonly dependencies: LogDependencies
  readonly troubles: readonly string[]
  stop(): Promise<void>
}

/** @param db open as `bevis_sequencer`; `keep` false leaves the rounds to the test */
export async function startWorldLog(world: World, db: Db, { keep = true } = {}): Promise<WorldLog> {
  const folder = join(dirname(world.secretsFile), 'log')
  const policyDir = join(folder, 'policies')
  mkdirSync(policyDir, { recursive: true })
  const own = cosigner('witness.test/own', crypto.getRandomValues(new Uint8Array(32)))
  const troubles: string[] = []
  const witness = await startWitness(
    {
      store: await openWitnessStore(join(folder, 'witness')),
      cosigners: [own],
      logs: knownLogs([policyDir], (file, error) => troubles.push(`${file} ${String(error)}`)),
      onTrouble: (error) => troubles.push(`witness ${String(error)}`),
    },
    { port: 0 },
  )
  writeFileSync(join(policyDir, 'template.policy'), `witness own ${own.vkey} ${witness.url}\nquorum own\n`)
  const nats = await world.nats.connect(world.nats.identity('log'))
  const at = { keysDir: join(folder, 'keys'), policyDir, dir: join(folder, 'files') }
  const lock = await logLock(nats)
  const dependencies: LogDependencies = {
    db,
    publisherOf: publishers({
      db,
      lock,
      ...at,
      folderOf: (name) => join(at.dir, name),
      onTrouble: (...what) => troubles.push(what.join(' ')),
    }),
    onTrouble: (institution, what, error) =>
      troubles.push([institution, what, ...(error instanceof Error ? [error.message] : [])].join(' ')),
  }
  const end = new AbortController()
  const keeping = keep ? keepLogs(dependencies, end.signal) : Promise.resolve()
  return {
    ...at,
    lock,
    dependencies,
    troubles,
    stop: async () => {
      end.abort()
      await keeping
      await witness.close()
      await nats.close()
    },
  }
}
