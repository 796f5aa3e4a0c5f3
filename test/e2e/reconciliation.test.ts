/** The record held against itself: what a source withheld and what nobody told of is found, wherever it is planted, and nothing else is. */
import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { reconcileInstitution } from '#activities/reconciliation.ts'
import { type Db, inInstitution, openDb, type Tx } from '#db/client.ts'
import { type DiscrepancyKind, reconcile } from '#db/queries/reconciliation.ts'
import type { CaseId } from '#domain/words.ts'
import { joined, offeringOf, webinar } from './courses.ts'
import { norrsken } from './emitters.ts'
import { type System, startSystem } from './system.ts'

let system: System
let superuser: Db
beforeAll(async () => {
  system = await startSystem()
  superuser = openDb(system.world.adminUrl, system.world.secrets, { max: 2 })
  const id = await issued('planted')
  await revoke(id)
  await issued('kept')
})
afterAll(async () => {
  await superuser.close()
  await system.dispose()
})

async function issued(key: string): Promise<CaseId> {
  const id = await system.tell(webinar(offeringOf('13', 'validering-information', key), joined, { login: false }))
  await system.until(id, ({ state }) => state === 'issued')
  return id
}

async function revoke(id: CaseId): Promise<void> {
  const { credentials } = await system.until(id, (view) => view.credentials.length > 0)
  const proposal = { credential: credentials[0]?.id, reason: 'issued-in-error', text: 'Utfärdad till fel person.' }
  const { body } = await system.people.post('officer-1', '/revocations', proposal)
  const { id: revocation } = body as { id: string }
  const { etag } = await system.people.get('officer-2', `/revocations/${revocation}`)
  const approved = await system.people.post('officer-2', `/revocations/${revocation}/approve`, {}, { 'if-match': etag })
  expect(approved.status).toBe(200)
}

const now = { limit: 50, graceSeconds: 0 }
const found = (tx: Tx) => reconcile(tx, now)

/** What is found with the fault in it; nothing of it stays. Whatever would forbid the fault is lifted first. */
async function foundWith(...planted: readonly string[]) {
  const undo: { readonly seen?: Awaited<ReturnType<typeof found>> } = {}
  const gone = new Error('undone')
  await inInstitution(superuser, norrsken, async (tx) => {
    await tx.execute(sql`set local session_replication_role = replica`)
    for (const table of ['entry', 'leaf', 'trail', 'checkpoint'])
      await tx.execute(sql.raw(`alter table audit.${table} disable trigger user`))
    for (const fault of planted) {
      const rows = await tx.execute(sql.raw(`with done as (${fault} returning 1) select count(*)::int as n from done`))
      expect(rows, fault).not.toEqual([{ n: 0 }])
    }
    const seen = await found(tx)
    // What this test has lifted itself is another matter.
    const discrepancies = seen.discrepancies.filter(({ what }) => !what.startsWith('trigger audit'))
    Object.assign(undo, { seen: { ...seen, discrepancies } })
    throw gone
  }).catch((error: unknown) => {
    if (error !== gone) throw error
  })
  return undo.seen ?? expect.unreachable('nothing was looked at')
}

test('a sound record agrees with itself', async () => {
  const executed = () => system.admin`select 1 from revocation where state = 'executed'`
  await expect.poll(async () => (await executed()).length).toBe(1)
  const look = () => inInstitution(superuser, norrsken, found)
  await expect.poll(async () => (await look()).discrepancies).toEqual([])
})

