/** "Rules that hold in every band" of the level table, sentence by sentence; each has at least one row. */
import { describe, expect, test } from 'vitest'
import type { PersonId } from '#domain/words.ts'
import { documentCheck, login, onSite, osce, outcomes, roster, session, type teaching, written } from './facts.ts'
import {
  add,
  all,
  type Change,
  conflicted,
  courseWithTest,
  defined,
  drop,
  each,
  itemsFor,
  joinList,
  linked,
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
  evidenceId,
  examiner,
  invigilator,
  leader,
  learner,
  person,
  scorer,
  secondScorer,
  sources,
  teacher,
  university,
} from './world.ts'

const unknown = 'unknown:x' as PersonId
const A = promised.A
const B = promised['B-C1']
const C = promised['C2-D']
const teachers = (change: Parameters<typeof teaching>[1]): Change =>
  each('participation', ({ teaching: old }) => (old === undefined ? {} : { teaching: { ...old, ...change } }))
const noList = ['separation.teachers-known', 'separation.scorer']
const incident = { id: 'inci_1', at: days.written, severity: 'major', category: 'face', machine: true } as const
const told = (more: object, id = 'report-written'): Change =>
  each('proctoring', () => ({ incidents: [{ ...incident, ...more }] }), evidenceId(id))

const sentences: Readonly<Record<string, readonly Row[]>> = {
  'each fact has a source, and only passed satisfies; unsigned facts do not count in A to C2–D': [
    {
      says: 'an unsigned result does not count at C2–D, but at D–E',
      of: C,
      change: each('result', ({ source }) => ({ source: { ...source, signed: false } })),
      level: 'D-E',
      lacks: [
        'C2-D.loa',
        'C2-D.assessment',
        'C2-D.assessment.formative',
        'C2-D.supervision',
        'C2-D.identity',
        'C2-D.premises',
        'C2-D.coverage',
      ],
    },
    {
      says: 'a document check that could not be carried out is none',
      of: B,
      change: each('proctoring', ({ from }) => ({
        identity: { at: from, check: documentCheck({ result: 'could-not-check' }), checker: invigilator },
      })),
      level: 'D-E',
      lacks: ['B-C1.loa', 'B-C1.supervision', 'B-C1.identity'],
    },
  ],
  'an unknown teacher list fails A, B–C1 and C2–D': [
    {
      says: 'A: no list',
      of: A,
      change: drop(evidenceId('teaching')),
      level: 'D-E',
      lacks: noList.map((rule) => `A.${rule}`),
    },
    {
      says: 'B–C1: no list',
      of: B,
      change: drop(evidenceId('teaching')),
      level: 'D-E',
      lacks: noList.map((rule) => `B-C1.${rule}`),
    },
    {
      says: 'C2–D: no list',
      of: C,
      change: drop(evidenceId('teaching')),
      level: 'D-E',
      lacks: ['C2-D.separation.teachers-known'],
    },
    {
      says: 'an empty list',
      of: C,
      change: teachers({ teachers: [] }),
      level: 'D-E',
      lacks: ['C2-D.separation.teachers-known'],
    },
    {
      says: 'an incomplete list',
      of: C,
      change: teachers({ complete: false }),
      level: 'D-E',
      lacks: ['C2-D.separation.teachers-known'],
    },
    {
      says: 'a list with an unknown person',
      of: C,
      change: teachers({ teachers: [teacher, unknown] }),
      level: 'D-E',
      lacks: ['C2-D.separation.teachers-known'],
    },
    { says: 'D–E asks for none', of: courseWithTest, change: drop(evidenceId('teaching')), level: 'D-E' },
  ],
  'for A and B–C1 teaching, invigilation and identity come from someone other than who owns the course': [
    {
      says: 'the teacher list of the course itself',
      of: B,
      change: each('participation', () => ({ source: sources.course }), evidenceId('teaching')),
      level: 'C2-D',
      lacks: noList.map((rule) => `B-C1.${rule}`),
    },
    {
      says: 'proctoring reported by the course itself',
      of: B,
      change: each('proctoring', () => ({ source: sources.course })),
      level: 'C2-D',
      lacks: ['B-C1.loa', 'B-C1.supervision', 'B-C1.identity', 'B-C1.premises', 'B-C1.attendance'],
    },
    {
      says: 'identity reported by the course itself',
      of: B,
      change: all(
        each('proctoring', ({ identity: _identity, ...rest }) => ({ ...rest, identity: undefined as never })),
        add(session('doc-written', 3, at('2026-11-10'), { source: sources.course, check: documentCheck() })),
        add(session('doc-osce', 3, at('2026-11-11'), { source: sources.course, check: documentCheck() })),
      ),
      level: 'C2-D',
      lacks: ['B-C1.loa', 'B-C1.supervision', 'B-C1.identity'],
    },
    {
      says: 'an owner whose unit is not told',
      of: B,
      change: each('proctoring', () => ({ source: { ...sources.exams, owner: { organisation: university } } })),
      level: 'C2-D',
      lacks: ['B-C1.loa', 'B-C1.supervision', 'B-C1.identity', 'B-C1.premises', 'B-C1.attendance'],
    },
    {
      says: 'at C2–D the course itself may report',
      of: C,
      change: each('proctoring', () => ({ source: sources.course })),
      level: 'C2-D',
    },
  ],
  'nobody acts on themself': [
    {
      says: 'the learner scores',
      of: B,
      change: each(
        'result',
        () => ({ scorers: [learner], items: itemsFor(['o4', 'o5'], [learner]) }),
        evidenceId('osce'),
      ),
      level: 'D-E',
      lacks: ['B-C1.separation.scorer', 'B-C1.assessment.standing', 'B-C1.coverage'],
    },
    {
      says: 'the learner checks their own identity',
      of: C,
      change: each('proctoring', ({ identity }) =>
        identity === undefined ? {} : { identity: { ...identity, checker: learner } },
      ),
      level: 'D-E',
      lacks: ['C2-D.loa', 'C2-D.identity'],
    },
    {
      says: 'the learner confirms under a second account',
      of: project,
      change: linked(leader, learner),
      level: 'E',
      lacks: ['D-E.separation.confirmer'],
    },
    {
      says: 'the learner approves',
      of: C,
      change: linked(examiner, learner),
      approvals: 'actual',
      level: 'D-E',
      lacks: ['C2-D.approvers.examiner', 'C2-D.approvers.no-conflict'],
    },
    {
      says: 'the learner invigilates',
      of: C,
      change: each('proctoring', () => ({ invigilators: [learner] })),
      level: 'D-E',
      lacks: ['C2-D.supervision'],
    },
  ],
  'acts of a conflicted person are void, and a declared conflict always counts': [
    {
      says: 'the only scorer of the exam',
      of: C,
      change: conflicted(scorer),
      level: 'D-E',
      lacks: ['C2-D.assessment.standing', 'C2-D.coverage'],
    },
    {
      says: 'the only invigilator',
      of: C,
      change: conflicted(invigilator),
      level: 'D-E',
      lacks: ['C2-D.loa', 'C2-D.supervision', 'C2-D.identity'],
    },
    { says: 'who confirms', of: webinar, change: conflicted(leader), level: 'E', lacks: ['D-E.separation.confirmer'] },
    {
      says: 'who approves',
      of: C,
      change: conflicted(examiner),
      approvals: 'actual',
      level: 'D-E',
      lacks: ['C2-D.approvers.examiner', 'C2-D.approvers.no-conflict'],
    },
    {
      says: 'who clears a flag',
      of: C,
      change: all(told({ finding: { by: examiner, result: 'no-deviation' } }), conflicted(examiner)),
      level: 'D-E',
      lacks: ['C2-D.assessment.standing', 'C2-D.coverage'],
    },
    {
      says: 'a conflict declared after the act',
      of: C,
      change: registered(() => ({ conflicts: [{ person: scorer, learner, declaredAt: days.now, reason: 'x' }] })),
      level: 'D-E',
      lacks: ['C2-D.assessment.standing', 'C2-D.coverage'],
    },
    {
      says: 'a conflict with another learner does not count',
      of: C,
      change: registered(() => ({
        conflicts: [{ person: scorer, learner: person('other'), declaredAt: days.now, reason: 'x' }],
      })),
      level: 'C2-D',
    },
    {
      says: 'a source that said failed is not overruled because a strict scorer is void',
      of: B,
      change: all(
        each('result', () => ({ passed: false }), evidenceId('osce')),
        conflicted(secondScorer),
      ),
      level: 'D-E',
      lacks: ['B-C1.assessment.standing', 'B-C1.coverage'],
    },
  ],
  'purpose and form are two axes; ipsative never counts as summative': [
    {
      says: 'ipsative instead of summative',
      of: C,
      change: each('result', () => ({ purpose: 'ipsative' }), evidenceId('written')),
      level: 'D-E',
      lacks: ['C2-D.loa', 'C2-D.assessment', 'C2-D.supervision', 'C2-D.identity', 'C2-D.premises', 'C2-D.coverage'],
    },
    {
      says: 'ipsative is no test in D–E either',
      of: courseWithTest,
      change: each('result', () => ({ purpose: 'ipsative' })),
      level: 'E',
      lacks: ['D-E.loa', 'D-E.assessment', 'D-E.identity', 'D-E.attendance', 'D-E.coverage'],
    },
    {
      says: 'one result may be summative and practical',
      of: B,
      change: all(
        drop(evidenceId('written'), evidenceId('report-written')),
        each(
          'result',
          () => ({
            forms: ['practical', 'written'],
            outcomes: [...outcomes],
            items: itemsFor(outcomes, [scorer, secondScorer]),
          }),
          evidenceId('osce'),
        ),
      ),
      level: 'B-C1',
    },
    {
      says: 'without any practical part',
      of: B,
      change: each('result', () => ({ forms: ['oral'] }), evidenceId('osce')),
      level: 'C2-D',
      lacks: ['B-C1.assessment', 'B-C1.coverage'],
    },
  ],
  'a passed summative stands in for a formative one in D–E only': [
    {
      says: 'C2–D without a formative test',
      of: C,
      change: drop(evidenceId('formative')),
      level: 'D-E',
      lacks: ['C2-D.assessment.formative'],
    },
    {
      says: 'C2–D with a failed formative test',
      of: C,
      change: each('result', () => ({ passed: false }), evidenceId('formative')),
      level: 'D-E',
      lacks: ['C2-D.assessment.formative'],
    },
    {
      says: 'D–E with a summative test',
      of: courseWithTest,
      change: each('result', () => ({ purpose: 'summative' })),
      level: 'D-E',
    },
  ],
  'where supervised: invigilator ≠ scorer': [
    {
      says: 'at C2–D',
      of: C,
      change: each('proctoring', () => ({ invigilators: [scorer] })),
      level: 'D-E',
      lacks: ['C2-D.supervision'],
    },
    {
      says: 'under a linked identity',
      of: C,
      change: linked(invigilator, scorer),
      level: 'D-E',
      lacks: ['C2-D.supervision'],
    },
    {
      says: 'an unknown invigilator could be the scorer',
      of: C,
      change: each('proctoring', () => ({ invigilators: [invigilator, unknown] })),
      level: 'D-E',
      lacks: ['C2-D.supervision'],
    },
    {
      says: 'an unknown scorer could be the invigilator',
      of: C,
      change: each(
        'result',
        () => ({ scorers: [unknown], items: itemsFor(outcomes, [unknown]) }),
        evidenceId('written'),
      ),
      level: 'D-E',
      lacks: ['C2-D.supervision'],
    },
    {
      says: 'in D–E an identity is not proctored by who scored the test',
      of: courseWithTest,
      change: all(proctoredTest(scorer), drop(evidenceId('login-formative'))),
      level: 'E',
      lacks: ['D-E.loa'],
    },
    {
      says: 'in D–E a proctored identity needs no level',
      of: courseWithTest,
      change: all(proctoredTest(invigilator), drop(evidenceId('login-formative'))),
      level: 'D-E',
    },
  ],
  'in A and B–C1 the identity checker did not teach the learner': [
    {
      says: 'A',
      of: A,
      change: each('proctoring', ({ from }) => ({
        identity: { at: from, check: documentCheck({ checker: teacher }), checker: teacher },
      })),
      level: 'C2-D',
      lacks: ['A.loa', 'A.supervision', 'A.identity'],
    },
    {
      says: 'B–C1, under a linked identity',
      of: B,
      change: linked(invigilator, teacher),
      level: 'C2-D',
      lacks: ['B-C1.loa', 'B-C1.supervision', 'B-C1.identity'],
    },
    {
      says: 'B–C1, checker not known',
      of: B,
      change: each('proctoring', ({ from }) => ({
        identity: { at: from, check: documentCheck({ checker: unknown }), checker: unknown },
      })),
      level: 'C2-D',
      lacks: ['B-C1.loa', 'B-C1.supervision', 'B-C1.identity'],
    },
    { says: 'C2–D does not ask', of: C, change: linked(invigilator, teacher), level: 'C2-D' },
  ],
  'an open machine flag: the result does not count': [
    {
      says: 'of whatever severity',
      of: C,
      change: told({ severity: 'info' }),
      level: 'D-E',
      lacks: ['C2-D.assessment.standing', 'C2-D.coverage'],
    },
    {
      says: 'a finding in a later report of the same source settles it',
      of: C,
      change: all(
        told({}),
        add(
          onSite('written', {
            id: evidenceId('later'),
            incidents: [{ ...incident, finding: { by: examiner, result: 'no-deviation' } }],
            identity: undefined as never,
          }),
        ),
      ),
      level: 'C2-D',
    },
    {
      says: 'a finding of another source does not',
      of: C,
      change: all(
        told({}),
        add(
          onSite('written', {
            id: evidenceId('later'),
            source: sources.course,
            incidents: [{ ...incident, finding: { by: examiner, result: 'no-deviation' } }],
          }),
        ),
      ),
      level: 'D-E',
      lacks: ['C2-D.assessment.standing', 'C2-D.coverage'],
    },
    {
      says: 'a finding by somebody unknown does not',
      of: C,
      change: told({ finding: { by: unknown, result: 'no-deviation' } }),
      level: 'D-E',
      lacks: ['C2-D.assessment.standing', 'C2-D.coverage'],
    },
    {
      says: 'a flag counts also from a report that may not vouch',
      of: B,
      change: add(onSite('osce', { id: evidenceId('own-report'), source: sources.course, incidents: [incident] })),
      level: 'D-E',
      lacks: ['B-C1.assessment.standing', 'B-C1.coverage'],
    },
    {
      says: 'a minor deviation that a person found is no hindrance',
      of: C,
      change: told({ severity: 'minor', finding: { by: examiner, result: 'deviation' } }),
      level: 'C2-D',
    },
  ],
  'the weakest link among needed results counts; superfluous results never lower': [
    {
      says: 'one of two exams at LoA 2',
      of: B,
      change: each(
        'proctoring',
        ({ from }) => ({ identity: { at: from, check: login(2, from), checker: invigilator } }),
        evidenceId('report-osce'),
      ),
      level: 'C2-D',
      lacks: ['B-C1.loa'],
    },
    {
      says: 'an unsupervised exam beside',
      of: B,
      change: add(written({ id: evidenceId('more'), occasion: 'home', at: at('2026-10-01') })),
      level: 'B-C1',
    },
    {
      says: 'an earlier sitting before the accreditation began',
      of: A,
      change: all(
        add(...earlier()),
        registered(({ accreditations }) => ({
          accreditations: accreditations.map((one) => ({ ...one, from: at('2026-11-01') })),
        })),
      ),
      level: 'A',
    },
    {
      says: 'a failed first attempt at the same exam',
      of: B,
      change: add(osce({ id: evidenceId('failed'), at: at('2026-10-01'), occasion: 'first', passed: false })),
      level: 'B-C1',
    },
    {
      says: 'a weaker report beside the good one',
      of: B,
      change: add(
        onSite('osce', {
          id: evidenceId('weak'),
          invigilation: 'automatic',
          invigilators: [],
          place: undefined as never,
          identity: undefined as never,
        }),
      ),
      level: 'B-C1',
    },
  ],
  'LoA and validity of documents are judged at the occasion': [
    {
      says: 'a passport that ran out the day before',
      of: B,
      change: each('proctoring', ({ from }) => ({
        identity: { at: from, check: documentCheck({ validUntil: at('2026-11-09') }), checker: invigilator },
      })),
      level: 'D-E',
      lacks: ['B-C1.loa', 'B-C1.supervision', 'B-C1.identity'],
    },
    {
      says: 'a passport that has run out since',
      of: B,
      change: each('proctoring', ({ from }) => ({
        identity: { at: from, check: documentCheck({ validUntil: at('2026-11-12') }), checker: invigilator },
      })),
      level: 'B-C1',
    },
    {
      says: 'a login after the exam',
      of: C,
      change: each('proctoring', () => ({
        identity: { at: days.now, check: login(4, days.now), checker: invigilator },
      })),
      level: 'D-E',
      lacks: ['C2-D.loa', 'C2-D.identity'],
    },
    {
      says: 'a login long before the exam',
      of: C,
      change: each('proctoring', ({ from }) => ({
        identity: { at: from, check: login(4, at('2026-11-10', '07:00')), checker: invigilator },
      })),
      level: 'D-E',
      lacks: ['C2-D.loa', 'C2-D.identity'],
    },
    {
      says: 'a roster ticked against a login made afterwards',
      of: C,
      change: each('proctoring', ({ from }) => ({
        identity: { at: from, check: roster(3, days.now), checker: invigilator },
      })),
      level: 'D-E',
      lacks: ['C2-D.loa', 'C2-D.identity'],
    },
    {
      says: 'a roster ticked against the login of the enrolment',
      of: C,
      change: each('proctoring', ({ from }) => ({
        identity: { at: from, check: roster(2, at('2026-08-20')), checker: invigilator },
      })),
      level: 'C2-D',
    },
  ],
  'appointment, mandate and accreditation at occasion and decision': [
    {
      says: 'examiner appointed after the exam',
      of: B,
      change: registered(({ appointments }) => ({
        appointments: appointments.map((one) => ({ ...one, from: at('2026-11-13') })),
      })),
      level: 'C2-D',
      lacks: ['B-C1.mandate.examiner'],
    },
    {
      says: 'examiner whose appointment ended before the decision',
      of: B,
      change: registered(({ appointments }) => ({
        appointments: appointments.map((one) => ({ ...one, until: at('2026-11-15') })),
      })),
      level: 'C2-D',
      lacks: ['B-C1.mandate.examiner'],
    },
    {
      says: 'mandate that began between the two exams',
      of: B,
      change: registered(({ mandates }) => ({
        mandates: mandates.map((one) => (one.basis === 'higher-education' ? { ...one, from: at('2026-11-11') } : one)),
      })),
      level: 'C2-D',
      lacks: ['B-C1.mandate'],
    },
    {
      says: 'mandate that ended before the decision',
      of: A,
      change: registered(({ mandates }) => ({
        mandates: mandates.map((one) =>
          one.basis === 'sector-commission' ? { ...one, until: at('2026-11-15') } : one,
        ),
      })),
      level: 'C2-D',
      lacks: ['A.mandate'],
    },
    {
      says: 'accreditation for another standard',
      of: A,
      change: registered(({ accreditations }) => ({
        accreditations: accreditations.map((one) => ({ ...one, standard: 'other' })),
      })),
      level: 'C2-D',
      lacks: ['A.mandate.accreditation'],
    },
    {
      says: 'accreditation that ended after the decision',
      of: A,
      change: registered(({ accreditations }) => ({
        accreditations: accreditations.map((one) => ({ ...one, until: at('2026-11-17') })),
      })),
      level: 'A',
    },
  ],
  'documents: on site 3, live video 2, automatic and remote 1; roster against a login: that login’s level': [
    {
      says: 'automatic',
      of: C,
      change: each('proctoring', ({ from }) => ({
        identity: { at: from, check: documentCheck({ manner: 'automatic' }), checker: invigilator },
      })),
      level: 'D-E',
      lacks: ['C2-D.loa'],
    },
    {
      says: 'video',
      of: C,
      change: each('proctoring', ({ from }) => ({
        identity: { at: from, check: documentCheck({ manner: 'video' }), checker: invigilator },
      })),
      level: 'C2-D',
    },
    {
      says: 'not compared with the register',
      of: C,
      change: each('proctoring', ({ from }) => ({
        identity: { at: from, check: documentCheck({ matchedAgainst: ['name'] }), checker: invigilator },
      })),
      level: 'D-E',
      lacks: ['C2-D.loa', 'C2-D.identity'],
    },
    {
      says: 'no match',
      of: C,
      change: each('proctoring', ({ from }) => ({
        identity: { at: from, check: documentCheck({ result: 'no-match' }), checker: invigilator },
      })),
      level: 'D-E',
      lacks: ['C2-D.loa', 'C2-D.identity'],
    },
    {
      says: 'roster at 1',
      of: C,
      change: each('proctoring', ({ from }) => ({
        identity: { at: from, check: roster(1, from), checker: invigilator },
      })),
      level: 'D-E',
      lacks: ['C2-D.loa'],
    },
  ],
  'a source system sets neither floor nor ceiling': [
    {
      says: 'a webinar with authentication and discussion',
      of: joinList,
      change: all(
        each('participation', ({ attendance: old }) =>
          old === undefined ? {} : { attendance: { ...old, share: 0.8, discussion: true, confirmedBy: leader } },
        ),
        add(session('login', 2, at('2026-11-05', '18:00'))),
      ),
      level: 'D-E',
    },
    {
      says: 'a recording system that sends a whole course',
      of: promised.F,
      change: (input) => ({ ...promised['C2-D'](), case: input.case }),
      level: 'C2-D',
    },
  ],
  'self-referenced placement never satisfies A': [
    {
      says: 'self-referenced',
      of: A,
      change: defined(() => ({ placement: { framework: 'SeQF', level: 6, basis: 'self-referenced', reference: 'x' } })),
      level: 'C2-D',
      lacks: ['A.definition.placement-or-approval'],
    },
    {
      says: 'a placement that has run out',
      of: A,
      change: defined(() => ({
        placement: { framework: 'SeQF', level: 6, basis: 'decision', reference: 'x', validUntil: days.now },
      })),
      level: 'C2-D',
      lacks: ['A.definition.placement-or-approval'],
    },
    {
      says: 'approved as a micro-credential instead',
      of: A,
      change: all(
        withoutMembers('placement'),
        defined(() => ({ approvedAs: { reference: 'x' } })),
      ),
      level: 'A',
    },
  ],
}

