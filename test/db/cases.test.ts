import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canonicalBytes } from '#audit/canonical.ts'
import { appoint, currentAppointments, endAppointment } from '#db/appointments.ts'
import { collectInputs } from '#db/case-input.ts'
import { caseRows, freezeCases, type Move, moveCases, setLevels } from '#db/cases.ts'
import { inInstitution, type Tx } from '#db/client.ts'
import { listCases, pendingFor } from '#db/queries/case-list.ts'
import { sequenceGaps } from '#db/queries/reconciliation.ts'
import { rulesDigest } from '#db/rule-sets.ts'
import { readReplayable, readVerdicts, recordVerdicts, storedBytes } from '#db/verdicts.ts'
import { judge } from '#domain/gates/judge.ts'
import { as, type CaseId, type PersonId } from '#domain/words.ts'
import { inputDigestOf } from '#verifier/replay.ts'
import { takeIn } from '#workers/intake/take-in.ts'
import { type IntakeGround, makeIntakeGround, norrsken, webb } from './intake-ground.ts'

let ground: IntakeGround
beforeAll(async () => {
  ground = await makeIntakeGround()
})
afterAll(() => ground.dispose())

const pipeline = <T>(work: (tx: Tx) => Promise<T>) => inInstitution(ground.as('bevis_pipeline'), norrsken, work)

async function openCase(offering = `o-${randomUUID()}`): Promise<CaseId> {
  const message = await ground.message(webb.completion({ learner: `w-${randomUUID()}`, offering }))
  const { taken } = await takeIn(ground.as('bevis_intake'), 'COMPLETIONS', [message])
  const [first] = taken
  if (first?.kind !== 'case') throw new Error(JSON.stringify(first))
  return first.caseId
}

async function moreEvidence(id: CaseId): Promise<void> {
  const [row] = await pipeline((tx) => caseRows(tx, [id]))
  await ground.admin`update cases set evidence_version = evidence_version + 1 where id = ${row?.id ?? ''}`
}

const begin = (caseId: CaseId): Move => ({
  caseId,
  to: 'judging',
  cause: 'gates-started',
  step: 'open',
  entry: { type: 'case.resumed/1' },
})

const wait = (caseId: CaseId, judgedVersion: number): Move => ({
  caseId,
  to: 'waiting',
  cause: 'facts-missing',
  step: 'evidence-level',
  judgedVersion,
  waiting: { for: { for: 'evidence', missing: ['D-E.loa'] }, until: as('2026-12-01T00:00:00.000Z') },
  entry: { type: 'case.waiting/1', data: { for: 'evidence' } },
})

async function entriesOf(id: CaseId): Promise<string[]> {
  const rows = await ground.admin`
    select e.entry_id from audit.entry e join cases c on c.trail = e.trail where c.id = ${id} order by e.n`
  return rows.map((row) => String(row['entry_id']).replace(id, 'case'))
}

