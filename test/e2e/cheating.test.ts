import { Client } from '@temporalio/client'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '#config/env.ts'
import { sendUpdate } from '#connectors/platform/temporal.ts'
import { appendEntries } from '#db/audit-log.ts'
import { collectInputs } from '#db/case-input.ts'
import { caseRows, moveCases } from '#db/cases.ts'
import { type Db, inInstitution, type Tx } from '#db/client.ts'
import { caseWorkflowId, credentialId } from '#db/ids.ts'
import { registerDifferences } from '#db/queries/register-held.ts'
import { readVerdicts, recordVerdicts } from '#db/verdicts.ts'
import * as f from '#dev/demo/facts.ts'
import { missingRules } from '#dev/demo/report.ts'
import type { CaseInput } from '#domain/case.ts'
import { judge } from '#domain/gates/judge.ts'
import { as, type CaseId, type DecisionId, type PersonId } from '#domain/words.ts'
import { courseA, courseB, courseC, offeringOf } from './courses.ts'
import { norrsken } from './emitters.ts'
import type { CaseView } from './people.ts'
import { expectSound } from './sound.ts'
import { type System, startSystem } from './system.ts'

let system: System
let pipeline: Db
beforeAll(async () => {
  system = await startSystem()
  pipeline = system.open('bevis_pipeline')
})
afterAll(async () => {
  await system.dispose()
})

// Teaching of a learner concerns all their running cases: apart from each other they stay quiet.
const learners = ['09', '10', '11', '12', '13', '14', '15', '16']
let turn = 0
const someLearner = () => learners[turn++ % learners.length] ?? '09'

const approve = { outcome: 'approve', reason: 'outcomes-shown' }
const tutoring = (key: string, learner = '01') => offeringOf(learner, 'handledning-i-varden', key)
const clinical = (key: string, learner = '01') => offeringOf(learner, 'klinisk-bedomning', key)

/** Waits for somebody, and every gate but the approval has judged what is on record. */
const isSettled = ({ state, judgements, evidenceVersion }: CaseView) =>
  state === 'deciding' && judgements.filter((one) => one.evidenceVersion === evidenceVersion).length >= 5

/** A case that waits for its examiner. */
async function undecided(key: string): Promise<CaseId> {
  const id = await system.tell(courseC(tutoring(key, someLearner())))
  await system.until(id, isSettled)
  return id
}

/** Everything the memory holds of a case that an attempt could have changed. */
async function standing(id: CaseId) {
  const [row] = await system.admin`
    select c.state, c.step, c.evidence_version, (select count(*)::int from audit.entry e where e.trail = c.trail) as entries,
      (select count(*)::int from credential x where x.case_id = c.id) as credentials,
      (select count(*)::int from signing_request s where s.case_id = c.id) as requests
    from cases c where c.id = ${id}`
  return { ...row }
}

