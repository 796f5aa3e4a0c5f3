import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { judgeApproval } from '#activities/approval.ts'
import { openCases } from '#activities/open.ts'
import { escalateCases } from '#activities/overdue.ts'
import { appoint } from '#db/appointments.ts'
import { approvalsOf } from '#db/approvals.ts'
import { actorRef } from '#db/audit-log.ts'
import { collectInputs } from '#db/case-input.ts'
import { inInstitution, sqlState, type Tx } from '#db/client.ts'
import { type DecisionDraft, decisionsOf, recordDecision, seenDigest } from '#db/decisions.ts'
import { latestVerdicts, recordVerdicts } from '#db/verdicts.ts'
import { judge } from '#domain/gates/judge.ts'
import { as, type CaseId, type Instant, type PersonId } from '#domain/words.ts'
import { takeIn } from '#workers/intake/take-in.ts'
import { type EventDraft, type IntakeGround, makeIntakeGround, norrsken } from './intake-ground.ts'

let ground: IntakeGround
beforeAll(async () => {
  ground = await makeIntakeGround()
})
afterAll(() => ground.dispose())

const pipeline = <T>(work: (tx: Tx) => Promise<T>) => inInstitution(ground.as('bevis_pipeline'), norrsken, work)
const api = <T>(work: (tx: Tx) => Promise<T>) => inInstitution(ground.as('bevis_api'), norrsken, work)

const examiner = as<PersonId>('pers_examiner_1')
const teacher = as<PersonId>('pers_teacher_1b')
const officer = as<PersonId>('pers_officer_1')

function event(source: string, type: string, data: object): EventDraft {
  const common = {
    learner: { scheme: 'eppn', value: 'st3001@student.norrsken.example' },
    achievement: 'klinisk-bedomning',
  }
  return { source, type: `org.beviskedja.${type}.v1`, data: { ...common, ...data } }
}

let id: CaseId
/** A case of B–C1 that waits for its examiner, taught by one person. */
beforeEach(async () => {
  const offering = `o-${randomUUID()}`
  const drafts = [
    event('canvas-norrsken', 'completion.recorded', { offering, completedAt: '2026-09-01T15:00:00Z' }),
    event('bemanning', 'participation.recorded', {
      offering,
      from: '2026-08-01T08:00:00Z',
      until: '2026-08-30T16:00:00Z',
      teaching: { organisation: 'norrsken', teachers: [{ scheme: 'anstallning', value: 'N-1003' }], complete: true },
    }),
  ]
  const messages = await Promise.all(drafts.map(ground.message))
  const { taken } = await takeIn(ground.as('bevis_intake'), 'COMPLETIONS', messages)
  const [first] = taken
  if (first?.kind !== 'case') throw new Error(JSON.stringify(taken))
  id = first.caseId
  await ground.admin`update cases set state = 'deciding', step = 'approval' where id = ${id}`
  await pipeline((tx) => appoint(tx, [{ caseId: id, role: 'examiner', person: examiner, rule: 'r', because: 'drawn' }]))
  await pipeline(async (tx) => {
    const inputs = await collectInputs(tx, [id])
    await recordVerdicts(
      tx,
      inputs.map((input) => ({ input, verdict: judge('separation', input) })),
    )
  })
})

async function shown() {
  return api(async (tx) => {
    const [input] = await collectInputs(tx, [id])
    if (input === undefined) throw new Error('nothing collected')
    const digest = seenDigest(input, (await latestVerdicts(tx, [id])).get(id) ?? [])
    return { evidenceVersion: input.case.evidenceVersion, digest }
  })
}

async function draft(changes: Partial<DecisionDraft> = {}): Promise<DecisionDraft> {
  return {
    caseId: id,
    person: examiner,
    role: 'examiner',
    outcome: 'approve',
    reason: 'criteria-met',
    loa: 3,
    acr: 'http://id.elegnamnden.se/loa/1.0/loa3',
    authTime: as<Instant>('2026-11-20T09:00:00.000Z'),
    seen: await shown(),
    idempotencyKey: 'key-1',
    ...changes,
  }
}