describe('moves', () => {
  test('leave an entry and an event each, and say for whom a case waits, since when and until when', async () => {
    const id = await openCase()
    expect(await pipeline((tx) => moveCases(tx, [begin(id)]))).toMatchObject([{ moved: true, from: 'received' }])
    expect(await pipeline((tx) => moveCases(tx, [wait(id, 1)]))).toMatchObject([{ moved: true, from: 'judging' }])
    const [row] = await pipeline((tx) => caseRows(tx, [id]))
    expect(row).toMatchObject({
      state: 'waiting',
      step: 'evidence-level',
      waitingFor: { for: 'evidence', missing: ['D-E.loa'] },
      waitingUntil: '2026-12-01T00:00:00.000Z',
    })
    expect(row?.waitingSince).toBeDefined()
    expect(await entriesOf(id)).toEqual(['case:opened:1', 'case:judging:1', 'case:waiting:1'])
    const events =
      await ground.admin`select payload from outbox where kind = 'event' and id like ${`${id}%`} order by created_at`
    expect(events.map((event) => event['payload'].data)).toMatchObject([
      { step: 'intake', state: 'received' },
      { step: 'open', state: 'judging' },
      { step: 'evidence-level', state: 'waiting', for: 'evidence', until: '2026-12-01T00:00:00.000Z' },
    ])
  })

  test('are refused where transitions do not allow them, and nothing is written', async () => {
    const id = await openCase()
    const issue: Move = { ...begin(id), to: 'issued', cause: 'credential-stored' }
    expect(await pipeline((tx) => moveCases(tx, [issue]))).toMatchObject([
      { moved: false, because: 'illegal', state: 'received' },
    ])
    const nobody = as<CaseId>('case_nobody')
    expect(await pipeline((tx) => moveCases(tx, [begin(nobody)]))).toEqual([
      { caseId: nobody, moved: false, because: 'not-found' },
    ])
    expect(await entriesOf(id)).toEqual(['case:opened:1'])
  })

  test('do not mark a case as waiting when evidence has come since it was judged', async () => {
    const id = await openCase()
    await pipeline((tx) => moveCases(tx, [begin(id)]))
    await moreEvidence(id)
    expect(await pipeline((tx) => moveCases(tx, [wait(id, 1)]))).toEqual([
      { caseId: id, moved: false, because: 'version-moved', state: 'judging', evidenceVersion: 2 },
    ])
    expect(await pipeline((tx) => moveCases(tx, [wait(id, 2)]))).toMatchObject([{ moved: true }])
  })

  test('repeated change nothing, and coming by again at the same version has an entry of its own', async () => {
    const id = await openCase()
    const resume: Move = { ...begin(id), cause: 'evidence-arrived' }
    await pipeline((tx) => moveCases(tx, [begin(id)]))
    await pipeline((tx) => moveCases(tx, [wait(id, 1)]))
    expect(await pipeline((tx) => moveCases(tx, [wait(id, 1)]))).toMatchObject([{ moved: false, because: 'already' }])
    await pipeline((tx) => moveCases(tx, [resume]))
    await pipeline((tx) => moveCases(tx, [wait(id, 1)]))
    const entries = await entriesOf(id)
    expect(entries).toEqual([
      'case:opened:1',
      'case:judging:1',
      'case:waiting:1',
      'case:judging:1:3',
      'case:waiting:1:4',
    ])
  })

  test('of one case by many at the same time happen once', async () => {
    const id = await openCase()
    const answers = await Promise.all(Array.from({ length: 6 }, () => pipeline((tx) => moveCases(tx, [begin(id)]))))
    expect(answers.flat().filter((answer) => answer.moved)).toHaveLength(1)
    expect(await entriesOf(id)).toEqual(['case:opened:1', 'case:judging:1'])
  })
})

describe('frozen rules', () => {
  test('stay what they were at the first freezing, and are what the gates read', async () => {
    const id = await openCase()
    const [input] = await pipeline((tx) => collectInputs(tx, [id]))
    if (input === undefined) throw new Error('nothing collected')
    const { achievement, profiles } = input
    await pipeline((tx) => freezeCases(tx, [{ caseId: id, achievement, profiles }]))
    const later = { ...profiles, version: 'levels-from-the-future' }
    await pipeline((tx) => freezeCases(tx, [{ caseId: id, achievement, profiles: later }]))
    const [again] = await pipeline((tx) => collectInputs(tx, [id]))
    expect(again?.profiles.version).toBe(profiles.version)
    expect(again?.achievement).toEqual(achievement)
    await pipeline((tx) => setLevels(tx, [{ caseId: id, evidenceLevel: 'E' }]))
    await pipeline((tx) => setLevels(tx, [{ caseId: id, level: 'D-E' }]))
    expect((await pipeline((tx) => caseRows(tx, [id])))[0]).toMatchObject({ evidenceLevel: 'E', level: 'D-E' })
  })
})

test('rules that are gone, or others than their digest says, judge nobody and are not replaced by a neighbour’s', async () => {
  const [sound, bent, lost] = [await openCase(), await openCase(), await openCase()]
  const inputs = await pipeline((tx) => collectInputs(tx, [sound, bent, lost]))
  await pipeline((tx) =>
    freezeCases(
      tx,
      inputs.map((input) => ({ ...input, caseId: input.case.id })),
    ),
  )
  await ground.admin`insert into rule_set select institution, 'bent', jsonb_set(body, '{profiles,version}', '"looser"') from rule_set limit 1`
  await ground.admin`update cases set frozen_digest = digest from (values (${bent}, 'bent'), (${lost}, 'lost')) as u (case_id, digest) where id = case_id`
  for (const [id, digest] of [
    [bent, 'bent'],
    [lost, 'lost'],
  ] as const) {
    await expect(pipeline((tx) => collectInputs(tx, [sound, id]))).rejects.toMatchObject({
      code: 'rules-gone',
      message: digest,
    })
  }
  expect((await pipeline((tx) => collectInputs(tx, [sound])))[0]?.profiles).toEqual(inputs[0]?.profiles)
})