describe('what differs is found', () => {
  const kept = `id = (select max(id) from credential)`
  const copyOf = (changed: string) =>
    `insert into credential select (jsonb_populate_record(x, ${changed})).* from credential x limit 1`
  const slotOfRevoked = `credential_id in (select credential_id from revocation)`

  const table: readonly (readonly [DiscrepancyKind, string])[] = [
    ['signature-untold', copyOf(`'{"id": "cred_planted"}'`)],
    ['signature-untold', copyOf(`'{"format": "other"}'`)],
    ['signature-unrequested', copyOf(`'{"kid": "planted", "format": "other"}'`)],
    ['signature-uncleared', copyOf(`'{"id": "cred_planted"}'`)],
    ['signature-uncleared', `delete from audit.entry where type = 'issuance.cleared/1'`],
    ['signature-without-slot', `delete from status_slot where credential_id is not null`],
    ['signature-lost', `delete from credential where ${kept}`],
    ['request-unanswered', `delete from credential where ${kept}`],
    [
      'place-without-entry',
      `insert into audit.leaf (institution, idx, trail, n, leaf_hash) values ('${norrsken}', 99999, gen_random_uuid(), 1, '\\x00')`,
    ],
    ['head-differs', `update audit.trail set n = n + 1`],
    ['request-untold', `delete from audit.entry where type = 'signing.requested/1'`],
    ['clearance-without-end', `update cases set state = 'cleared'`],
    ['end-untold', `delete from audit.entry where type = 'case.issued/1'`],
    ['issued-without-signature', `delete from credential where ${kept}`],
    ['trail-unsealed', `update audit.trail set sealed = false`],
    ['revocation-without-bit', `update status_slot set value = 0 where ${slotOfRevoked}`],
    ['revocation-untold', `delete from audit.entry where type = 'credential.revoked/1'`],
    ['revocation-unexecuted', `update revocation set state = 'approved', approved_at = now() - interval '1 day'`],
    ['bit-without-revocation', `update status_slot set value = 1 where credential_id is not null`],
    [
      'decision-untold',
      `insert into decision (id, institution, case_id, person, role, outcome, reason, loa, acr, auth_time,
      evidence_version, seen, idempotency_key) select 'deci_planted', institution, id, person, 'examiner', 'approve', 'x', 3, 'x', now(),
      evidence_version, 'x', 'x' from cases limit 1`,
    ],
    [
      'verdict-untold',
      `update verdict set outcome = 'fail', result = jsonb_set(result, '{verdict,outcome}', '"fail"')`,
    ],
    ['verdict-untold', `update verdict set result = jsonb_set(result, '{verdict,outcome}', '"fail"')`],
    ['verdict-lost', `delete from verdict where gate = 'level'`],
    ['case-untold', `update cases set trail = gen_random_uuid()`],
    ['case-lost', `delete from cases where state = 'issued'`],
    ['case-differs', `update cases set level = 'A'`],
    ['case-differs', `update cases set promised = 'A'`],
    ['case-differs', `update cases set achievement = 'x'`],
    ['state-differs', `update cases set state = 'refused'`],
    ['person-differs', `update cases set person = 'pers_other' where id = (select max(id) from cases)`],
    ['evidence-lost', `delete from evidence`],
    ['fact-unlinked', `update evidence set person = 'pers_other' where id = (select max(id) from evidence)`],
    ['evidence-without-event', `delete from inbox`],
    ['number-without-event', `delete from inbox`],
    ['withdrawal-lost', `update evidence set withdrawn_by = 'evid_none'`],
    [
      'appointment-untold',
      `insert into case_appointment (institution, case_id, role, person, rule)
      select institution, id, 'examiner', person, 'x' from cases`,
    ],
    ['revocation-unapproved', `update revocation set proposed_by = approved_by, approved_by = proposed_by`],
    ['revocation-unapproved', `delete from audit.entry where type = 'revocation.approved/1'`],
    ['revocation-undone', `update status_slot set value = 0 where ${slotOfRevoked}`],
    ['revocation-undone', `delete from revocation`],
    ['slot-moved', `update status_slot set slot = (slot + 4711) % 131072 where ${slotOfRevoked}`],
    ['list-differs', `update status_slot set slot = (slot + 4711) % 131072 where ${slotOfRevoked}`],
    ['list-differs', `update status_list set published = 'x.y.z'`],
    ['signature-differs', `update credential set kid = 'other'`],
    ['signature-differs', `update credential set valid_until = '2099-01-01'`],
    ['signature-misdated', `update credential set issued_at = issued_at - interval '1 day'`],
    ['signature-misdated', `update credential set digest = 'other'`],
    [
      'signature-misdated',
      `update signing_request set issued_at = (select min(at) from audit.entry where type = 'case.opened/1')`,
    ],
    ['rules-differ', `update rule_set set body = jsonb_set(body, '{achievement,band}', '"A"')`],
    ['disclosure-lost', `delete from audit.disclosure`],
    ['key-destroyed-untold', `update subject_key set wrapped = null, destroyed_at = now()`],
    [
      'key-untold',
      `insert into issuer_key (kid, institution, jwk, alg, valid_from, status)
      select 'planted', institution, jwk, alg, valid_from, status from issuer_key where institution = '${norrsken}'`,
    ],
    ['key-untold', `update issuer_key set status = 'compromised'`],
    ['key-differs', `update issuer_key set jwk = jsonb_set(jwk, '{x}', '"other"')`],
    ['key-lost', `delete from issuer_key`],
    [
      'hold-untold',
      `insert into legal_hold (id, institution, person, reason, decision, placed_by)
      values ('hold_planted', '${norrsken}', 'pers_x', 'x', 'x', 'x')`,
    ],
    [
      'protection-untold',
      `insert into protected_person (institution, person, reason, decision, marked_by)
      values ('${norrsken}', 'pers_x', 'x', 'x', 'x')`,
    ],
    [
      'erasure-untold',
      `insert into erasure (id, institution, person, classes, basis, decision, detail, state, proposed_by, decided_by, ended_at)
      values ('eras_planted', '${norrsken}', 'pers_x', '{facts}', 'x', 'x', '', 'executed', 'a', 'b', now())`,
    ],
    [
      'erasure-undone',
      `insert into erasure (id, institution, person, classes, basis, decision, detail, state, proposed_by, decided_by, ended_at)
      select 'eras_planted', institution, person, '{judgements}', 'x', 'x', '', 'executed', 'a', 'b', now() from cases limit 1`,
    ],
    [
      'dead-letter-untold',
      `insert into dead_letter (id, institution, stream, subject, code, problems, payload, headers, digest, state)
      values ('dead_planted', '${norrsken}', 'x', 'x', 'x', '[]', '', '', '', 'discarded')`,
    ],
    [
      'announcement-untold',
      `insert into outbox (id, institution, kind, target, payload)
      values ('planted', '${norrsken}', 'event', 'x', '{"type": "org.beviskedja.credential.issued.v1", "data": {"credentialId": "cred_none"}}')`,
    ],
    ['register-differs', `update register_item set body = jsonb_set(body, '{id}', '"x"') where kind = 'emitter'`],
    [
      'register-differs',
      `update register_item set revision_until = 1 where kind = 'emitter' and revision_until is null`,
    ],
    [
      'register-differs',
      `delete from person_reference where reference = (select min(reference) from person_reference where origin = 'register')`,
    ],
    ['register-differs', `update person_reference set person = 'pers_other' where origin = 'register'`],
    [
      'register-differs',
      `insert into person_link (institution, a, b, origin) values ('${norrsken}', 'pers_a', 'pers_b', 'register')`,
    ],
    [
      'reference-differs',
      `insert into person_reference (institution, reference, scheme, person, origin)
      select '${norrsken}', '\\x00', 'x', 'pers_other', 'assertion:' || min(id) from evidence`,
    ],
    [
      'reference-differs',
      `insert into person_link (institution, a, b, origin) select '${norrsken}', 'pers_a', 'pers_b', 'assertion:' || min(id) from evidence`,
    ],
    ['register-differs', `update institution set revision = revision + 1`],
    [
      'institution-unregistered',
      `insert into emitter_sequence (institution, source, sequence, event_key) values ('nobody', 'x', 1, '\\x00')`,
    ],
    ['checkpoint-lost', `delete from audit.checkpoint where size = (select min(proved_by) from signing_request)`],
    [
      'list-unpublished',
      `update status_list set version = version + 1, published_at = now() - interval '1 day' where exists (
        select from status_slot where list_id = status_list.id and changed_at is not null)`,
    ],
  ]
  test.each(table)('%s, by %s', async (kind, planted) => {
    const { discrepancies } = await foundWith(planted)
    expect(discrepancies.map((one) => one.kind)).toContain(kind)
  })

  test.each([
    [
      'key-destroyed-untold',
      `insert into erasure (id, institution, person, classes, basis, decision, detail, state, proposed_by, decided_by, ended_at, counts)
      values ('eras_planted', '${norrsken}', 'pers_x', '{facts}', 'x', 'x', '', 'executed', 'a', 'b', now(), '{"keys": "many"}')`,
    ],
    ['register-differs', `update register_item set personal = '\\x00' where personal is not null`],
  ])('%s, where a row keeps it from being looked at: that it failed, and all the rest', async (kind, poison) => {
    const { discrepancies } = await foundWith(poison, `delete from status_slot where credential_id is not null`)
    expect(discrepancies).toContainEqual({ kind: 'comparison-failed', what: kind })
    expect(discrepancies.map((one) => one.kind)).toContain('signature-without-slot')
  })

  test('entry-outside-log, where neither a place nor a wait is left', async () => {
    const entries = `in (select trail from cases)`
    const inLog = await system.admin`select 1 from audit.leaf where trail in (select trail from cases) limit 1`
    const planted = [`delete from audit.${inLog.length > 0 ? 'leaf' : 'pending'} where trail ${entries}`]
    expect((await foundWith(...planted)).discrepancies.map((one) => one.kind)).toContain('entry-outside-log')
  })

  test.each([
    `create or replace function audit.b64url(bytes bytea) returns text language sql as $$ select '' $$`,
    `alter table audit.entry drop constraint entry_is_its_leaf`,
    `alter table cases no force row level security`,
    `create policy everything on cases using (true)`,
    `grant delete on decision to bevis_api`,
    `alter role bevis_api bypassrls`,
    `alter table audit.entry disable trigger entry_of_succession`,
  ])('guard-differs, by %s', async (lifted) => {
    const gone = new Error('undone')
    const look = inInstitution(superuser, norrsken, async (tx) => {
      await tx.execute(sql.raw(lifted))
      expect((await found(tx)).discrepancies.map(({ kind }) => kind)).toContain('guard-differs')
      throw gone
    })
    await expect(look).rejects.toBe(gone)
  })

  test('a fact is of its case’s learner as long as the links lead there, however many', async () => {
    const moved = `update evidence v set person = 'pers_far' from cases c where c.person = v.person and v.id = (select max(id) from evidence)`
    const link = (pair: string) =>
      `insert into person_link (institution, a, b, origin) select distinct institution, ${pair}, 'officer:test' from cases
        where institution = '${norrsken}' and person = (select person from cases where id = (select max(id) from cases))`
    const kinds = async (...planted: string[]) =>
      (await foundWith(...planted)).discrepancies.map(({ kind }) => kind).filter((kind) => kind === 'fact-unlinked')
    expect(await kinds(moved, link(`person, 'pers_near'`), link(`'pers_far', 'pers_near'`))).toEqual([])
    expect(await kinds(moved, link(`person, 'pers_near'`))).toEqual(['fact-unlinked'])
  })

  test('by name, each once, and no neighbour with it', async () => {
    const { discrepancies } = await foundWith(copyOf(`'{"id": "cred_planted"}'`))
    const planted = discrepancies.filter(({ what }) => what === 'cred_planted').map(({ kind }) => kind)
    expect(new Set(planted).size).toBe(planted.length)
    expect(discrepancies.filter(({ what }) => what !== 'cred_planted')).toEqual([])
  })
})

