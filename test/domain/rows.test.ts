/** The rows of the table one by one: what each accepts and what it tells when it does not. */
import { describe, expect, test } from 'vitest'
import { judge } from '#domain/gates/judge.ts'
import { documentCheck, login, osce, outcomes, session } from './facts.ts'
import {
  add,
  all,
  approval,
  approvedBy,
  type Change,
  courseWithTest,
  defined,
  drop,
  each,
  joinList,
  project,
  promised,
  registered,
  webinar,
  withoutMembers,
} from './fixtures.ts'
import { outcomeOf, type Row } from './rules-table.ts'
import {
  at,
  certifier,
  days,
  decider,
  employed,
  evidenceId,
  examiner,
  invigilator,
  person,
  reviewer,
  school,
  scorer,
  teacher,
  university,
} from './world.ts'

const A = promised.A
const B = promised['B-C1']
const C = promised['C2-D']
const attended = (more: object): Change =>
  each('participation', ({ attendance }) =>
    attendance === undefined ? {} : { attendance: { ...attendance, ...more } },
  )
const without = (member: string): Change =>
  each('participation', ({ attendance }) =>
    attendance === undefined
      ? {}
      : { attendance: Object.fromEntries(Object.entries(attendance).filter(([name]) => name !== member)) as never },
  )
const reported = (more: object): Change => each('proctoring', () => more as never)
const place = { id: 'sal', name: 'Sal', approved: true, confirmed: true }
const environment = { platform: 'Provrum', approved: true, roomChecked: true, deviceChecked: true }
const online = (more: object = {}): Change =>
  each('proctoring', ({ place: _p, equipment: _e, ...rest }) => ({
    ...rest,
    place: undefined as never,
    setting: 'online',
    environment: { ...environment, ...more },
  }))