/** The test at an occasion with a human invigilator, who ticked a roster without a level. */
function proctoredTest(by: PersonId): Change {
  return all(
    each('result', () => ({ occasion: 'osce', at: days.osce, scorers: [scorer] })),
    add(
      onSite('osce', {
        invigilators: [by],
        identity: { at: at('2026-11-11'), check: roster(0, at('2026-11-11')), checker: by },
      }),
    ),
  )
}

/** A whole earlier sitting that covers everything. */
function earlier() {
  const third = { organisation: certifier, source: sources.certifier, standard: { id: 'std-steril', version: '2' } }
  const sitting = { from: at('2026-10-20'), until: at('2026-10-20', '12:00'), occasion: 'early' }
  return [
    osce({
      ...third,
      id: evidenceId('early'),
      at: sitting.until,
      occasion: 'early',
      outcomes: [...outcomes],
      items: itemsFor(outcomes, [scorer]),
      scorers: [scorer],
    }),
    onSite('osce', {
      ...third,
      ...sitting,
      id: evidenceId('early-report'),
      identity: { at: sitting.from, check: documentCheck(), checker: invigilator },
    }),
  ]
}

for (const [sentence, rows] of Object.entries(sentences)) {
  describe(sentence, () => {
    for (const row of rows) {
      test(`${row.says} → ${row.level}`, () => {
        const { level, lacks } = outcomeOf(row)
        expect({ level, lacks: lacks.toSorted() }).toEqual({
          level: row.level,
          lacks: [...(row.lacks ?? [])].toSorted(),
        })
      })
    }
  })
}