describe('numbers that never came', () => {
  test('are listed, every gap and no other, whatever was dropped and in whatever order the rest came', async () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(numbers, async (came) => {
        const rows = came.map(
          (n) => `('${norrsken}', 'dropping', ${n}, decode('${n.toString(16).padStart(8, '0')}', 'hex'))`,
        )
        const { gaps, sources } = await foundWith(
          `insert into emitter_sequence (institution, source, sequence, event_key) values ${rows.join(', ')}`,
        )
        const highest = Math.max(...came)
        const missing = Array.from({ length: highest }, (_, index) => index + 1).filter((n) => !came.includes(n))
        const listed = gaps
          .filter(({ source }) => source === 'dropping')
          .flatMap(({ from, until }) => Array.from({ length: until - from + 1 }, (_, index) => from + index))
        expect(listed).toEqual(missing)
        expect(sources.find(({ source }) => source === 'dropping')).toEqual({
          source: 'dropping',
          highest,
          missing: missing.length,
        })
      }),
      { numRuns: 25 },
    )
  })

  test('are not overdue while a later number has only just come', async () => {
    const [planted] = await system.admin<{ key: string }[]>`select encode(min(event_key), 'hex') as key from inbox`
    const gap = `insert into emitter_sequence (institution, source, sequence, event_key)
      values ('${norrsken}', 'late', 3, decode('${planted?.key}', 'hex'))`
    const isOverdue = async (...more: string[]) =>
      (await foundWith(gap, ...more)).gaps.find(({ source }) => source === 'late')?.overdue
    expect(await isOverdue(`update inbox set received_at = now() + interval '1 minute'`)).toBe(false)
    expect(await isOverdue(`update inbox set received_at = now() - interval '1 minute'`)).toBe(true)
  })
})