describe('hand-made messages to workflows', () => {
  test('an Update without a recorded decision is refused, and so is garbage; the case stays as it was', async () => {
    const id = await undecided('update')
    const before = await standing(id)
    const send = (updateId: string, arg: unknown, client = system.temporal) =>
      sendUpdate(client, caseWorkflowId(norrsken, id), { update: 'decided', updateId, args: [arg], timeoutMs: 10_000 })
    const unrecorded = await send('u1', 'deci_abcdefghijklmnopqrstuvwxyz')
    expect(unrecorded).toMatchObject({ kind: 'refused' })
    for (const [index, garbage] of [{ outcome: 'approve' }, '', null, 'x'.repeat(10_000), 7].entries())
      expect(await send(`g${index}`, garbage)).toMatchObject({ kind: 'refused' })
    const stranger = new Client({ connection: system.temporal.connection, namespace: system.world.temporal.namespace })
    // The refusal itself is encrypted, so this one cannot even read it.
    await expect(send('plain', 'deci_abcdefghijklmnopqrstuvwxyz', stranger)).rejects.toThrow('encoding')
    expect(await standing(id)).toEqual(before)
  })

  test('the decision of one case does not move another', async () => {
    const [decided, other] = [await undecided('decided'), await undecided('other')]
    await system.decideAsAsked(decided, approve)
    const { decisions } = await system.until(decided, ({ state }) => state === 'issued')
    const before = await standing(other)
    const args = [decisions[0]?.id] as const
    const update = { update: 'decided', updateId: 'stolen', args, timeoutMs: 10_000 }
    expect(await sendUpdate(system.temporal, caseWorkflowId(norrsken, other), update)).toMatchObject({
      kind: 'refused',
    })
    expect(await standing(other)).toEqual(before)
  })

  const start = (workflowId: string, args: readonly unknown[], workflowType = 'issuance') =>
    system.temporal.workflow.start(workflowType, { workflowId, taskQueue: 'pipeline', args: [...args] })

  test('a hand-made start for a case that is not there, of another institution or garbage ends without a trace', async () => {
    const id = await undecided('start')
    const before = await system.admin`select count(*)::int as n from audit.entry`
    const attempts = [
      { institution: norrsken, caseId: `case_${'a'.repeat(26)}` },
      { institution: 'sydhamn', caseId: id },
      { institution: "' or 1=1", caseId: id },
      undefined,
      { institution: 7, caseId: ['x'] },
    ]
    for (const [index, attempt] of attempts.entries()) {
      const handle = await start(`made-${index}`, [attempt])
      await expect(handle.result()).rejects.toThrow()
    }
    const revocation = await start(
      'made-revocation',
      [{ institution: norrsken, revocationId: 'revo_none' }],
      'revocation',
    )
    await revocation.result()
    expect(await system.admin`select count(*)::int as n from audit.entry`).toEqual(before)
  })

  test('a second workflow over the same case changes nothing', async () => {
    const id = await undecided('twice')
    const before = await standing(id)
    const twin = await start('twin', [{ institution: norrsken, caseId: id }])
    await expect.poll(async () => (await twin.query<{ step: string }>('where')).step).toBe('wait')
    expect(await standing(id)).toEqual(before)
    await system.decideAsAsked(id, approve)
    await system.until(id, ({ state }) => state === 'issued')
    await twin.terminate('end of the test')
  })
})

