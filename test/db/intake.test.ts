import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { collectInputs } from '#db/case-input.ts'
import { inInstitution } from '#db/client.ts'
import { takeIn } from '#workers/intake/take-in.ts'
import { type EventDraft, type IntakeGround, makeIntakeGround, norrsken, webb } from './intake-ground.ts'

let ground: IntakeGround
beforeAll(async () => {
  ground = await makeIntakeGround()
})
afterAll(() => ground.dispose())

async function send(...drafts: EventDraft[]) {
  const messages = await Promise.all(drafts.map((draft) => ground.message(draft)))
  const done = await takeIn(ground.as('bevis_intake'), 'COMPLETIONS', messages)
  for (const one of done.taken) if (one.kind === 'not-now') throw one.error
  return done
}

const offering = () => `offering-${randomUUID()}`

async function only(result: ReturnType<typeof send>) {
  const { taken } = await result
  const [first] = taken
  if (first === undefined) throw new Error('nothing was taken in')
  return first
}

test('a completion opens a case with its evidence, its first entry, and a workflow to be started', async () => {
  const taken = await only(send(webb.completion({ offering: offering() })))
  expect(taken).toMatchObject({ kind: 'case', isNew: true })
  const id = taken.kind === 'case' ? taken.caseId : ''
  const [row] =
    await ground.admin`select state, step, evidence_version, promised, person, trail from cases where id = ${id}`
  expect(row).toMatchObject({ state: 'received', evidence_version: 1, promised: 'D-E', person: 'pers_learner_01' })
  const entries = await ground.admin`select type, actor_kind from audit.entry where trail = ${row?.['trail']}`
  expect([...entries]).toEqual([{ type: 'case.opened/1', actor_kind: 'service' }])
  const rows = await ground.admin`select kind, target from outbox where id like ${`%${id}%`} order by kind`
  expect(rows.map((one) => one['kind'])).toEqual(['event', 'start'])
  expect(rows[1]?.['target']).toBe(`case/norrsken/${id}`)
})

test('collects what was taken in as the gates read it', async () => {
  const here = offering()
  const { taken } = await send(
    webb.completion({ offering: here }),
    webb.login({ offering: here }),
    webb.participation({ offering: here }),
  )
  const [first] = taken
  const id = first?.kind === 'case' ? first.caseId : undefined
  if (id === undefined) throw new Error('no case')
  const [input] = await inInstitution(ground.as('bevis_pipeline'), norrsken, (tx) => collectInputs(tx, [id]))
  expect(input?.evidence.map((fact) => fact.kind).toSorted()).toEqual(['completion', 'identity', 'participation'])
  expect(input?.case).toMatchObject({ learner: 'pers_learner_01', promised: 'D-E', evidenceVersion: 3 })
  const login = input?.evidence.find((fact) => fact.kind === 'identity')
  expect(login).toMatchObject({ check: { route: 'login', loa: 2 }, source: { emitter: 'webb', signed: false } })
  const teaching = input?.evidence.find((fact) => fact.kind === 'participation')
  expect(teaching).toMatchObject({ teaching: { teachers: ['pers_teacher_4'], complete: true } })
  expect(input?.register.persons.map((person) => person.id)).toContain('pers_teacher_4')
})