test('rules whose keeping was taken back are kept by the next who needs them', async () => {
  const id = await openCase()
  const freeze = async (tx: Tx, version: string) => {
    const [input] = await collectInputs(tx, [id])
    if (input === undefined) throw new Error('nothing collected')
    await freezeCases(tx, [{ caseId: id, achievement: input.achievement, profiles: { ...input.profiles, version } }])
    return (await caseRows(tx, [id]))[0]?.frozen?.profiles.version
  }
  const failing = pipeline(async (tx) => {
    expect(await freeze(tx, 'of-a-day')).toBe('of-a-day')
    throw new Error('died')
  })
  await expect(failing).rejects.toThrow('died')
  expect(await pipeline((tx) => freeze(tx, 'of-a-day'))).toBe('of-a-day')
  // As an older copy of the database would be, under a process that remembers more.
  await ground.admin`delete from rule_set`
  await ground.admin`update cases set frozen_digest = null where id = ${id}`
  expect(await pipeline((tx) => freeze(tx, 'of-a-day'))).toBe('of-a-day')
  expect(await ground.admin`select from rule_set`).toHaveLength(1)
  expect((await pipeline((tx) => caseRows(tx, [id])))[0]?.frozen?.profiles.version).toBe('of-a-day')
})

describe('verdicts', () => {
  test('are recorded once per case, gate and version, with the exact input', async () => {
    const ids = [await openCase(), await openCase()]
    const record = () =>
      pipeline(async (tx) => {
        const inputs = await collectInputs(tx, ids)
        return recordVerdicts(
          tx,
          inputs.map((input) => ({ input, verdict: judge('identity', input), extra: { level: 'none', share: 0.5 } })),
        )
      })
    const first = await record()
    expect(first.map((one) => one.isNew)).toEqual([true, true])
    const second = await record()
    expect(second.map((one) => one.isNew)).toEqual([false, false])
    expect(second.map((one) => one.verdict)).toEqual(first.map((one) => one.verdict))

    const learners = new Map((await pipeline((tx) => caseRows(tx, ids))).map((row) => [row.id, row.person] as const))
    const replayable = await pipeline((tx) => readReplayable(tx, learners))
    for (const one of replayable) {
      expect(judge('identity', one.input)).toEqual(one.verdict)
      expect(Buffer.from(storedBytes(one.input))).toEqual(Buffer.from(one.inputBytes))
      expect(inputDigestOf(one.inputSalt, one.inputBytes)).toBe(one.inputDigest)
      const [row] = await ground.admin`select * from verdict where entry = ${one.entry}`
      expect(JSON.stringify(row), 'salt and digest are sealed with the input').not.toContain(one.inputDigest)
      expect([row?.['input_salt'], row?.['input_digest']]).toEqual([null, null])
      expect(one.extra).toEqual({ level: 'none', share: 0.5 })
    }
    expect(replayable).toHaveLength(2)
    const [entry] = await ground.admin`
      select convert_from(leaf, 'UTF8')::jsonb as leaf from audit.entry where entry_id = ${`${ids[0]}:identity:1`}`
    expect(entry?.['leaf'].data).toMatchObject({ gate: 'identity', evidenceVersion: 1, level: 'none' })
    expect(entry?.['leaf'].data).not.toHaveProperty('share')
    expect(entry?.['leaf']._sd).toHaveLength(1)
    const [{ input } = expect.unreachable()] = first
    expect(entry?.['leaf'].proc.policy).toBe(
      `${input.achievement.id}-${input.achievement.version}@sha256:${rulesDigest(input)}`,
    )
  })

  test('given by several workers at the same time agree', async () => {
    const id = await openCase()
    const all = await Promise.all(
      Array.from({ length: 5 }, () =>
        pipeline(async (tx) => {
          const [input] = await collectInputs(tx, [id])
          return input === undefined ? [] : recordVerdicts(tx, [{ input, verdict: judge('open', input) }])
        }),
      ),
    )
    expect(all.flat().filter((one) => one.isNew)).toHaveLength(1)
    expect(new Set(all.flat().map((one) => Buffer.from(canonicalBytes(one.verdict)).toString())).size).toBe(1)
    expect(await pipeline((tx) => readVerdicts(tx, [id]))).toHaveLength(1)
  })

  test('hold an input that names nobody of the other cases in the list', async () => {
    const ids = [await openCase(), await openCase()]
    const inputs = await pipeline((tx) => collectInputs(tx, ids))
    const [one, other] = inputs
    expect(JSON.stringify(one)).not.toContain(other?.case.learner)
    expect(inputs.map((input) => input.case.id)).toEqual(ids)
  })
})

