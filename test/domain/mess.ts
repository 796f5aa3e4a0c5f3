/** Random cases for properties: a fixture with anything wrong in it, facts that speak for somebody, conflicts. */
import fc from 'fast-check'
import type { CaseInput } from '#domain/case.ts'
import type { Evidence } from '#domain/evidence.ts'
import {
  attendance,
  documentCheck,
  formative,
  login,
  online,
  onSite,
  osce,
  outcomes,
  roster,
  session,
  written,
} from './facts.ts'
import {
  add,
  all,
  approval,
  type Change,
  conflicted,
  drop,
  each,
  fixtures,
  itemsFor,
  linked,
  promised,
  registered,
  withoutMembers,
} from './fixtures.ts'
import {
  appointed,
  at,
  certifier,
  days,
  decider,
  employed,
  evidenceId,
  examiner,
  hospital,
  invigilator,
  leader,
  learner,
  nextExaminer,
  person,
  reviewer,
  scorer,
  secondScorer,
  sources,
  teacher,
  university,
} from './world.ts'

const persons = [learner, teacher, scorer, secondScorer, invigilator, leader, examiner, nextExaminer, reviewer, decider]
const anybody = fc.constantFrom(...persons, person('stranger'), 'unknown:abc' as typeof learner)
const anyLoa = fc.constantFrom(0, 1, 2, 3, 4) as fc.Arbitrary<0 | 1 | 2 | 3 | 4>
const anyOutcomes = fc.subarray([...outcomes])
const anyMoment = fc.constantFrom(
  days.formative,
  days.written,
  days.osce,
  at('2026-11-05', '18:00'),
  at('2026-10-01'),
  days.now,
)

const incident = fc.record({
  id: fc.constantFrom('inci_1', 'inci_2'),
  at: fc.constant(days.written),
  severity: fc.constantFrom('info', 'minor', 'major', 'critical'),
  category: fc.constant('noise'),
  machine: fc.boolean(),
  finding: fc.option(
    fc.record({
      by: anybody,
      result: fc.constantFrom('no-deviation', 'deviation', 'suspected-irregularity'),
    }),
    { nil: undefined },
  ),
})