describe('the nightly run', () => {
  const entries = () => system.admin<{ leaf: { act: object; data: object } }[]>`
    select convert_from(leaf, 'utf8')::jsonb as leaf from audit.entry where type = 'reconciliation.done/1' order by n`

  test('tells in the institution’s trail that the record agrees, or what does not', async () => {
    const workflowId = 'reconciliation-now'
    await system.admin`insert into dead_letter (id, institution, stream, subject, code, problems, payload, headers, digest, state)
      values ('dead_counted', ${norrsken}, 'x', 'x', 'x', '[]', '', '', '', 'open')`
    await system.admin`insert into person_link (institution, a, b, origin) values (${norrsken}, 'pers_a', 'pers_b', 'officer:counted')`
    await system.temporal.workflow.execute('reconciliation', { workflowId, taskQueue: 'pipeline', args: [] })
    const [first] = await entries()
    expect(first?.leaf).toMatchObject({ act: { outcome: 'agrees' }, data: { gaps: 0, found: 0, kinds: [] } })
    await system.admin`insert into credential
      select (jsonb_populate_record(x, '{"id": "cred_planted"}')).* from credential x limit 1`
    expect(await reconcileInstitution(system.open('bevis_pipeline'), norrsken)).toBeGreaterThan(0)
    const kinds = ['signature-uncleared', 'signature-unrequested', 'signature-untold', 'signature-without-slot']
    expect((await entries()).at(-1)?.leaf).toMatchObject({ act: { outcome: 'differs' }, data: { kinds } })
  })

  const counted: readonly (readonly [DiscrepancyKind, string])[] = [
    ['numbers-lost', `delete from emitter_sequence`],
    ['checkpoint-lost', `delete from audit.checkpoint where size not in (select proved_by from signing_request)`],
    ['dead-letter-lost', `delete from dead_letter`],
    ['order-lost', `delete from outbox where id = (select max(id) from outbox)`],
    ['link-lost', `delete from person_link`],
    ['reference-lost', `delete from person_reference where reference = (select max(reference) from person_reference)`],
  ]
  test.each(counted)('has counted what is gone the night after: %s, by %s', async (kind, taken) => {
    expect((await foundWith(taken)).discrepancies.map((one) => one.kind)).toContain(kind)
  })

  test('counts anew where the record went on without what a restore had lost', async () => {
    const [own] = await system.admin<{ trail: string }[]>`select trail from institution where institution = ${norrsken}`
    const goesOn = `insert into audit.entry (institution, trail, n, entry_id, type, at, actor_kind, leaf)
      select e.institution, e.trail, e.n + 1, 'gone-on', 'record.gone-on-without/1', e.at, e.actor_kind, convert_to((
        convert_from(e.leaf, 'UTF8')::jsonb || jsonb_build_object('n', e.n + 1, 'id', 'gone-on', 'type', 'record.gone-on-without/1'))::text, 'UTF8')
      from audit.entry e where e.trail = '${own?.trail}' order by e.n desc limit 1`
    const { discrepancies } = await foundWith(`delete from emitter_sequence`, goesOn)
    expect(discrepancies.map((one) => one.kind)).not.toContain('numbers-lost')
  })

  test('and whoever asks by day is told which ones', async () => {
    const { status, body } = await system.people.get('officer-1', '/reconciliation')
    expect(status).toBe(200)
    expect(body).toMatchObject({ agrees: false })
    expect(Reflect.get(body as object, 'discrepancies')).toContainEqual({
      kind: 'signature-untold',
      what: 'cred_planted',
    })
  })
})
