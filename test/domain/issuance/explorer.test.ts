/** Every order of events that four bands allow, walked to the end; and proof that a broken reducer would be caught. */
import { describe, expect, test } from 'vitest'
import type { Model, ModelEvent } from '#domain/issuance/model.ts'
import { step } from '#domain/issuance/step.ts'
import { transitions } from '#domain/issuance/transitions.ts'
import { explore, noted, type Step, type Walk, type World } from './explore.ts'

/** The automatic gates behave alike, so a band that walks many decisions walks fewer of them. */
const automatic = ['open', 'identity', 'assessment', 'separation', 'evidence-level'] as const
const few = ['identity', 'separation', 'evidence-level'] as const

const officer = (act: 'appoint' | 'reassess' | 'choose' | 'refuse'): ModelEvent => ({
  kind: 'officer',
  id: `officer:${act}`,
  act,
})

const bandA: World = {
  name: 'A',
  demands: {
    gates: [...few, 'approval', 'level'],
    approvers: ['external-reviewer', 'decision-maker'],
    approverNot: ['teacher', 'scorer'],
    scorersApart: 'all',
    document: true,
  },
  late: [
    { kind: 'evidence', id: 'late-result', scorer: 'approver-2' },
    { kind: 'conflict', id: 'conflict', person: 'approver-1' },
    officer('appoint'),
    officer('refuse'),
  ],
}

const bandB: World = {
  name: 'B-C1',
  demands: {
    gates: [...few, 'approval', 'level'],
    approvers: ['examiner'],
    approverNot: ['teacher', 'scorer'],
    scorersApart: 'one',
    document: true,
  },
  late: [
    { kind: 'evidence', id: 'late-teacher', teacher: 'approver-1' },
    { kind: 'conflict', id: 'scorer-conflict', person: 'scorer' },
    { kind: 'evidence', id: 'new-score', scorer: 'approver-2' },
  ],
}

const bandE: World = {
  name: 'E',
  demands: { gates: [...automatic, 'level'], approvers: [], approverNot: [], scorersApart: 'none', document: true },
  late: [
    { kind: 'evidence', id: 'late-1' },
    { kind: 'conflict', id: 'conflict', person: 'approver-1' },
    officer('appoint'),
    officer('reassess'),
    officer('choose'),
    officer('refuse'),
  ],
}

const bandF: World = {
  name: 'F',
  demands: { ...bandE.demands, document: false },
  late: [{ kind: 'evidence', id: 'late' }, officer('refuse')],
}

const worlds = [bandA, bandB, bandE, bandF]
const walks = new Map<string, Walk>(worlds.map((world) => [world.name, explore(world, step)]))

describe('the explorer', () => {
  test.each(worlds)('finds no way to a wrong credential in band $name', ({ name }) => {
    expect(walks.get(name)?.violations).toEqual([])
  })

  test('walks more than a thousand states where people approve', () => {
    expect(walks.get('A')?.states).toBeGreaterThan(1000)
    expect(walks.get('B-C1')?.states).toBeGreaterThan(1000)
  })

  test('sees every legal transition, and no other', () => {
    const seen = new Set(worlds.flatMap(({ name }) => [...(walks.get(name)?.seen ?? [])]))
    const legal = new Set(transitions.map(({ from, by, to }) => noted(from, by, to)))
    expect([...seen].toSorted()).toEqual([...legal].toSorted())
  })

  test('reaches issuing in the bands with a document, and a record in F', () => {
    expect(walks.get('A')?.ends).toEqual(new Set(['issued', 'refused', 'withdrawn']))
    expect(walks.get('B-C1')?.ends).toEqual(new Set(['issued', 'refused', 'withdrawn']))
    expect(walks.get('E')?.ends).toEqual(new Set(['issued', 'refused', 'withdrawn']))
    expect(walks.get('F')?.ends).toEqual(new Set(['recorded', 'refused', 'withdrawn']))
  })
})

/** One fault each, of the kind a hurried change would bring. */
const broken: readonly (readonly [fault: string, world: World, step: Step, caught: RegExp])[] = [
  ['keeps what was passed and approved when evidence changes', bandA, keepsApprovals, /carried over to a new version/],
  ['believes a verdict on an older version', bandB, believesStale, /something stale/],
  ['lets a teacher approve', bandB, teacherApproves, /two forbidden roles/],
  ['lets one person approve twice', bandA, oneApproves, /two approving roles/],
  ['signs before clearance', bandB, signsEarly, /not cleared|without every demanded gate/],
  ['signs again when asked again', bandE, signsTwice, /replay had an effect|two credentials/],
  ['takes a replayed decision for a new one', bandA, forgetsReplays, /late replay had an effect/],
  ['opens a refused case again', bandE, reopens, /illegal move|end state was left/],
  ['does not hear of conflicts', bandB, deafToConflicts, /conflicted approver|scores of a teacher|two forbidden roles/],
  ['signs in band F', bandF, signsRecords, /credential in band F/],
]

describe('a planted fault', () => {
  test.each(broken)('that %s is caught', (_, world, faulty, caught) => {
    expect(explore(world, faulty).violations.join('\n')).toMatch(caught)
  })
})

function keepsApprovals(model: Model, event: ModelEvent) {
  const next = step(model, event)
  if (next.kind === 'rejected' || next.version === model.version) return next
  const { version } = next
  const passed = Object.fromEntries(Object.keys(next.passed).map((gate) => [gate, version]))
  return { ...next, passed, approvals: next.approvals.map((one) => ({ ...one, version })) }
}

function believesStale(model: Model, event: ModelEvent) {
  return step(model, event.kind === 'verdict' ? { ...event, version: model.version } : event)
}

function teacherApproves(model: Model, event: ModelEvent) {
  if (event.kind !== 'decision' || event.person !== 'teacher') return step(model, event)
  const next = step({ ...model, teachers: [] }, event)
  return next.kind === 'rejected' ? next : { ...next, teachers: model.teachers }
}

function oneApproves(model: Model, event: ModelEvent) {
  if (event.kind !== 'decision' || event.act !== 'approve' || event.person !== 'approver-1') return step(model, event)
  const next = step({ ...model, approvals: [] }, event)
  return next.kind === 'rejected' ? next : { ...next, approvals: [...model.approvals, ...next.approvals] }
}

function signsEarly(model: Model, event: ModelEvent) {
  if (event.kind !== 'sign' || model.state !== 'judging') return step(model, event)
  return { ...model, credentials: [model.version] }
}

function signsTwice(model: Model, event: ModelEvent) {
  const twice = event.kind === 'sign' && model.state === 'cleared' && model.credentials.length === 1
  return twice ? { ...model, credentials: [...model.credentials, model.version] } : step(model, event)
}

function forgetsReplays(model: Model, event: ModelEvent) {
  if (event.kind !== 'officer') return step(model, event)
  return step({ ...model, applied: model.applied.filter((id) => id !== event.id) }, event)
}

function reopens(model: Model, event: ModelEvent): Model | ReturnType<typeof step> {
  const late = event.kind === 'evidence' && model.state === 'refused'
  return late ? { ...model, state: 'judging', by: 'evidence-arrived' } : step(model, event)
}

function deafToConflicts(model: Model, event: ModelEvent) {
  const next = step(model, event)
  return next.kind === 'rejected' ? next : { ...next, conflicts: [] }
}

function signsRecords(model: Model, event: ModelEvent) {
  const may = event.kind === 'sign' && model.state === 'cleared' && model.credentials.length === 0
  return may ? { ...model, credentials: [model.version] } : step(model, event)
}