/** Anything that can be wrong, or merely other, in a case. */
const disturbance: fc.Arbitrary<Change> = fc.oneof(
  fc
    .constantFrom(
      'completion',
      'teaching',
      'attendance',
      'formative',
      'written',
      'osce',
      'report-osce',
      'report-written',
    )
    .map((id) => drop(evidenceId(id))),
  anybody.map((who) =>
    each('participation', ({ teaching }) =>
      teaching === undefined ? {} : { teaching: { ...teaching, teachers: [...teaching.teachers, who] } },
    ),
  ),
  fc.array(anybody, { minLength: 1, maxLength: 3 }).map((scorers) =>
    each('result', ({ items }) => ({
      scorers,
      ...(items === undefined
        ? {}
        : {
            items: itemsFor(
              items.flatMap((item) => item.outcomes),
              scorers,
            ),
          }),
    })),
  ),
  fc.array(fc.array(fc.nat(10), { minLength: 2, maxLength: 2 }), { minLength: 2, maxLength: 2 }).map((points) =>
    each(
      'result',
      ({ items }) =>
        items === undefined
          ? {}
          : {
              items: items.map((item, index) => ({
                ...item,
                scores: item.scores.map((score, nth) => ({ ...score, points: points[index % 2]?.[nth % 2] ?? 5 })),
              })),
            },
      evidenceId('osce'),
    ),
  ),
  fc
    .array(incident, { maxLength: 2 })
    .map((incidents) => each('proctoring', () => ({ incidents: incidents.map(withoutUndefined) as never }))),
  fc.array(anybody, { maxLength: 2 }).map((invigilators) => each('proctoring', () => ({ invigilators }))),
  fc
    .constantFrom('present', 'absent', 'unknown')
    .map((seen) => each('proctoring', () => ({ attendance: seen as 'present' }))),
  fc
    .constantFrom('human-live', 'recorded-reviewed', 'automatic')
    .map((by) => each('proctoring', () => ({ invigilation: by as 'automatic' }))),
  anyLoa.map((loa) =>
    each('proctoring', ({ from }) => ({ identity: { at: from, check: login(loa, from), checker: invigilator } })),
  ),
  fc.boolean().map((signed) => each('proctoring', ({ source }) => ({ source: { ...source, signed } }))),
  fc
    .constantFrom('formative', 'summative', 'ipsative')
    .map((purpose) => each('result', () => ({ purpose: purpose as 'summative' }))),
  anyOutcomes.map((ids) => each('result', () => ({ outcomes: ids, items: itemsFor(ids) }))),
  fc.boolean().map((passed) => each('result', () => ({ passed }), evidenceId('written'))),
  fc
    .constantFrom('live', 'completed', 'access')
    .map((form) =>
      each('participation', (fact) =>
        fact.attendance === undefined ? {} : { attendance: { ...fact.attendance, form: form as 'live' } },
      ),
    ),
  anybody.map((who) => linked(who, teacher)),
  anybody.map((who) =>
    registered(({ persons: known }) => ({
      persons: known.map((one) => (one.id === who ? employed(who, hospital, 'ward') : one)),
    })),
  ),
  fc
    .constantFrom(at('2026-11-10', '20:00'), days.approved, days.written)
    .map((until) =>
      registered(({ accreditations }) => ({ accreditations: accreditations.map((one) => ({ ...one, until })) })),
    ),
  fc
    .constantFrom(at('2026-11-10', '20:00'), days.now)
    .map((from) => registered(({ mandates }) => ({ mandates: mandates.map((one) => ({ ...one, from })) }))),
  fc
    .constantFrom('syllabus', 'courseDescription', 'eligibility', 'standard', 'placement', 'eventDescription')
    .map((member) => withoutMembers(member as 'syllabus')),
  anybody.map(
    (who): Change =>
      (input) => ({ ...input, approvals: [...input.approvals, approval(who, 'examiner', { at: at('2026-11-17') })] }),
  ),
  fc.constant<Change>((input) => ({ ...input, approvals: [] })),
  anybody.map((who) => conflicted(who)),
)

function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined))
}

export const messyCase: fc.Arbitrary<CaseInput> = fc
  .tuple(
    fc.oneof(fc.constantFrom(...fixtures), fc.constantFrom(...fixtures.slice(0, 3))),
    fc.array(disturbance, { maxLength: 3 }),
  )
  .map(([{ of }, changes]) => all(...changes)(of()))

/** Facts about another sitting, at another time than those of the fixtures. */
const resit = (name: string, moment: string) => ({
  result: (ids: readonly string[], forms: readonly ('practical' | 'written')[], passed: boolean): Evidence =>
    osce({
      id: evidenceId(`${name}-result`),
      occasion: name,
      at: at(moment, '12:00'),
      outcomes: [...ids],
      items: itemsFor(ids, [scorer]),
      scorers: [scorer],
      forms: [...forms],
      passed,
    }),
  report: (): Evidence =>
    onSite('osce', {
      id: evidenceId(`${name}-report`),
      occasion: name,
      from: at(moment, '09:00'),
      until: at(moment, '12:00'),
      identity: { at: at(moment, '09:00'), check: documentCheck(), checker: invigilator },
      equipment: outcomes.map((id) => ({ station: `item-${id}`, confirmed: true })),
    }),
})

const anySitting = fc
  .constantFrom('2026-10-20', '2026-11-02', '2026-11-11', '2026-11-14')
  .map((day) => resit(`sitting-${day}`, day))

/** A result more, supervised or not, passed or not. */
export const moreResults: fc.Arbitrary<Change> = fc
  .tuple(
    anySitting,
    anyOutcomes,
    fc.subarray(['practical', 'written'] as const, { minLength: 1 }),
    fc.boolean(),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([sitting, ids, forms, passed, supervised, byCertifier]) => {
    const of = byCertifier
      ? { organisation: certifier, source: sources.certifier, standard: { id: 'std-steril', version: '2' } }
      : { organisation: university }
    const facts = [sitting.result(ids, forms, passed), ...(supervised ? [sitting.report()] : [])]
    return add(...facts.map((fact) => ({ ...fact, ...of }) as Evidence))
  })