const decide = async (changes: Partial<DecisionDraft> = {}) => {
  const made = await draft(changes)
  return api((tx) => recordDecision(tx, made))
}

test('a decision is a row, an entry in the person’s name and an Update for the workflow', async () => {
  const answer = await decide({ detail: { text: 'Well documented.' } })
  expect(answer).toMatchObject({ kind: 'recorded', isNew: true })
  const decisionId = answer.kind === 'recorded' ? answer.decisionId : ''
  const [stored] = await api((tx) => decisionsOf(tx, [id]))
  expect(stored).toMatchObject({ id: decisionId, outcome: 'approve', detail: { text: 'Well documented.' }, loa: 3 })
  expect((await pipeline((tx) => approvalsOf(tx, [id]))).get(id)).toMatchObject([
    { person: examiner, outcome: 'approve' },
  ])

  const [entry] = await ground.admin`
    select actor_kind, convert_from(leaf, 'UTF8')::jsonb as leaf from audit.entry where entry_id = ${`${id}:decision:${decisionId}`}`
  expect(entry).toMatchObject({ actor_kind: 'human' })
  const db = ground.as('bevis_api')
  expect(entry?.['leaf']).toMatchObject({
    actor: { ref: actorRef(db.keys, norrsken, examiner), role: 'examiner', authn: { auth_time: 1795165200 } },
    act: { outcome: 'approve', reason: 'criteria-met' },
    data: { decision: decisionId, evidenceVersion: 2 },
  })
  expect(JSON.stringify(entry?.['leaf'])).not.toContain('documented')
  const [row] =
    await ground.admin`select target, payload from outbox where kind = 'update' and id like ${`%${decisionId}`}`
  expect(row).toMatchObject({ target: `case/norrsken/${id}`, payload: { updateId: decisionId, args: [decisionId] } })
})

test('the same decision again is the same decision; another under its key is refused', async () => {
  const first = await decide()
  expect(await decide()).toEqual({ ...first, isNew: false })
  expect(await decide({ outcome: 'reject' })).toEqual({ kind: 'conflict-key' })
  expect(await api((tx) => decisionsOf(tx, [id]))).toHaveLength(1)
})

test('what was seen must be what is there', async () => {
  const made = await draft()
  await ground.admin`update cases set evidence_version = 3 where id = ${id}`
  expect(await api((tx) => recordDecision(tx, made))).toMatchObject({ kind: 'stale', evidenceVersion: 3 })
  const forged = { evidenceVersion: 3, digest: made.seen.digest }
  expect(await api((tx) => recordDecision(tx, { ...made, seen: forged }))).toMatchObject({ kind: 'stale' })
  expect(await api((tx) => decisionsOf(tx, [id]))).toEqual([])
})

test('an approval of another does not make the view stale', async () => {
  const before = await shown()
  await decide()
  expect(await shown()).toEqual(before)
})

test('only who is appointed in the case decides, in that role', async () => {
  expect(await decide({ person: as('pers_examiner_2') })).toEqual({ kind: 'not-appointed' })
  expect(await decide({ role: 'decision-maker' })).toEqual({ kind: 'not-appointed' })
  expect(await decide({ outcome: 'refuse' })).toEqual({ kind: 'not-appointed' })
  expect(await decide({ person: officer, role: 'officer' })).toEqual({ kind: 'not-appointed' })
})

test('who taught the learner is refused, though appointed, with what speaks against it', async () => {
  await pipeline((tx) =>
    appoint(tx, [{ caseId: id, role: 'examiner', person: teacher, rule: 'r', because: 'mistake' }]),
  )
  const answer = await decide({ person: teacher })
  expect(answer.kind).toBe('separation')
  const rules = answer.kind === 'separation' ? answer.findings.map((finding) => finding.rule) : []
  expect(rules.join(' ')).toContain('not-teacher')
})

