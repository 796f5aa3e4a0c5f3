/** Every case the tests tell, in one list. */
import type { CaseInput } from '#domain/case.ts'
import { attendance, documentCheck, onSite, roster, teaching } from './facts.ts'
import {
  add,
  all,
  approval,
  approvedBy,
  type Change,
  conflicted,
  drop,
  each,
  fixtures,
  linked,
  project,
  promised,
  registered,
  webinar,
} from './fixtures.ts'
import * as worked from './worked.ts'
import {
  at,
  days,
  employed,
  evidenceId,
  examiner,
  invigilator,
  leader,
  learner,
  reviewer,
  scorer,
  sources,
  teacher,
  university,
} from './world.ts'

const A = promised.A()
const B = promised['B-C1']()
const C = promised['C2-D']()

const extra: Readonly<Record<string, CaseInput>> = {
  'the checker taught': each('participation', ({ teaching: old }) =>
    old === undefined ? {} : { teaching: { ...old, teachers: [teacher, invigilator] } },
  )(B),
  'the checker taught at A': each('participation', ({ teaching: old }) =>
    old === undefined ? {} : { teaching: { ...old, teachers: [teacher, invigilator] } },
  )(A),
  'the checker taught at C2–D': linked(invigilator, teacher)(C),
  'one scorer taught': linked(scorer, teacher)(B),
  'one scorer taught at A': linked(scorer, teacher)(A),
  'the reviewer taught': linked(reviewer, teacher)(A),
  'a scorer taught a year ago': add(teaching(sources.registry, { teachers: [scorer, examiner] }))(B),
  'taught elsewhere a year ago': addElsewhere('2025-10-01')(B),
  'taught elsewhere a year ago, A': addElsewhere('2025-10-01')(A),
  'taught elsewhere a year ago, C2–D': addElsewhere('2025-10-01')(C),
  'taught elsewhere five years ago, A': addElsewhere('2021-10-01')(A),
  'the learner confirms': linked(leader, learner)(webinar()),
  'half the time': each('participation', ({ attendance: old }) =>
    old === undefined ? {} : { attendance: { ...old, share: 0.6 } },
  )(webinar()),
  'the learner is at the university': registered(({ persons }) => ({
    persons: persons.map((one) => (one.id === learner ? employed(learner, university, 'medicine') : one)),
  }))(C),
  'approver at LoA 2': approvedBy(approval(examiner, 'examiner', { loa: 2 }))(B),
  'approver at LoA 1': approvedBy(approval(examiner, 'examiner', { loa: 1 }))(C),
  'approvers at LoA 2': { ...A, approvals: A.approvals.map((one) => ({ ...one, loa: 2 })) },
  'nobody has approved': { ...C, approvals: [] },
  'appointed by who established the syllabus': all(
    registered(({ appointments }) => ({ appointments: appointments.map((one) => ({ ...one, by: university })) })),
  )(C),
  'an invigilator reviews': linked(reviewer, invigilator)(A),
  'a scorer reviews': linked(reviewer, scorer)(A),
  'a scorer examines': linked(examiner, scorer)(B),
  'not confirmed': each('proctoring', ({ place }) =>
    place === undefined ? {} : { place: { ...place, confirmed: false } },
  )(B),
  'proctored only': proctored(0)(promised['D-E']()),
  'a roster at LoA 1': each('proctoring', ({ from }) => ({
    identity: { at: from, check: roster(1, from), checker: invigilator },
  }))(C),
  'a passport on video': each('proctoring', ({ from }) => ({
    identity: { at: from, check: documentCheck({ manner: 'video' }), checker: invigilator },
  }))(B),
  'a conference': add(
    attendance(
      { activity: 'online-conference', form: 'live' },
      { id: evidenceId('conference'), from: at('2026-11-05') },
    ),
  )(promised.F()),
  'a conflict': conflicted(scorer)(B),
  'an unconfirmed project': each('participation', ({ attendance: old }) =>
    old === undefined ? {} : { attendance: { activity: old.activity, form: old.form, setting: old.setting } },
  )(project()),
  'no accreditation': registered(() => ({ accreditations: [], mandates: [] }))(A),
  'no mandates': registered(() => ({ mandates: [] }))(promised.E()),
  'no mandates at all': registered(() => ({ mandates: [] }))(promised.F()),
  'no organisations': registered(() => ({ organisations: [] }))(B),
}

function addElsewhere(day: string) {
  return add({
    ...teaching(sources.registry, { teachers: [scorer, examiner, reviewer] }),
    id: evidenceId('elsewhere'),
    offering: 'annan-kurs',
    from: at(day),
    until: at(day, '18:00'),
  })
}

/** The test at an occasion with an invigilator, who ticked a roster. */
function proctored(loa: 0 | 1): Change {
  return all(
    drop(evidenceId('login-formative')),
    each('result', () => ({ occasion: 'osce', at: days.osce })),
    add(
      onSite('osce', {
        identity: { at: at('2026-11-11'), check: roster(loa, at('2026-11-11')), checker: invigilator },
      }),
    ),
  )
}

export const corpus: readonly { readonly name: string; readonly input: CaseInput }[] = [
  ...fixtures.map(({ name, of }) => ({ name, input: of() })),
  ...Object.entries(worked).flatMap(([name, input]) => (typeof input === 'object' ? [{ name, input }] : [])),
  ...Object.entries(extra).map(([name, input]) => ({ name, input })),
]
