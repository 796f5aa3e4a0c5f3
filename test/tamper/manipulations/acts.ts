/** What several hands do: tell honestly, forge a trail and all that hangs on it, ask as somebody and be refused. */
import type postgres from 'postgres'
import { type Entry } from '#audit/entry.ts'
import { appendEntries } from '#db/audit-log.ts'
import { inInstitution } from '#db/client.ts'
import { type LogNow, readLog } from '#db/log.ts'
import { norrsken } from '../../e2e/emitters.ts'
import { disarm, entriesOf, rewriteTrail, trailOf } from '../forger.ts'
import type { Scene } from '../golden.ts'

/** How the database answers a statement: the code of the refusal, or that it was done. */
export async function refusalOf(line: postgres.Sql, statement: string, name: string): Promise<string> {
  try {
    const answers = await line.begin(async (sql) => {
      await sql`select set_config('app.institution', ${norrsken}, true)`
      const { count } = await sql.unsafe(statement)
      return count
    })
    return `done ${answers} by ${name}`
  } catch (error) {
    return String(Reflect.get(error as object, 'code'))
  }
}

/** A forged trail of the first issued case, or of the cleared one. */
export const forgedTrail =
  (change: (entries: readonly Entry[]) => readonly Entry[], which: 'issued' | 'cleared' = 'issued') =>
  async (scene: Scene): Promise<undefined> => {
    await disarm(scene)
    const trail = await trailOf(scene, which === 'issued' ? (scene.golden.issued[0] ?? '') : scene.golden.cleared)
    await rewriteTrail(scene, trail, change(await entriesOf(scene, trail)))
  }

export const milder = (entry: Entry): Entry =>
  entry.type === 'case.opened/1' ? { ...entry, data: { ...entry.data, promised: 'A' } } : entry

export const logNow = async (scene: Scene): Promise<LogNow> => {
  const now = await inInstitution(scene.db('bevis_sequencer'), norrsken, readLog)
  if (now === undefined) throw new Error('no log')
  return now
}

let told = 0

/** Something that waits for the sequencer, told honestly. */
export async function waiting(scene: Scene): Promise<void> {
  told += 1
  await inInstitution(scene.db('bevis_sequencer'), norrsken, (tx) =>
    appendEntries(tx, [
      {
        trail: scene.golden.ownTrail,
        id: `waiting:${told}`,
        type: 'reconciliation.done/1',
        actor: { ref: 'log', kind: 'service', role: 'sequencer' },
        act: { meaning: 'reconciled', outcome: 'success' },
        data: { sources: 0, gaps: 0, found: 0 },
      },
    ]),
  )
}