test('nothing is decided where the case does not stand for it', async () => {
  await ground.admin`update cases set state = 'judging' where id = ${id}`
  expect(await decide()).toEqual({ kind: 'state', state: 'judging' })
  await ground.admin`update cases set state = 'issued' where id = ${id}`
  expect(await decide({ person: officer, role: 'officer', outcome: 'refuse' })).toEqual({
    kind: 'state',
    state: 'issued',
  })
  expect(await decide({ caseId: as('case_nobody') })).toEqual({ kind: 'not-found' })
})

test('an officer refuses, with a reason; an officer with a conflict does not', async () => {
  await ground.admin`update cases set state = 'stopped' where id = ${id}`
  const order = { person: officer, role: 'officer', outcome: 'refuse', reason: 'not-eligible' } as const
  expect(await decide({ ...order, person: as('pers_operator_1') })).toEqual({ kind: 'not-appointed' })
  expect(await decide(order)).toMatchObject({ kind: 'recorded' })
})

const waits = () => ground.admin`
  update cases set state = 'deciding', waiting_for = '{"for": "approver"}', waiting_since = clock_timestamp() where id = ${id}`

test('whoever rejects has the last word: nobody decides until the case has followed', async () => {
  await waits()
  expect(await decide({ outcome: 'reject' })).toMatchObject({ kind: 'recorded' })
  expect(await decide({ idempotencyKey: 'key-2' })).toEqual({ kind: 'state', state: 'deciding' })
  expect(await api((tx) => decisionsOf(tx, [id]))).toMatchObject([{ outcome: 'reject' }])
})

test('an approval that stands after a rejection, as it should not, lets nothing pass', async () => {
  await waits()
  expect(await decide()).toMatchObject({ kind: 'recorded' })
  expect(await decide({ outcome: 'reject', idempotencyKey: 'key-2' })).toMatchObject({ kind: 'recorded' })
  await ground.admin`
    update decision set at = clock_timestamp() + interval '1 second' where case_id = ${id} and outcome = 'approve'`
  await openCases(ground.as('bevis_pipeline'), { institution: norrsken, cases: [id] })
  expect(await ground.admin`select state from cases where id = ${id}`).toMatchObject([{ state: 'refused' }])
})

test('a deadline that passes after a decision leaves the case to the decision', async () => {
  await waits()
  await decide({ outcome: 'reject' })
  await ground.admin`update cases set waiting_until = clock_timestamp() - interval '1 second' where id = ${id}`
  const [answer] = await escalateCases(ground.as('bevis_pipeline'), { institution: norrsken, cases: [id] })
  expect(answer).toMatchObject({ outcome: 'again' })
  expect(await ground.admin`select state from cases where id = ${id}`).toMatchObject([{ state: 'deciding' }])
})

test('nobody is asked to decide on facts that came after the gates looked', async () => {
  await ground.admin`update cases set state = 'judging', evidence_version = evidence_version + 1 where id = ${id}`
  const [answer] = await judgeApproval(ground.as('bevis_pipeline'), { institution: norrsken, cases: [id] })
  expect(answer).toMatchObject({ outcome: 'again' })
  expect(await ground.admin`select state from cases where id = ${id}`).toMatchObject([{ state: 'judging' }])
})

test('nothing is decided between two waits, where no workflow would follow it', async () => {
  await ground.admin`update cases set state = 'judging' where id = ${id}`
  const withdrawal = { person: officer, role: 'officer', outcome: 'withdraw' } as const
  expect(await decide(withdrawal)).toEqual({ kind: 'state', state: 'judging' })
})

test('the pipeline cannot write a decision, whatever it claims', async () => {
  const made = await draft()
  const failure = await pipeline((tx) => recordDecision(tx, made)).catch((error: unknown) => error)
  expect(sqlState(failure)).toBe('42501')
})

test('two approvers pressing at the same moment with the same key make one decision', async () => {
  const made = await draft()
  const answers = await Promise.all([1, 2, 3].map(() => api((tx) => recordDecision(tx, made))))
  expect(answers.filter((answer) => answer.kind === 'recorded' && answer.isNew)).toHaveLength(1)
  expect(new Set(answers.map((answer) => (answer.kind === 'recorded' ? answer.decisionId : answer.kind))).size).toBe(1)
})
