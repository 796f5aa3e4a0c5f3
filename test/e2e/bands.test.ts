import { afterAll, beforeAll, expect, test } from 'vitest'
import type { EventDraft } from '#dev/demo/emitters.ts'
import * as f from '#dev/demo/facts.ts'
import { missingRules } from '#dev/demo/report.ts'
import type { Level } from '#domain/words.ts'
import { demoRegister } from '../config/register-folder.ts'
import { courseA, courseB, courseC, discussed, evening, joined, offeringOf, webinar } from './courses.ts'
import { expectSound } from './sound.ts'
import { type System, startSystem } from './system.ts'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(async () => {
  await system.dispose()
})

const approve = { outcome: 'approve', reason: 'outcomes-shown' }

interface Row {
  readonly tells: string
  readonly events: readonly EventDraft[]
  readonly level: Level
  readonly state: string
  /** Approvals until it is there. */
  readonly approvals?: number
  /** A rule among what the promised band lacks. */
  readonly missing?: string
}

const sterile = (key: string, learner = '01') => offeringOf(learner, 'steril-beredning', key)
const clinical = (key: string, learner = '01') => offeringOf(learner, 'klinisk-bedomning', key)
const tutoring = (key: string, learner = '01') => offeringOf(learner, 'handledning-i-varden', key)
const ethics = (key: string, learner = '09') => offeringOf(learner, 'etik-webbinarium', key)

const flag = { id: 'flagga-1', at: '', severity: 'major', category: 'ansikte', machine: true }
const reportOf = (incident: object) => ({
  incidents: [{ ...flag, at: f.examined('certus', sterile('x'), {}).data['at'], ...incident }],
})
const project = { activity: 'development-project', form: 'completed', share: 1, confirmedBy: f.people.teacher4 }

/** Examiner 2, who has declared a conflict with learner 03. */
const inConflict = { scheme: 'anstallning', value: 'N-1008' }
const lastScoredBy = (scorer: f.PersonRef) => {
  const outcomes = ['lr1', 'lr2', 'lr3', 'lr4', 'lr5']
  const both = f.stations(outcomes, [scorer, f.people.assessor2]).items
  return [...both.slice(0, 4), ...f.stations(outcomes, [scorer]).items.slice(4)]
}

