/** What the tests of the memory have in common: two institutions, and connections under each role. */
import { randomUUID } from 'node:crypto'
import postgres from 'postgres'
import type { EntryDraft } from '#db/audit-log.ts'
import { type Db, openDb } from '#db/client.ts'
import type { Role } from '#db/rights.ts'
import { as, type InstitutionId, type PersonId } from '#domain/words.ts'
import { createWorld, type World, type WorldOptions } from '../support/world.ts'

export const north = as<InstitutionId>('norrsken')
export const south = as<InstitutionId>('soderhav')
export const learner = as<PersonId>('pers_learner')

export interface Ground {
  readonly world: World
  readonly admin: postgres.Sql
  /** The same pool for the same role every time. */
  as(role: Role): Db
  dispose(): Promise<void>
}

export async function makeGround(options: WorldOptions = {}): Promise<Ground> {
  const world = await createWorld(options)
  const admin = postgres(world.adminUrl, { max: 2, onnotice: () => undefined })
  const open = new Map<Role, Db>()
  for (const institution of [north, south]) {
    await admin`insert into institution (institution, origin, trail, body)
      values (${institution}, ${`log.example.test/${institution}`}, ${randomUUID()}, '{}')`
  }
  return {
    world,
    admin,
    as: (role) => {
      const db = open.get(role) ?? openDb(world.url(role), world.secrets, { max: 10 })
      open.set(role, db)
      return db
    },
    dispose: async () => {
      await Promise.all([...open.values()].map((db) => db.close()))
      await admin.end({ timeout: 5 })
      await world.dispose()
    },
  }
}

/** A judged gate, with one value that must not stand in the leaf. */
export function judged(trail: string, id: string): EntryDraft {
  return {
    trail,
    id,
    type: 'gate.judged/1',
    actor: { ref: 'pipeline', kind: 'service', role: 'pipeline' },
    act: { meaning: 'judge', outcome: 'success' },
    data: { gate: 'open', outcome: 'pass', rules: 'levels-1', evidenceVersion: 1 },
    private: [{ name: 'input', value: { points: 17 }, subject: learner }],
  }
}