test('intake and gates working on the same cases at the same time never block each other for good', async () => {
  const abouts = Array.from({ length: 4 }, () => ({ learner: `w-${randomUUID()}`, offering: `o-${randomUUID()}` }))
  const intake = ground.as('bevis_intake')
  const completions = await Promise.all(abouts.map((about) => ground.message(webb.completion(about))))
  const { taken } = await takeIn(intake, 'COMPLETIONS', completions)
  const ids = taken.flatMap((one) => (one.kind === 'case' ? [one.caseId] : []))
  await pipeline((tx) => moveCases(tx, ids.map(begin)))
  const reports = async () => {
    const messages = await Promise.all(abouts.map((about) => ground.message(webb.login(about))))
    return (await takeIn(intake, 'COMPLETIONS', messages)).taken.map((one) => one.kind)
  }
  const round = (list: readonly CaseId[]) =>
    pipeline(async (tx) => {
      const inputs = await collectInputs(tx, list)
      await recordVerdicts(
        tx,
        inputs.map((input) => ({ input, verdict: judge('identity', input) })),
      )
      return moveCases(
        tx,
        inputs.map((input) => wait(input.case.id, input.case.evidenceVersion)),
      )
    })
  const work = Array.from({ length: 8 }, (_, index) => [reports(), round(index % 2 === 0 ? ids : ids.toReversed())])
  const done = await Promise.all(work.flat())
  expect(done.flat().filter((one) => one === 'not-now')).toEqual([])
})

describe('appointments', () => {
  const [first, second] = [as<PersonId>('pers_examiner_1'), as<PersonId>('pers_examiner_2')]

  test('replace each other, one at a time, with an entry each', async () => {
    const id = await openCase()
    const draft = { caseId: id, role: 'examiner', rule: 'draw.rotation/1' } as const
    await pipeline((tx) => appoint(tx, [{ ...draft, person: first, because: 'drawn' }]))
    await pipeline((tx) => appoint(tx, [{ ...draft, person: first, because: 'drawn' }]))
    await pipeline((tx) => appoint(tx, [{ ...draft, person: second, because: 'separation' }]))
    expect(await pipeline((tx) => currentAppointments(tx, [id]))).toMatchObject([{ role: 'examiner', person: second }])
    expect(await entriesOf(id)).toEqual(['case:opened:1', 'case:appointed-examiner:1', 'case:appointed-examiner:2'])
    expect(await pipeline((tx) => endAppointment(tx, { caseId: id, role: 'examiner' }, 'separation'))).toBe(true)
    expect(await pipeline((tx) => currentAppointments(tx, [id]))).toEqual([])
  })

  test('show a person what waits for them', async () => {
    const id = await openCase()
    const person = as<PersonId>('pers_examiner_4')
    await pipeline((tx) => appoint(tx, [{ caseId: id, role: 'examiner', person, rule: 'r', because: 'drawn' }]))
    expect(await pipeline((tx) => pendingFor(tx, person, 10))).toEqual([])
    await ground.admin`update cases set state = 'deciding' where id = ${id}`
    expect(await pipeline((tx) => pendingFor(tx, person, 10))).toMatchObject([{ role: 'examiner', row: { id } }])
    expect(
      (await pipeline((tx) => listCases(tx, { appointed: person }, { limit: 5 }))).map(({ row }) => row.id),
    ).toEqual([id])
  })
})

describe('lists', () => {
  test('show every case once, page by page, also when many changed in the same instant', async () => {
    const ids = new Set<string>()
    for (let index = 0; index < 7; index++) ids.add(await openCase())
    await ground.admin`update cases set changed_at = '2026-05-01T10:00:00.123456Z' where id = any(${[...ids]})`
    const seen: string[] = []
    let from: { at: string; id: string } | undefined
    for (;;) {
      const page = await pipeline((tx) => listCases(tx, {}, { limit: 3, ...(from === undefined ? {} : { from }) }))
      const last = page.at(-1)
      if (last === undefined) break
      seen.push(...page.map(({ row }) => row.id))
      from = { at: last.at, id: last.row.id }
    }
    expect(new Set(seen).size).toBe(seen.length)
    expect([...ids].every((id) => seen.includes(id))).toBe(true)
    expect(await pipeline((tx) => listCases(tx, { promised: 'A' }, { limit: 5 }))).toEqual([])
  })

  test('tell which numbers of a source are missing', async () => {
    const send = async (sequence: number) => {
      const message = await ground.message({ ...webb.login({ learner: `w-${randomUUID()}` }), sequence })
      await takeIn(ground.as('bevis_intake'), 'COMPLETIONS', [message])
    }
    for (const sequence of [3, 4, 7]) await send(sequence)
    const gaps = await inInstitution(ground.as('bevis_api'), norrsken, (tx) =>
      sequenceGaps(tx, { limit: 10, graceSeconds: 60 }),
    )
    expect(gaps.filter((gap) => gap.source === 'webb')).toEqual([
      { source: 'webb', from: 2, until: 2, overdue: false },
      { source: 'webb', from: 5, until: 6, overdue: false },
    ])
  })
})