const table: readonly Row[] = [
  { tells: 'A, all as promised', events: courseA(sterile('a')), level: 'A', state: 'issued', approvals: 2 },
  { tells: 'B-C1, all as promised', events: courseB(clinical('b')), level: 'B-C1', state: 'issued', approvals: 1 },
  { tells: 'C2-D, all as promised', events: courseC(tutoring('c')), level: 'C2-D', state: 'issued', approvals: 1 },
  { tells: 'D-E, all as promised', events: webinar(ethics('d'), discussed), level: 'D-E', state: 'issued' },
  {
    tells: 'E, all as promised',
    events: webinar(offeringOf('13', 'validering-information', 'e'), joined, { login: false }),
    level: 'E',
    state: 'issued',
  },
  {
    tells: '2a: scorer and reviewer share the learner’s employer',
    events: courseA(sterile('2a', '02'), { scorers: [{ scheme: 'certus', value: 'C-503' }] }),
    level: 'C2-D',
    state: 'stopped',
    missing: 'A.separation.scorer',
  },
  {
    tells: '2b: learner is staff of another unit',
    events: courseB(clinical('2b', '04')),
    level: 'B-C1',
    state: 'issued',
    approvals: 1,
  },
  {
    tells: '3: a machine flag without a human finding',
    events: courseC(tutoring('3'), { report: reportOf({}) }),
    level: 'D-E',
    state: 'waiting',
    missing: 'C2-D.assessment.standing',
  },
  {
    tells: '3, then: the human finding is no deviation',
    events: courseC(tutoring('3-then'), {
      report: reportOf({ finding: { by: f.people.invigilator1, result: 'no-deviation' } }),
    }),
    level: 'C2-D',
    state: 'issued',
    approvals: 1,
  },
  {
    tells: '4: login at 2, passport checked on site',
    events: [...courseA(sterile('4')), f.documentChecked('provtjanst', sterile('4'))],
    level: 'A',
    state: 'issued',
    approvals: 2,
  },
  {
    tells: '4, else: passport shown on video only',
    events: courseA(sterile('4-video'), { report: { identity: f.passport('video') } }),
    level: 'C2-D',
    state: 'waiting',
    missing: 'A.loa',
  },
  {
    tells: '5: webinar, join list',
    events: webinar(ethics('5'), { ...joined, activity: 'webinar' }, { login: false }),
    level: 'E',
    state: 'waiting',
    missing: 'D-E.identity',
  },
  {
    tells: '5, then: a login a week later',
    events: [
      ...webinar(ethics('5-then'), { ...joined, activity: 'webinar' }, { login: false }),
      f.loggedIn('webb', ethics('5-then'), new Date(Date.now() - 60_000).toISOString()),
    ],
    level: 'E',
    state: 'waiting',
    missing: 'D-E.identity',
  },
  { tells: '6: a project, confirmed', events: webinar(ethics('6'), project), level: 'D-E', state: 'issued' },
  {
    tells: '6, else: unauthenticated',
    events: webinar(ethics('6-else'), project, { login: false }),
    level: 'E',
    state: 'waiting',
    missing: 'D-E.loa',
  },
  {
    tells: '8: an outcome tested only formatively',
    events: courseC(tutoring('8'), { outcomes: ['lr1', 'lr2', 'lr3'] }),
    level: 'D-E',
    state: 'waiting',
    missing: 'C2-D.coverage',
  },
  {
    tells: '9: watched a recording',
    events: [
      f.completed('resurs', offeringOf('14', 'hygien-inspelning', '9')),
      f.attended(
        'resurs',
        offeringOf('14', 'hygien-inspelning', '9'),
        { activity: 'recording', form: 'access', setting: 'online', where: 'Basal hygien' },
        evening,
      ),
    ],
    level: 'F',
    state: 'recorded',
  },
  {
    tells: '10: one of two scorers declared a conflict with the learner',
    events: courseB(clinical('10', '03'), {
      scorers: [inConflict, f.people.assessor2],
    }),
    level: 'B-C1',
    state: 'issued',
    approvals: 1,
  },
  {
    tells: '10, else: the one in conflict alone scored outcome 5',
    events: courseB(clinical('10-else', '03'), {
      scorers: [inConflict, f.people.assessor2],
      result: { items: lastScoredBy(inConflict) },
    }),
    level: 'D-E',
    state: 'waiting',
    missing: 'B-C1.coverage',
  },
  {
    tells: '11: stopped with LoA 2',
    events: courseB(clinical('11'), { report: { identity: f.roster(2) } }),
    level: 'C2-D',
    state: 'waiting',
    missing: 'B-C1.loa',
  },
]

test.each(table)('$tells: $level, $state', async ({ events, level, state, approvals = 0, missing }) => {
  const id = await system.tell(events)
  for (let given = 0; given < approvals; given++) await system.decideAsAsked(id, approve)
  const view = await system.until(id, (now) => now.state === state)
  expect(view.level ?? view.evidenceLevel).toBe(level)
  if (missing !== undefined) expect(missingRules(view)).toContainEqual(expect.stringContaining(missing))
  expect(view.credentials).toHaveLength(state === 'issued' ? 1 : 0)
})

test('no entry of any case names anybody, or anything that opens a door', async () => {
  const rows = await system.admin<{ leaf: string }[]>`select convert_from(leaf, 'utf8') as leaf from audit.entry`
  expect(rows.length).toBeGreaterThan(100)
  const people = demoRegister({}).people.flatMap(({ name, birthDate, references }) => [
    name,
    birthDate,
    ...references.map(({ value }) => value),
  ])
  const personal = people.filter((value) => value !== undefined)
  expect(personal.length).toBeGreaterThan(30)
  // A token or a JWT, a key, a login in front of a host, an address, a personal number.
  const secrets = /Bearer |eyJ[\w-]+\.[\w-]+\.|PRIVATE KEY|:\/\/[^/\s"]*@|[\w.]@[\w-]+\.[a-z]{2}|\b\d{6,8}[-+]\d{4}\b/
  for (const { leaf } of rows) {
    expect(personal.filter((value) => leaf.includes(value))).toEqual([])
    expect(secrets.exec(leaf)?.[0]).toBeUndefined()
  }
})

test('afterwards everything is sound', () => expectSound(system))