describe('hand-scheduled tasks on the signing queue', () => {
  let task = 0
  const schedule = (activity: string, args: readonly unknown[]) =>
    system.temporal.activity.execute(activity, {
      id: `made-${task++}`,
      taskQueue: 'signing',
      args: [...args],
      scheduleToCloseTimeout: '20s',
      retry: { maximumAttempts: 1 },
    })
  const signed = async () => {
    const [row] = await system.admin`select (select count(*)::int from credential) as credentials,
      (select count(*)::int from signing_request) as requests, (select count(*)::int from audit.entry) as entries,
      (select count(*)::int from status_slot where credential_id is not null) as slots`
    return { ...row }
  }

  test('a case with a missing gate is refused', async () => {
    const id = await undecided('task')
    const before = await signed()
    const answer = await schedule('sign', [{ institution: norrsken, cases: [id] }])
    expect(answer).toEqual([{ caseId: id, outcome: 'refused', credentials: [], code: 'not-cleared' }])
    expect(await signed()).toEqual(before)
  })

  test('an unknown case and a foreign institution are answered with nothing to sign', async () => {
    const id = await undecided('foreign-task')
    const before = await signed()
    for (const list of [
      { institution: norrsken, cases: [`case_${'b'.repeat(26)}`] },
      { institution: 'sydhamn', cases: [id] },
    ]) {
      const answer = (await schedule('sign', [list])) as readonly { outcome: string }[]
      expect(answer.filter(({ outcome }) => outcome === 'signed')).toEqual([])
    }
    expect(await signed()).toEqual(before)
  })

  test('a document, garbage and a huge list as input are refused', async () => {
    const before = await signed()
    const document = { '@context': [], type: ['VerifiableCredential'], credentialSubject: { id: 'urn:x' } }
    const many = Array.from(
      { length: 5_000 },
      (_, n) =>
        `case_${String(n)
          .padStart(26, 'a')
          .replaceAll(/[0189]/g, 'z')}`,
    )
    const garbage = [
      document,
      { institution: norrsken, cases: [document] },
      { institution: norrsken, cases: many },
      { institution: '../norrsken', cases: [`case_${'c'.repeat(26)}`] },
      { institution: norrsken, cases: 'all' },
      [],
      null,
      'sign this',
    ]
    for (const input of garbage) await expect(schedule('sign', [input])).rejects.toThrow()
    await expect(schedule('revoke', [{ institution: norrsken, revocationId: 'drop table' }])).rejects.toThrow()
    await expect(schedule('publishStatusLists', [{ list: document }])).rejects.toThrow()
    expect(await signed()).toEqual(before)
  })

  test('a revocation that nobody approved sets no bit', async () => {
    const answer = await schedule('revoke', [{ institution: norrsken, revocationId: 'revo_nobody' }])
    expect(answer).toMatchObject({ state: 'refused' })
  })

  test('a revocation that two officers approved in a row of the table, and in no entry, sets no bit', async () => {
    const id = await undecided('planted-revocation')
    await system.decideAsAsked(id, approve)
    const { credentials } = await system.until(id, ({ state }) => state === 'issued')
    // As the database's superuser.
    await system.admin`insert into revocation (id, institution, credential_id, case_id, ordinal, state, reason, detail, proposed_by,
        approved_by, approved_at, idempotency_key)
      values ('revo_planted', ${norrsken}, ${credentials[0]?.id ?? ''}, ${id}, 1, 'approved', 'issued-in-error', '', 'pers_officer_1',
        'pers_officer_2', now(), 'planted')`
    const answer = await schedule('revoke', [{ institution: norrsken, revocationId: 'revo_planted' }])
    expect(answer).toMatchObject({ state: 'refused' })
    const [slot] = await system.admin`select value from status_slot where credential_id = ${credentials[0]?.id ?? ''}`
    expect(slot).toEqual({ value: 0 })
    const lies = await system.admin`select state from revocation where id = 'revo_planted'`
    expect([...lies]).toEqual([{ state: 'approved' }])
    await system.admin`delete from revocation where id = 'revo_planted'`
  })

  test('an intention to sign that somebody planted beforehand, dated before the decision, is no reason to sign', async () => {
    const id = await undecided('backdated')
    const [row] = await inInstitution(pipeline, norrsken, (tx) => caseRows(tx, [id]))
    const credential = credentialId(id, row?.achievementVersion ?? 1, 0)
    // As the database's superuser: whatever document the signer then prepares is the one that was intended.
    await system.admin.unsafe(`
      create function planted() returns trigger language plpgsql security definer as $$ begin
        update signing_request set document_digest = new.document_digest where credential_id = new.credential_id;
        return new;
      end $$;
      create trigger planted before insert on signing_request for each row execute function planted()`)
    await system.admin`insert into signing_request (credential_id, institution, case_id, kid, document_digest, issued_at)
      select ${credential}, institution, ${id}, kid, 'x', now() from issuer_key where institution = ${norrsken} and status = 'active' limit 1`
    await system.decideAsAsked(id, approve)
    const end = await system.until(id, ({ state }) => state === 'issued' || state === 'stopped')
    await system.admin.unsafe(`drop function planted() cascade`)
    const refusals =
      await system.admin`select convert_from(leaf, 'utf8')::jsonb -> 'act' ->> 'reason' as code from audit.entry
      where trail = ${row?.trail ?? ''} and type = 'signing.refused/1'`
    expect({ state: end.state, refusals: [...refusals] }).toEqual({
      state: 'stopped',
      refusals: [{ code: 'intention-untold' }],
    })
    expect(end.credentials).toEqual([])
    await system.admin`delete from signing_request where credential_id = ${credential}`
  })

  describe('records forged under the pipeline’s own role', () => {
    const actor = { ref: 'pipeline', kind: 'service', role: 'clearance' } as const
    const inPipeline = <T>(work: (tx: Tx) => Promise<T>) => inInstitution(pipeline, norrsken, work)
    const refusalOf = async (id: CaseId) => {
      const answer = (await schedule('sign', [{ institution: norrsken, cases: [id] }])) as readonly { code?: string }[]
      return answer[0]?.code
    }

    /** Moves a case that waits for its approver to cleared, over verdicts on `told`. */
    async function forge(
      id: CaseId,
      told: (input: CaseInput) => CaseInput,
      { entry = true, honest = false }: { entry?: boolean; honest?: boolean } = {},
    ): Promise<void> {
      // Its workflow would notice; whoever owns the pipeline would stop it first.
      await system.temporal.workflow.getHandle(caseWorkflowId(norrsken, id)).terminate('forged')
      await inPipeline(async (tx) => {
        const [found] = await collectInputs(tx, [id])
        if (found === undefined) throw new Error('no input')
        const input = told(found)
        const pass = (gate: 'approval' | 'level') => {
          const verdict = judge(gate, input)
          return { input, verdict: honest ? verdict : { ...verdict, outcome: 'pass' as const, findings: [] } }
        }
        await recordVerdicts(tx, [pass('approval'), pass('level')])
        await moveCases(tx, [
          { caseId: id, to: 'judging', cause: 'approved', step: 'decision', entry: { type: 'case.resumed/1' } },
        ])
        await moveCases(tx, [
          { caseId: id, to: 'cleared', cause: 'all-passed', step: 'clearance', entry: { type: 'case.cleared/1' } },
        ])
        if (entry) await clear(tx, id, input)
      })
      if (entry) await expect.poll(() => isProved(id)).toBe(true)
    }

    /** Under a checkpoint, with every entry before it: the signer has nothing to wait for, and what is then changed has been in the log. */
    async function isProved(id: CaseId): Promise<boolean> {
      const rows = await system.admin`
        select from cases c join audit.entry e on e.trail = c.trail and e.type = 'issuance.cleared/1'
        join audit.leaf l on l.trail = e.trail and l.n = e.n
        where c.id = ${id} and l.idx < (select max(k.size) from audit.checkpoint k where k.institution = c.institution)`
      return rows.length > 0
    }

    async function clear(tx: Tx, id: CaseId, { case: it, achievement }: CaseInput): Promise<void> {
      const [row] = await caseRows(tx, [id])
      const verdicts = (await readVerdicts(tx, [id])).filter((one) => one.evidenceVersion === it.evidenceVersion)
      await appendEntries(tx, [
        {
          trail: row?.trail ?? '',
          id: `${id}:clearance:${it.evidenceVersion}`,
          type: 'issuance.cleared/1',
          actor,
          act: { meaning: 'cleared', outcome: 'success' },
          data: {
            level: it.promised,
            evidenceVersion: it.evidenceVersion,
            verdicts: verdicts.map((one) => one.entry).toSorted(),
            credentials: [credentialId(id, achievement.version, 0)],
          },
        },
      ])
    }

    const madeUp = (input: CaseInput): CaseInput => ({
      ...input,
      approvals: [
        {
          id: as<DecisionId>('deci_madeup'),
          person: as<PersonId>('pers_examiner_4'),
          role: 'examiner',
          outcome: 'approve',
          at: input.now,
          loa: 3,
          evidenceVersion: input.case.evidenceVersion,
          seen: 'x',
        },
      ],
    })

    test('a verdict that says pass where the replay does not is refused', async () => {
      const id = await undecided('says-pass')
      await forge(id, (input) => input)
      expect(await refusalOf(id)).toBe('replay-differs')
    })

    test('without the clearance entry nothing is signed', async () => {
      const id = await undecided('no-clearance')
      await forge(id, (input) => input, { entry: false })
      expect(await refusalOf(id)).toBe('not-cleared')
    })

    test('an approval that nobody gave is found out, though its verdict replays', async () => {
      const id = await undecided('made-up')
      const registered = await inPipeline((tx) => collectInputs(tx, [id]))
      const examiner = registered[0]?.register.appointments.find(({ role }) => role === 'examiner')?.person
      await forge(
        id,
        (input) => {
          const told = madeUp(input)
          return { ...told, approvals: told.approvals.map((one) => ({ ...one, person: examiner ?? one.person })) }
        },
        { honest: true },
      )
      expect(await refusalOf(id)).toBe('approval-unrecorded')
    })

    const plantApproval = (id: CaseId, key: string, list: postgres.JSONValue = null) =>
      system.admin`insert into decision (id, institution, case_id, person, role, outcome, reason, loa, acr, auth_time,
          evidence_version, seen, idempotency_key, list)
        select ${`deci_${key}`}, a.institution, a.case_id, a.person, a.role, 'approve', 'outcomes-shown', 3, 'x', now(),
          c.evidence_version, 'x', ${key}, ${list === null ? null : system.admin.json(list)}
        from case_appointment a join cases c on c.id = a.case_id where a.case_id = ${id} and a.ended_at is null`

    test('a decision that stands as a row and in nobody’s entry is found out, though every gate has passed over it', async () => {
      const id = await undecided('planted-row')
      // As the database's superuser: a row like the one the API writes, in the name of who is asked.
      await plantApproval(id, 'planted-row')
      await forge(id, (input) => input, { honest: true })
      expect(await refusalOf(id)).toBe('approval-unrecorded')
    })

    test('an approval in a list, where the achievement allows none, is found out', async () => {
      const act = { id: 'list_forged', seed: 'a'.repeat(32), size: 1, opened: 1 }
      for (const [key, told] of [
        ['list-kept', (input: CaseInput) => input],
        [
          'list-hidden',
          (input: CaseInput) => ({ ...input, approvals: input.approvals.map((one) => withoutList(one)) }),
        ],
      ] as const) {
        const id = await undecided(key)
        // As whoever had taken over the API could: a decision without the check that refuses it.
        await plantApproval(id, key, act)
        await forge(id, told, { honest: key === 'list-hidden' })
        expect(await refusalOf(id), key).toBe(key === 'list-kept' ? 'replay-differs' : 'approval-unrecorded')
      }
    })

    test('a verdict’s input changed after it was recorded is refused', async () => {
      const id = await undecided('changed-input')
      await forge(id, (input) => input)
      await system.admin`update verdict set input = decode('00', 'hex') where case_id = ${id} and gate = 'open'`
      expect(await refusalOf(id)).toBe('verdict-missing')
    })

    test('an entry changed in the trail is noticed before anything is signed', async () => {
      const id = await undecided('cut')
      await forge(id, (input) => input)
      const change = (from: string, to: string) =>
        system.admin.begin(async (sql) => {
          // As only the owner of the whole server could: past the trigger that keeps entries as they are.
          await sql`alter table audit.entry disable trigger entry_never_changes`
          await sql`update audit.entry set leaf = convert_to(replace(convert_from(leaf, 'utf8'), ${from}, ${to}), 'utf8')
            where n = 1 and trail = (select trail from cases where id = ${id})`
          await sql`alter table audit.entry enable always trigger entry_never_changes`
        })
      await change('"promised":"C2-D"', '"promised":"C1-D"')
      const refused = await refusalOf(id)
      await change('"promised":"C1-D"', '"promised":"C2-D"')
      expect(refused).toBe('trail-broken')
    })

    test('none of them has been signed', async () => {
      const rows = await system.admin`select c.id from cases c join credential x on x.case_id = c.id
        where c.offering ~ '(says-pass|no-clearance|made-up|changed-input|cut|planted-row|list-kept|list-hidden)$'`
      expect([...rows]).toEqual([])
    })
  })
})