/** Anything that speaks for the learner. */
export const positive: fc.Arbitrary<Change> = fc.oneof(
  moreResults,
  fc.tuple(anyLoa, anyMoment).map(([loa, moment]) => add(session('more-login', loa, moment))),
  fc
    .tuple(anyLoa, anyMoment)
    .map(([loa, moment]) =>
      add(session('more-match', loa, moment, { liveMatch: { by: invigilator, manner: 'video', result: 'match' } })),
    ),
  fc
    .tuple(anyLoa, anyMoment)
    .map(([loa, moment]) => add(session('more-roster', loa, moment, { check: roster(loa, moment) }))),
  anyMoment.map((moment) => add(session('more-document', 0, moment, { check: documentCheck() }))),
  fc.constantFrom('written', 'osce').map((exam) => add(onSite(exam as 'osce', { id: evidenceId(`more-${exam}`) }))),
  anyLoa.map((loa) => add(online('written', { loa, id: evidenceId('more-online') }))),
  fc.constant(add(formative({ id: evidenceId('more-formative'), scorers: [scorer] }))),
  fc.constant(add(written({ id: evidenceId('more-written'), at: at('2026-10-02'), occasion: 'early' }))),
  fc
    .record({
      activity: fc.constantFrom('course', 'webinar', 'recording', 'development-project', 'online-conference'),
      form: fc.constantFrom('live', 'completed', 'access'),
      share: fc.constantFrom(0.5, 0.9),
      discussion: fc.boolean(),
      confirmedBy: fc.constantFrom(leader),
    })
    .map((more) =>
      add(attendance({ ...more, roster: true, routine: 'r-1' } as never, { id: evidenceId('more-attendance') })),
    ),
  fc.constant(
    registered(({ accreditations, mandates, appointments }) => ({
      accreditations: accreditations.flatMap((one) => [
        one,
        { ...one, id: 'accr_more', from: at('2000-01-01'), until: at('2100-01-01') },
      ]),
      mandates: mandates.flatMap((one) => [one, { ...one, id: `${one.id}_more`, from: at('2000-01-01') }]),
      appointments: [...appointments, appointed(person('stranger'), 'examiner', { by: university, order: 9 })],
    })),
  ),
  fc.constantFrom(examiner, nextExaminer).map(
    (who): Change =>
      (input) => ({ ...input, approvals: [...input.approvals, approval(who, 'examiner')] }),
  ),
)

/** An OSCE scored by three, with any points, told as passed or not: where void scores move the mark both ways. */
export const scoredCase: fc.Arbitrary<CaseInput> = fc
  .record({
    passed: fc.boolean(),
    points: fc.array(fc.tuple(fc.nat(10), fc.nat(10), fc.nat(10)), { minLength: 3, maxLength: 4 }),
    missing: fc.array(fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()), { minLength: 4, maxLength: 4 }),
  })
  .map(({ passed, points, missing }) =>
    each(
      'result',
      () => ({
        passed,
        scorers: judges,
        items: points.map((given, index) => ({
          id: `station-${index % 2 === 0 ? 'o4' : 'o5'}${index > 1 ? '-more' : ''}`,
          kind: 'item' as const,
          outcomes: [index % 2 === 0 ? 'o4' : 'o5'],
          maxPoints: 10,
          scores: judges.flatMap((who, nth) =>
            missing[index]?.[nth] === true && nth > 0 ? [] : [{ scorer: who, points: given[nth] ?? 0 }],
          ),
        })),
      }),
      evidenceId('osce'),
    )(promised['B-C1']()),
  )

const judges = [scorer, secondScorer, person('third-scorer')]

/** Some of the three, one after the other. */
export const judgesConflicts: fc.Arbitrary<readonly Change[]> = fc
  .shuffledSubarray(judges, { minLength: 1 })
  .map((who) => who.map(conflicted))

export const conflict: fc.Arbitrary<Change> = anybody.map(conflicted)

export const shuffled = (input: CaseInput): fc.Arbitrary<CaseInput> =>
  fc
    .shuffledSubarray([...input.evidence], { minLength: input.evidence.length })
    .map((evidence) => ({ ...input, evidence }))
