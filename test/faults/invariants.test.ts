/** Each invariant bites: one sound, revoked and issued world, and every fault planted in it in turn, then taken back. */
import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { joined, offeringOf, webinar } from '../e2e/courses.ts'
import { type System, startSystem } from '../e2e/system.ts'
import { brokenTrails, doubles, gaps, misconducted, unaccounted, unsettled } from './invariants.ts'

let system: System
beforeAll(async () => {
  system = await startSystem()
  const id = await system.tell(webinar(offeringOf('13', 'validering-information', 'planted'), joined, { login: false }))
  await system.until(id, ({ state }) => state === 'issued')
})
afterAll(() => system.dispose())

const all = async (sql: postgres.Sql): Promise<string[]> => [
  ...(await doubles(sql)),
  ...(await gaps(sql)),
  ...(await unsettled(sql)),
  ...(await brokenTrails(sql)),
  ...(await misconducted(sql, system.temporal)),
]

test('a sound world has no fault', async () => {
  await expect.poll(() => all(system.admin)).toEqual([])
})

/** Copies the only row of a table with some columns changed. */
const copy = (table: string, changed: string): string =>
  `insert into ${table} select (jsonb_populate_record(t, ${changed})).* from ${table} t limit 1`
const slots = 'status_slot where credential_id is not null'

test.each<readonly [fault: string, planted: string]>([
  ['two cases for one award', copy('cases', `jsonb_build_object('id', 'case_other', 'trail', gen_random_uuid())`)],
  ['two credentials for', copy('credential', `'{"id": "cred_other"}'`)],
  ['two signatures for', copy('credential', `'{}'`)],
  ['two requests for', copy('signing_request', `'{"credential_id": "cred_other"}'`)],
  [
    'two slots for',
    `insert into status_slot select list_id, slot + 1, institution, credential_id, value from ${slots}`,
  ],
  ['one slot for two', `insert into status_slot select list_id, slot, institution, 'cred_other', value from ${slots}`],
  ['more entries of issuing than signatures', 'delete from credential'],
  ['issued without a signature', 'delete from credential'],
  ['a credential of a case that is not issued', `update cases set state = 'stopped'`],
  ['a credential that nobody requested', 'delete from signing_request'],
  ['a credential without a slot', `delete from ${slots}`],
  ['a slot lost to a credential that never came', 'delete from credential'],
  ['a signature its trail does not tell of', `delete from audit.entry where type = 'credential.issued/1'`],
  ['an entry nobody will log', 'delete from audit.leaf where idx = 3'],
  ['evidence not in the inbox', 'delete from inbox'],
  ['an event in the inbox without evidence', 'delete from evidence'],
  ['not sent', 'update outbox set done_at = null'],
  ['signed without a clearance in its trail', `delete from audit.entry where type = 'issuance.cleared/1'`],
  ['a slot set without a revocation', 'update status_slot set value = 1'],
  ['sequence', 'delete from audit.entry where n = 2'],
  ['completeness', 'update audit.trail set n = n - 1'],
  ['nobody conducts the stopped case', `update cases set state = 'stopped'`],
  ...['approved', 'executed', 'approved'].map((state, index): [string, string] => [
    ['revoked by fewer than two', 'a revocation that nobody sees', 'approved and not executed'][index] ?? '',
    `insert into revocation (id, institution, credential_id, case_id, ordinal, state, reason, detail, proposed_by,
        approved_by, idempotency_key)
      select 'rev', institution, id, case_id, 1, '${state}', 'x', '', 'officer', 'officer', 'k' from credential`,
  ]),
])('%s: found where it was planted', async (fault, planted) => {
  const found = await plantedIn(planted, all)
  expect(found.some((one) => one.includes(fault))).toBe(true)
  expect(await all(system.admin)).toEqual([])
})

test('an event that was sent and is nowhere is found', async () => {
  const { payload, headers, subject } = { payload: new Uint8Array(), headers: {}, subject: 'x' }
  const lost = { id: 'never-came', source: 'webb', subject, payload, headers }
  expect(await unaccounted(system.admin, [lost])).toEqual(['never-came'])
})

/** Looks at the world as it is with the fault in it; nothing of it stays. Whatever would forbid the fault is lifted first. */
async function plantedIn<T>(planted: string, look: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  let seen: T | undefined
  const undo = new Error('undone')
  await system.admin
    .begin(async (sql) => {
      await sql.unsafe(`set local session_replication_role = replica; alter table audit.entry disable trigger user;
        alter table audit.leaf disable trigger user`)
      await sql.unsafe(unguarded)
      const { count } = await sql.unsafe(planted)
      expect(count).toBeGreaterThan(0)
      seen = await look(sql as unknown as postgres.Sql)
      throw undo
    })
    .catch((error: unknown) => {
      // The log worker may hold what is lifted here; then once more.
      if (error instanceof postgres.PostgresError && error.code === '40P01') return
      if (error !== undo) throw error
    })
  return seen ?? plantedIn(planted, look)
}

const unguarded = `do $$ declare it record; begin
  for it in select conrelid::regclass as tab, conname from pg_constraint
    where contype in ('p', 'u', 'x') and connamespace::regnamespace::text in ('public', 'audit') loop
    execute format('alter table %s drop constraint %I cascade', it.tab, it.conname);
  end loop;
  for it in select indexrelid::regclass as name from pg_index i join pg_class c on c.oid = i.indrelid
    where i.indisunique and c.relnamespace::regnamespace::text in ('public', 'audit') loop
    execute format('drop index %s', it.name);
  end loop; end $$`