describe('people', () => {
  test('an approval of something that has changed since is refused', async () => {
    const learner = learners[turn % learners.length] ?? ''
    const id = await undecided('stale')
    const read = await system.people.view(id)
    const { evidenceVersion } = read.view
    await system.emitters.send(f.documentChecked('provtjanst', tutoring('stale', learner)))
    const now = await system.until(id, (view) => view.evidenceVersion > evidenceVersion && isSettled(view))
    const examiner = system.people.asked(now) ?? ''
    expect(await system.people.decide(examiner, id, approve, read)).toMatchObject({ status: 412 })
    const fresh = await system.people.view(id)
    const seen = { view: { ...fresh.view, seen: read.view.seen }, etag: fresh.etag }
    expect(await system.people.decide(examiner, id, approve, seen)).toMatchObject({ status: 409 })
    expect((await system.people.view(id)).view.decisions).toEqual([])
  })

  test('nobody approves who is not asked: the teacher under a second account, another examiner, the learner, an officer', async () => {
    const id = await system.tell(courseB(clinical('not-asked')))
    const view = await system.until(id, (now) => system.people.asked(now) !== undefined)
    const asked = system.people.asked(view)
    const others = ['teacher-1b', 'teacher-1', 'examiner-1', 'examiner-2', 'examiner-3', 'learner-01', 'officer-1']
    for (const sub of others.filter((one) => one !== asked)) {
      const { status } = await system.people.decide(sub, id, approve)
      expect([403, 404], sub).toContain(status)
    }
    expect((await system.people.view(id)).view.decisions).toEqual([])
  })

  test('a reviewer who approves twice does not fill the decision-maker’s place in A', async () => {
    const id = await system.tell(courseA(offeringOf('01', 'steril-beredning', 'both')))
    const first = await system.decideAsAsked(id, approve)
    await system.until(id, (now) => (system.people.asked(now) ?? first) !== first)
    await system.people.decide(first, id, approve)
    const still = await system.until(id, (now) => (system.people.asked(now) ?? first) !== first)
    expect(still.credentials).toEqual([])
    const second = await system.decideAsAsked(id, approve)
    await system.until(id, ({ state }) => state === 'issued')
    expect([first, second]).toEqual([expect.stringMatching(/^reviewer-/), expect.stringMatching(/^decision-/)])
  })
})

