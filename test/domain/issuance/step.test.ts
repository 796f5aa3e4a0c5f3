/** Single steps of the model that the explorer cannot explain to a reader. */
import { describe, expect, test } from 'vitest'
import { type Demands, type Model, type ModelEvent, received } from '#domain/issuance/model.ts'
import { step } from '#domain/issuance/step.ts'

const demands: Demands = {
  gates: ['identity', 'separation', 'evidence-level', 'approval', 'level'],
  approvers: ['examiner'],
  approverNot: ['teacher', 'scorer'],
  scorersApart: 'one',
  document: true,
}

const pass = (gate: (typeof demands.gates)[number], version: number): ModelEvent => ({
  kind: 'verdict',
  gate,
  version,
  outcome: 'pass',
})
const approve = (person: string, seen: number): ModelEvent => ({
  kind: 'decision',
  id: `approve:${person}:${seen}`,
  person,
  role: 'examiner',
  act: 'approve',
  seen,
})
const evidence: ModelEvent = { kind: 'evidence', id: 'late' }
const missing: ModelEvent = { kind: 'verdict', gate: 'approval', version: 1, outcome: 'missing' }
const upToApproval: readonly ModelEvent[] = [
  { kind: 'start' },
  pass('identity', 1),
  pass('separation', 1),
  pass('evidence-level', 1),
  missing,
]
const upToCleared: readonly ModelEvent[] = [
  ...upToApproval,
  approve('examiner', 1),
  pass('approval', 1),
  pass('level', 1),
]

function run(events: readonly ModelEvent[]): Model {
  const start = received(demands, { learner: 'learner', teachers: ['teacher'], scorers: ['scorer'] })
  return events.reduce((model, event) => {
    const next = step(model, event)
    if (next.kind === 'rejected') throw new TypeError(`${event.kind} was rejected: ${next.code}`)
    return next
  }, start)
}

describe('one step of a case', () => {
  test('the whole way leads to one credential', () => {
    const issued = run([...upToCleared, { kind: 'sign' }, { kind: 'sign' }, { kind: 'deliver' }])
    expect(issued).toMatchObject({ state: 'issued', credentials: [1] })
  })

  test('evidence while somebody decides sends the case back, and the approval of the old version is stale', () => {
    const moved = run([...upToApproval, evidence])
    expect(moved).toMatchObject({ state: 'judging', version: 2 })
    expect(
      step(
        run([
          ...upToApproval,
          evidence,
          pass('identity', 2),
          pass('separation', 2),
          pass('evidence-level', 2),
          { ...missing, version: 2 } as ModelEvent,
        ]),
        approve('examiner', 1),
      ),
    ).toEqual({ kind: 'rejected', code: 'stale' })
  })

  test('an approval given before new evidence must be renewed', () => {
    const again = run([...upToCleared, evidence, pass('identity', 2), pass('separation', 2), pass('evidence-level', 2)])
    expect(step(again, pass('approval', 2))).toEqual({ kind: 'rejected', code: 'not-true' })
  })

  test('evidence after signing changes neither state nor credential, and the credential is still delivered', () => {
    const late = run([...upToCleared, { kind: 'sign' }, evidence])
    expect(late).toMatchObject({ state: 'cleared', version: 2, credentials: [1] })
    expect(step(late, { kind: 'deliver' })).toMatchObject({ state: 'issued', credentials: [1] })
  })

  test('evidence between clearance and signing makes signing impossible until all is judged again', () => {
    const late = run([...upToCleared, evidence])
    expect(step(late, { kind: 'sign' })).toEqual({ kind: 'rejected', code: 'not-now' })
  })

  test.each(['learner', 'teacher', 'scorer'])('the %s may not approve', (person) => {
    expect(step(run(upToApproval), approve(person, 1))).toEqual({ kind: 'rejected', code: 'forbidden-person' })
  })

  test('gates pass in their order', () => {
    expect(step(run([{ kind: 'start' }]), pass('separation', 1))).toEqual({ kind: 'rejected', code: 'not-next' })
  })

  test('separation passes only when a scorer did not teach', () => {
    const taught = run([{ kind: 'evidence', id: 'taught', teacher: 'scorer' }, { kind: 'start' }, pass('identity', 2)])
    expect(step(taught, pass('separation', 2))).toEqual({ kind: 'rejected', code: 'not-true' })
  })

  test('a signed case is not withdrawn: it must be revoked', () => {
    const signed = run([...upToCleared, { kind: 'sign' }])
    expect(step(signed, { kind: 'withdraw', id: 'w' })).toEqual({ kind: 'rejected', code: 'needs-lacking' })
  })
})
