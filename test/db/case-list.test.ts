/** Lists over many cases: what few of them have is found without reading the others. */
import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Db, inInstitution, openDb } from '#db/client.ts'
import { type CaseFilter, countCases, listCases } from '#db/queries/case-list.ts'
import { as, type InstitutionId } from '#domain/words.ts'
import { createWorld, type World } from '../support/world.ts'

const many = 20_000
const institution = as<InstitutionId>('norrsken')

let world: World
let admin: postgres.Sql
let db: Db
beforeAll(async () => {
  world = await createWorld()
  admin = postgres(world.adminUrl, { max: 1, onnotice: () => undefined })
  db = openDb(world.url('bevis_api'), world.secrets, { max: 1 })
  await admin`insert into institution (institution, origin, trail, body) values (${institution}, 'x/norrsken', gen_random_uuid(), '{}')`
  // All are issued but for one in 5,000, and there is one of a rare band, and one test.
  await admin`
    insert into cases (id, institution, person, achievement, achievement_version, offering, attempt, event_key, trail, state, step,
      promised, test, opened_at, changed_at)
    select 'case_' || k, ${institution}, 'pers_' || k, 'a', 1, 'o', 1, sha256(int4send(k)), gen_random_uuid(),
      case when k % 5000 = 0 then 'stopped' else 'issued' end, case when k % 5000 = 0 then 'assessment' else 'delivery' end,
      case when k = 7 then 'A' else 'E' end, k = 9, now() - make_interval(mins => k), now() - make_interval(mins => k)
    from generate_series(1, ${many}::int) as k`
  await admin`vacuum analyze cases`
})
afterAll(async () => {
  await db.close()
  await admin.end({ timeout: 5 })
  await world.dispose()
})

async function rowsRead(): Promise<number> {
  const [row] = await admin<{ n: string }[]>`
    select seq_tup_read + coalesce(idx_tup_fetch, 0) as n from pg_stat_user_tables where relname = 'cases'`
  return Number(row?.n)
}

const rare: readonly (readonly [string, CaseFilter, number])[] = [
  ['in a band', { promised: 'A' }, 1],
  ['at a step', { step: 'assessment' }, 4],
  ['of a test', { test: true }, 1],
  ['that have not ended', { ended: false }, 4],
  ['in a state', { state: 'stopped' }, 4],
]

test.for(rare)('the few cases %s are listed and counted without reading the many', async ([, filter, wanted]) => {
  const before = await rowsRead()
  const { found, counted } = await inInstitution(db, institution, async (tx) => ({
    found: await listCases(tx, filter, { limit: 51 }),
    counted: await countCases(tx, filter, 10_001),
  }))
  await db.sql`select pg_stat_force_next_flush()`
  await db.sql`select 1`
  expect([found.length, counted]).toEqual([wanted, wanted])
  expect((await rowsRead()) - before).toBeLessThan(100)
})