describe('facts from those who may not state them', () => {
  test('a course owner’s own examination room does not carry B-C1', async () => {
    const id = await system.tell(courseB(clinical('own-room'), { supervisedBy: 'provsal-omvardnad' }))
    const view = await system.until(id, ({ state }) => state === 'waiting' || state === 'stopped')
    expect(view.evidenceLevel).not.toBe('B-C1')
    expect(view.credentials).toEqual([])
  })

  const empty = { teaching: { by: [] } }
  const unknownTeachers = [
    { band: 'A', events: courseA(offeringOf('08', 'steril-beredning', 'nobody'), empty) },
    { band: 'B-C1', events: courseB(clinical('nobody'), empty) },
    { band: 'C2-D', events: courseC(tutoring('nobody'), empty) },
    {
      band: 'C2-D, not the whole list',
      events: courseC(tutoring('part'), { teaching: { by: [f.people.teacher3], complete: false } }),
    },
  ]
  test.each(unknownTeachers)(
    'an empty or partial list of teachers does not pass in $band',
    async ({ band, events }) => {
      const id = await system.tell(events)
      const view = await system.until(id, ({ state }) => state === 'waiting' || state === 'stopped')
      const promised = band.split(',')[0] ?? ''
      expect(view.evidenceLevel).not.toBe(promised)
      expect(missingRules(view)).toContainEqual(expect.stringContaining(`${promised}.separation`))
    },
  )

  test('an emitter’s row of before, put in force again, gives nobody a voice; with the seal of before nobody has one until it is put right', async () => {
    const source = 'provtjanst'
    const send = (key: string) => system.emitters.send(f.documentChecked(source, tutoring(key)))
    const refused = async () => {
      const rows = await system.admin`select code from dead_letter where subject = ${`completions.norrsken.${source}`}`
      return rows.map(({ code }) => String(code))
    }
    const cameIn = async (key: string) =>
      (await system.admin`select 1 from evidence where offering = ${tutoring(key).offering}`).length
    const [row] = await system.admin`select emitters from institution where institution = ${norrsken}`
    const changed = (it: Parameters<Parameters<System['apply']>[0]>[0]) =>
      it.emitters.map((one) => (one.id === source ? { ...one, introducesLearners: !one.introducesLearners } : one))
    await system.apply((it) => ({ ...it, emitters: changed(it) }))
    // One after the other: only one version of an item may be in force.
    const putInForce = async (which: 'min' | 'max') => {
      await system.admin`update register_item set revision_until = revision_from
        where institution = ${norrsken} and kind = 'emitter' and id = ${source} and revision_until is null`
      await system.admin`update register_item set revision_until = null
        where institution = ${norrsken} and kind = 'emitter' and id = ${source} and revision_from = (
          select ${system.admin(which)}(revision_from) from register_item where institution = ${norrsken} and kind = 'emitter' and id = ${source})`
    }
    const [sealed] = await system.admin`select emitters from institution where institution = ${norrsken}`

    await putInForce('min')
    await send('old-row')
    await expect.poll(refused).toEqual(['unknown-emitter'])
    await system.admin`update institution set emitters = ${row?.['emitters']} where institution = ${norrsken}`
    await send('old-seal')
    const found = inInstitution(system.open('bevis_pipeline'), norrsken, registerDifferences)
    expect(await found).toContain('emitters')

    await system.admin`update institution set emitters = ${sealed?.['emitters']} where institution = ${norrsken}`
    await putInForce('max')
    await expect.poll(() => cameIn('old-seal')).toBe(1)
    expect([await cameIn('old-row'), await refused()]).toEqual([0, ['unknown-emitter']])
    await system.apply((it) => it)
    await send('as-before')
    await expect.poll(() => cameIn('as-before')).toBe(1)
  })

  test('an event in another institution’s name on our subject is a dead letter', async () => {
    const [completion] = courseC(tutoring('foreign'))
    if (completion === undefined) throw new Error('no completion')
    await system.emitters.send(completion, { institution: 'sydhamn' })
    const letters = () =>
      system.admin`select code from dead_letter where subject = 'completions.norrsken.canvas-norrsken'`
    await expect.poll(async () => (await letters()).length).toBe(1)
    const cases = await system.admin`select id from cases where offering = ${tutoring('foreign').offering}`
    expect([...cases]).toEqual([])
  })
})

test('a pipeline that is given the folder of the signing keys does not start', () => {
  const env = {
    BEVIS_DATABASE_URL: 'postgres://bevis_pipeline:x@127.0.0.1:5432/bevis',
    BEVIS_TEMPORAL_ADDRESS: '127.0.0.1:7233',
    BEVIS_SECRETS_FILE: 'secrets.json',
    BEVIS_PUBLIC_URL: 'https://bevis.example',
  }
  expect(Object.keys(readConfig('pipeline', env)).filter((name) => /signing/i.test(name))).toEqual([])
  for (const variable of ['BEVIS_SIGNING_KEYS_DIR', 'BEVIS_SIGNING_SECRET_FILE'])
    expect(() => readConfig('pipeline', { ...env, [variable]: 'keys' })).toThrow(variable)
})

test('afterwards everything is sound', () => expectSound(system, { walked: false }))

function withoutList<T extends { readonly list?: unknown }>(approval: T): Omit<T, 'list'> {
  const { list: _list, ...rest } = approval
  return rest
}