const table: Readonly<Record<string, readonly Row[]>> = {
  loa: [
    {
      says: 'C2–D at 1',
      of: C,
      change: reported({ identity: { at: at('2026-11-10'), check: login(1, at('2026-11-10')), checker: invigilator } }),
      level: 'D-E',
      lacks: ['C2-D.loa'],
    },
    {
      says: 'D–E at 1',
      of: courseWithTest,
      change: each('identity', () => ({ check: login(1, days.formative) })),
      level: 'E',
      lacks: ['D-E.loa'],
    },
    {
      says: 'D–E with a login to another course of the offering',
      of: courseWithTest,
      change: all(
        each('identity', () => ({ at: at('2026-11-15'), check: login(3, at('2026-11-15')) })),
        attended({}),
      ),
      level: 'E',
      lacks: ['D-E.loa', 'D-E.identity'],
    },
    {
      says: 'webinar, and a test with login next week, of which no course description tells',
      of: webinar,
      change: all(
        drop(evidenceId('login-webinar')),
        add(session('later', 3, days.osce), osce({ passed: true, purpose: 'formative' })),
      ),
      level: 'E',
      lacks: ['D-E.definition.course-or-event-description'],
    },
  ],
  separation: [
    {
      says: 'A: trainer and certifier under one owner',
      of: A,
      change: registered(({ organisations }) => ({
        organisations: organisations.map((one) => ({ ...one, ownerGroup: 'samma' })),
      })),
      level: 'C2-D',
      lacks: [
        'A.separation.organisations',
        'A.separation.teachers-known',
        'A.separation.scorer',
        'A.loa',
        'A.supervision',
        'A.identity',
        'A.premises',
        'A.attendance',
      ],
    },
    {
      says: 'A: the certifier also taught',
      of: A,
      change: each('participation', ({ teaching }) =>
        teaching === undefined ? {} : { teaching: { ...teaching, organisation: certifier } },
      ),
      level: 'C2-D',
      lacks: ['A.separation.organisations'],
    },
    {
      says: 'A: an organisation nobody registered',
      of: A,
      change: each('participation', ({ teaching }) =>
        teaching === undefined ? {} : { teaching: { ...teaching, organisation: 'okand' as typeof school } },
      ),
      level: 'C2-D',
      lacks: ['A.separation.organisations'],
    },
    {
      says: 'A: one of two scorers taught',
      of: A,
      change: each('participation', ({ teaching }) =>
        teaching === undefined ? {} : { teaching: { ...teaching, teachers: [teacher, person('second-scorer')] } },
      ),
      level: 'C2-D',
      lacks: ['A.separation.scorer'],
    },
    {
      says: 'B–C1: one of two scorers taught, but the other did not',
      of: B,
      change: each('participation', ({ teaching }) =>
        teaching === undefined ? {} : { teaching: { ...teaching, teachers: [teacher, person('second-scorer')] } },
      ),
      level: 'B-C1',
    },
    {
      says: 'B–C1: the only scorer of the written exam taught',
      of: B,
      change: each('participation', ({ teaching }) =>
        teaching === undefined ? {} : { teaching: { ...teaching, teachers: [teacher, scorer] } },
      ),
      level: 'C2-D',
      lacks: ['B-C1.separation.scorer'],
    },
    {
      says: 'A: a scorer whose employers are not known',
      of: A,
      change: registered(({ persons }) => ({ persons: persons.filter(({ id }) => id !== scorer) })),
      level: 'C2-D',
      lacks: ['A.separation.scorer'],
    },
  ],
  supervision: [
    {
      says: 'B–C1: automatic',
      of: B,
      change: reported({ invigilation: 'automatic' }),
      level: 'C2-D',
      lacks: ['B-C1.supervision'],
    },
    {
      says: 'C2–D: automatic will do',
      of: C,
      change: reported({
        invigilation: 'automatic',
        invigilators: [],
        identity: { at: at('2026-11-10'), check: documentCheck(), checker: invigilator },
      }),
      level: 'C2-D',
    },
    {
      says: 'C2–D: unsupervised',
      of: C,
      change: drop(evidenceId('report-written')),
      level: 'D-E',
      lacks: ['C2-D.loa', 'C2-D.supervision', 'C2-D.identity', 'C2-D.premises'],
    },
    {
      says: 'B–C1: on site without an identity check',
      of: B,
      change: reported({ identity: undefined }),
      level: 'D-E',
      lacks: ['B-C1.loa', 'B-C1.supervision', 'B-C1.identity'],
    },
    {
      says: 'B–C1: a human invigilator nobody named',
      of: B,
      change: reported({ invigilators: [] }),
      level: 'D-E',
      lacks: ['B-C1.supervision'],
    },
    {
      says: 'B–C1: the learner was absent',
      of: B,
      change: reported({ attendance: 'absent' }),
      level: 'D-E',
      lacks: ['B-C1.assessment.standing', 'B-C1.supervision', 'B-C1.attendance', 'B-C1.coverage'],
    },
  ],
  identity: [
    {
      says: 'B–C1: a login without comparison',
      of: B,
      change: all(
        reported({ identity: undefined }),
        add(session('l1', 3, at('2026-11-10')), session('l2', 3, at('2026-11-11'))),
      ),
      level: 'D-E',
      lacks: ['B-C1.supervision', 'B-C1.identity', 'B-C1.loa'],
    },
    {
      says: 'B–C1: a login at 3 compared by the invigilator',
      of: B,
      change: each('proctoring', ({ from }) => ({
        identity: { at: from, check: login(3, from), checker: invigilator },
      })),
      level: 'B-C1',
    },
    {
      says: 'B–C1: the comparison found somebody else',
      of: C,
      change: all(
        reported({ identity: undefined }),
        add(
          session('l1', 3, at('2026-11-10'), { liveMatch: { by: invigilator, manner: 'video', result: 'no-match' } }),
        ),
      ),
      level: 'D-E',
      lacks: ['C2-D.loa', 'C2-D.identity'],
    },
  ],
  premises: [
    {
      says: 'A: place not approved',
      of: A,
      change: reported({ place: { ...place, approved: false } }),
      level: 'C2-D',
      lacks: ['A.premises'],
    },
    {
      says: 'A: place not confirmed',
      of: A,
      change: reported({ place: { ...place, confirmed: false } }),
      level: 'C2-D',
      lacks: ['A.premises'],
    },
    {
      says: 'A: equipment of one station not told',
      of: A,
      change: each(
        'proctoring',
        ({ equipment = [] }) => ({ equipment: equipment.slice(1) }),
        evidenceId('report-osce'),
      ),
      level: 'C2-D',
      lacks: ['A.premises'],
    },
    {
      says: 'A: equipment of one station not confirmed',
      of: A,
      change: each('proctoring', ({ equipment = [] }) => ({
        equipment: equipment.map((one, index) => ({ ...one, confirmed: index > 0 })),
      })),
      level: 'C2-D',
      lacks: ['A.premises'],
    },
    { says: 'A: online in an approved environment', of: A, change: online(), level: 'A' },
    {
      says: 'A: environment not approved',
      of: A,
      change: online({ approved: false }),
      level: 'C2-D',
      lacks: ['A.premises'],
    },
    {
      says: 'A: device not checked',
      of: A,
      change: online({ deviceChecked: false }),
      level: 'C2-D',
      lacks: ['A.premises'],
    },
    {
      says: 'B–C1: not confirmed',
      of: B,
      change: reported({ place: { ...place, confirmed: false } }),
      level: 'C2-D',
      lacks: ['B-C1.premises'],
    },
    {
      says: 'B–C1: confirmed, not approved',
      of: B,
      change: reported({ place: { ...place, approved: false } }),
      level: 'B-C1',
    },
    {
      says: 'C2–D: not named',
      of: C,
      change: reported({ environment: undefined }),
      level: 'D-E',
      lacks: ['C2-D.premises'],
    },
    {
      says: 'D–E: neither place nor platform',
      of: courseWithTest,
      change: without('where'),
      level: 'none',
      lacks: ['D-E.premises'],
    },
    {
      says: 'E: neither place nor event',
      of: joinList,
      change: all(without('where'), withoutMembers('eventDescription')),
      level: 'none',
      lacks: ['E.premises'],
    },
    {
      says: 'F: no resource',
      of: promised.F,
      change: all(without('where'), withoutMembers('resource', 'eventDescription')),
      level: 'none',
      lacks: ['F.premises', 'F.definition.resource'],
    },
  ],
  attendance: [
    {
      says: 'A: no routine in the training',
      of: A,
      change: without('routine'),
      level: 'C2-D',
      lacks: ['A.attendance'],
    },
    {
      says: 'A: no routine at one exam',
      of: A,
      change: each('proctoring', () => ({ routine: undefined as never }), evidenceId('report-osce')),
      level: 'C2-D',
      lacks: ['A.attendance'],
    },
    {
      says: 'B–C1: a compulsory part missed',
      of: B,
      change: attended({ parts: [{ id: 'p', compulsory: true, attended: false }] }),
      level: 'C2-D',
      lacks: ['B-C1.attendance'],
    },
    {
      says: 'B–C1: no roster from one exam',
      of: B,
      change: each('proctoring', () => ({ attendance: 'unknown' }), evidenceId('report-osce')),
      level: 'C2-D',
      lacks: ['B-C1.attendance'],
    },
    {
      says: 'C2–D: no roster at all',
      of: C,
      change: all(without('roster'), reported({ attendance: 'unknown' })),
      level: 'D-E',
      lacks: ['C2-D.attendance'],
    },
    {
      says: 'D–E: 79 % of the webinar',
      of: webinar,
      change: attended({ share: 0.79 }),
      level: 'E',
      lacks: ['D-E.attendance'],
    },
    { says: 'D–E: 80 % of the webinar', of: webinar, change: attended({ share: 0.8 }), level: 'D-E' },
    {
      says: 'D–E: silent in the discussion',
      of: webinar,
      change: attended({ discussion: false }),
      level: 'E',
      lacks: ['D-E.attendance'],
    },
    {
      says: 'D–E: an online conference is no gathering',
      of: webinar,
      change: attended({ activity: 'online-conference' }),
      level: 'E',
      lacks: [
        'D-E.loa',
        'D-E.assessment',
        'D-E.identity',
        'D-E.attendance',
        'D-E.coverage',
        'D-E.definition.course-or-event-description',
      ],
    },
    {
      says: 'E: an open course completed in one’s own time',
      of: joinList,
      change: attended({ activity: 'open-course', form: 'completed' }),
      level: 'E',
    },
    {
      says: 'E: a webinar watched afterwards',
      of: joinList,
      change: attended({ form: 'completed' }),
      level: 'none',
      lacks: ['E.attendance'],
    },
  ],
  coverage: [
    {
      says: 'A: without items',
      of: A,
      change: each('result', ({ items: _items, passMark: _mark, ...rest }) => ({
        ...rest,
        items: undefined as never,
        passMark: undefined as never,
      })),
      level: 'C2-D',
      lacks: ['A.coverage'],
    },
    {
      says: 'A: no controlled test inside the training',
      of: A,
      change: each('result', () => ({ controlled: false }), evidenceId('formative')),
      level: 'C2-D',
      lacks: ['A.coverage.controlled-tests'],
    },
    {
      says: 'A: only the third party’s own exam is controlled',
      of: A,
      change: each('result', ({ id }) => ({ controlled: id !== evidenceId('formative') })),
      level: 'C2-D',
      lacks: ['A.coverage.controlled-tests'],
    },
    {
      says: 'B–C1: a skill shown in writing only',
      of: B,
      change: defined(({ outcomes: old }) => ({ outcomes: old.map((one) => ({ ...one, type: 'skill' })) })),
      level: 'C2-D',
      lacks: ['B-C1.coverage'],
    },
    {
      says: 'C2–D: no outcomes are defined',
      of: C,
      change: defined(() => ({ outcomes: [] })),
      level: 'D-E',
      lacks: [
        'C2-D.loa',
        'C2-D.assessment',
        'C2-D.supervision',
        'C2-D.identity',
        'C2-D.premises',
        'C2-D.coverage',
        'C2-D.definition.outcomes',
      ],
    },
  ],
  definition: [
    ...(['standard', 'placement', 'method'] as const).map(
      (member): Row => ({
        says: `A: no ${member}`,
        of: A,
        change: withoutMembers(member),
        level: 'C2-D',
        lacks:
          member === 'standard'
            ? ['A.assessment.standard', 'A.definition.standard', 'A.mandate.accreditation']
            : [member === 'method' ? 'A.definition.method' : 'A.definition.placement-or-approval'],
      }),
    ),
    {
      says: 'A: outcomes not structured',
      of: A,
      change: defined(() => ({ structured: false })),
      level: 'C2-D',
      lacks: ['A.definition.outcomes-structured'],
    },
    ...(['eligibility', 'creditable'] as const).map(
      (member): Row => ({
        says: `B–C1: no ${member}`,
        of: B,
        change: withoutMembers(member),
        level: 'C2-D',
        lacks: [`B-C1.definition.${member}`],
      }),
    ),
    {
      says: 'C2–D: no established syllabus',
      of: C,
      change: withoutMembers('syllabus'),
      level: 'D-E',
      lacks: ['C2-D.definition.syllabus'],
    },
    {
      says: 'C2–D: a syllabus established after the exam',
      of: C,
      change: defined(() => ({
        syllabus: { reference: 'x', establishedBy: university, establishedAt: days.completed },
      })),
      level: 'D-E',
      lacks: ['C2-D.definition.syllabus'],
    },
    {
      says: 'C2–D: no course description',
      of: C,
      change: withoutMembers('courseDescription'),
      level: 'E',
      lacks: ['C2-D.definition.course-description'],
    },
    {
      says: 'D–E route 1: an event description is not enough',
      of: courseWithTest,
      change: all(
        withoutMembers('courseDescription'),
        defined(() => ({ eventDescription: { sv: 'x', en: 'x' } })),
      ),
      level: 'E',
      lacks: ['D-E.definition.course-or-event-description'],
    },
    {
      says: 'D–E route 3: a course description is not enough',
      of: project,
      change: all(
        withoutMembers('eventDescription'),
        defined(() => ({ courseDescription: { reference: 'x' } })),
      ),
      level: 'E',
      lacks: ['D-E.definition.course-or-event-description'],
    },
    {
      says: 'E: no knowledge content',
      of: joinList,
      change: withoutMembers('knowledgeContent'),
      level: 'none',
      lacks: ['E.definition.knowledge-content'],
    },
  ],
  mandate: [
    {
      says: 'A: a mandate for something else',
      of: A,
      change: registered(({ mandates }) => ({
        mandates: mandates.map((one) => ({ ...one, achievements: ['annat'] })),
      })),
      level: 'C2-D',
      lacks: ['A.mandate'],
    },
    {
      says: 'B–C1: no lärosäte',
      of: B,
      change: registered(({ organisations }) => ({
        organisations: organisations.map((one) => ({ ...one, higherEducation: false })),
      })),
      level: 'C2-D',
      lacks: ['B-C1.mandate.higher-education'],
    },
    {
      says: 'C2–D: who established the syllabus needs no entry',
      of: C,
      change: registered(({ mandates }) => ({
        mandates: mandates.filter(({ basis }) => basis === 'registered-provider'),
      })),
      level: 'C2-D',
    },
    {
      says: 'C2–D: a syllabus established by somebody else, and no mandate',
      of: C,
      change: all(
        registered(({ mandates }) => ({ mandates: mandates.filter(({ basis }) => basis === 'registered-provider') })),
        defined(({ syllabus }) => (syllabus === undefined ? {} : { syllabus: { ...syllabus, establishedBy: school } })),
      ),
      level: 'D-E',
      lacks: ['C2-D.mandate'],
    },
    {
      says: 'C2–D: the commissioner’s mandate in contract education',
      of: C,
      change: all(
        registered(() => ({
          mandates: [{ id: 'm', organisation: school, basis: 'commissioner', reference: 'x', from: at('2020-01-01') }],
        })),
        defined(({ syllabus }) => ({
          contractEducation: { commissioner: school },
          ...(syllabus === undefined ? {} : { syllabus: { ...syllabus, establishedBy: school } }),
        })),
      ),
      level: 'C2-D',
    },
    {
      says: 'E: no registered provider',
      of: joinList,
      change: registered(() => ({ mandates: [] })),
      level: 'none',
      lacks: ['E.mandate'],
    },
  ],
  approvers: [
    {
      says: 'A: one person in both roles',
      of: A,
      approvals: 'actual',
      change: all(
        registered(({ appointments }) => ({
          appointments: [
            ...appointments,
            { id: 'x', person: reviewer, role: 'decision-maker', by: certifier, order: 3, from: at('2020-01-01') },
          ],
        })),
        approvedBy(approval(reviewer, 'external-reviewer'), approval(reviewer, 'decision-maker')),
      ),
      level: 'C2-D',
      lacks: ['A.approvers.decision-maker'],
    },
    {
      says: 'A: only the decision-maker',
      of: A,
      approvals: 'actual',
      change: approvedBy(approval(decider, 'decision-maker')),
      level: 'C2-D',
      lacks: ['A.approvers.external-reviewer'],
    },
    {
      says: 'A: a reviewer employed by the trainer',
      of: A,
      approvals: 'actual',
      change: registered(({ persons }) => ({
        persons: persons.map((one) => (one.id === reviewer ? employed(reviewer, school, 'x') : one)),
      })),
      level: 'C2-D',
      lacks: ['A.approvers.external-reviewer', 'A.approvers.external'],
    },
    {
      says: 'A: own LoA below the learner’s',
      of: A,
      approvals: 'actual',
      change: approvedBy(approval(reviewer, 'external-reviewer', { loa: 2 }), approval(decider, 'decision-maker')),
      level: 'C2-D',
      lacks: ['A.approvers.external-reviewer', 'A.approvers.own-loa'],
    },
    {
      says: 'B–C1: appointed by another body',
      of: B,
      approvals: 'actual',
      change: registered(({ appointments }) => ({ appointments: appointments.map((one) => ({ ...one, by: school })) })),
      level: 'D-E',
      lacks: ['B-C1.mandate.examiner', 'B-C1.approvers.examiner', 'B-C1.approvers.appointed'],
    },
    {
      says: 'B–C1: rejected',
      of: B,
      approvals: 'actual',
      change: approvedBy(approval(examiner, 'examiner', { outcome: 'reject' })),
      level: 'D-E',
      lacks: ['B-C1.approvers'],
    },
    {
      says: 'B–C1: sent back after an approval',
      of: B,
      approvals: 'actual',
      change: approvedBy(
        approval(examiner, 'examiner'),
        approval(examiner, 'examiner', { outcome: 'return', at: at('2026-11-18') }),
      ),
      level: 'D-E',
      lacks: ['B-C1.approvers.examiner'],
    },
    {
      says: 'D–E: a gathering nobody confirmed',
      of: webinar,
      change: without('confirmedBy'),
      level: 'E',
      lacks: ['D-E.approvers.confirmation'],
    },
  ],
}

