/** Entries appended as the pipeline appends them, one a transaction, each to one of many trails. */
import { randomUUID } from 'node:crypto'
import { appendEntries } from '#db/audit-log.ts'
import { type Db, inInstitution } from '#db/client.ts'
import { rate } from './figure.ts'
import { institution } from './sender.ts'

const trailCount = 2_000
const lastsMs = 4_000

/** New trails, so that what is appended to them can be told from everything else. */
export function manyTrails(): readonly string[] {
  return Array.from({ length: trailCount }, () => randomUUID())
}

/** How many times a second so many writers did it, for some seconds. */
export async function written(count: number, write: () => Promise<void>): Promise<number> {
  const began = performance.now()
  let done = 0
  const one = async () => {
    while (performance.now() - began < lastsMs) {
      await write()
      done += 1
    }
  }
  await Promise.all(Array.from({ length: count }, one))
  return rate(done, began, performance.now())
}

export async function appendOne(db: Db, trails: readonly string[]): Promise<void> {
  const trail = trails[Math.floor(Math.random() * trails.length)] ?? ''
  await inInstitution(db, institution, (tx) => appendEntries(tx, [{ trail, ...entry() }]))
}

export function entry() {
  return {
    id: `case_bench:judging:${randomUUID()}`,
    type: 'case.judging/1',
    actor: { ref: 'pipeline', kind: 'service' as const, role: 'gate' },
    act: { meaning: 'judge', outcome: 'success' },
    data: { evidenceVersion: 1 },
  }
}