for (const [row, cases] of Object.entries(table)) {
  describe(`row ${row}`, () => {
    for (const one of cases) {
      test(`${one.says} → ${one.level}`, () => {
        const { level, lacks } = outcomeOf(one)
        expect({ level, lacks: lacks.toSorted() }).toEqual({
          level: one.level,
          lacks: [...(one.lacks ?? [])].toSorted(),
        })
      })
    }
  })
}

describe('the gate of the assessment', () => {
  const told = (more: object) =>
    add({ ...osce({ id: evidenceId('extra'), occasion: 'extra', at: at('2026-10-20'), outcomes: [...outcomes] }) }, {
      ...(B().evidence.find(({ kind }) => kind === 'proctoring') as never as object),
      id: evidenceId('extra-report'),
      occasion: 'extra',
      incidents: [{ id: 'i', at: at('2026-10-20'), severity: 'major', category: 'x', machine: true, ...more }],
    } as never)

  test('waits for a human finding on a flag also where the result is not needed', () => {
    const verdict = judge('assessment', told({})(B()))
    expect(verdict.outcome).toBe('missing')
    expect(verdict.findings.filter(({ outcome }) => outcome !== 'passed').map(({ rule }) => rule)).toEqual([
      'B-C1.assessment.flag',
    ])
    expect(judge('evidence-level', told({})(B())).outcome).toBe('pass')
  })

  test('pauses on a suspected irregularity until somebody has decided', () => {
    const suspicion = { finding: { by: examiner, result: 'suspected-irregularity' } }
    const verdict = judge('assessment', told(suspicion)(B()))
    expect(verdict.outcome).toBe('could-not-check')
    expect(verdict.findings.map(({ rule }) => rule)).toContain('B-C1.assessment.suspicion')
    expect(judge('assessment', told({ finding: { by: examiner, result: 'no-deviation' } })(B())).outcome).toBe('pass')
  })

  test('is passed by every case as promised, as is every other gate', () => {
    for (const of of Object.values(promised)) {
      for (const gate of [
        'open',
        'identity',
        'assessment',
        'separation',
        'evidence-level',
        'approval',
        'level',
      ] as const) {
        expect(judge(gate, of())).toMatchObject({ gate, outcome: 'pass', rules: '2026-11' })
      }
    }
  })

  test('holds a case that does better than promised to what it promised', () => {
    const better = B()
    const modest = { ...better, case: { ...better.case, promised: 'C2-D' as const } }
    expect(judge('level', modest)).toMatchObject({ outcome: 'pass', band: 'C2-D' })
  })
})
