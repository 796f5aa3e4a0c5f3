/** The facts of the twelve worked cases, told as changes of a case "as promised". */
import type { CaseInput } from '#domain/case.ts'
import { documentCheck, login, onSite, osce, outcomes, session } from './facts.ts'
import {
  add,
  all,
  approval,
  approvedBy,
  type Change,
  conflicted,
  courseWithTest,
  drop,
  each,
  itemsFor,
  joinList,
  linked,
  project,
  promised,
  recording,
  registered,
} from './fixtures.ts'
import {
  appointed,
  at,
  decider,
  employed,
  evidenceId,
  examiner,
  hospital,
  invigilator,
  learner,
  nextExaminer,
  person,
  reviewer,
  scorer,
  secondScorer,
  teacher,
  university,
} from './world.ts'

/** 1: the trainer is appointed examiner of another unit under a second account. */
export const secondAccount = person('teacher-second-account')
const trainerAsExaminer = all(
  linked(teacher, secondAccount),
  registered(({ persons, appointments }) => ({
    persons: [...persons, employed(secondAccount, university, 'pharmacy')],
    appointments: [...appointments, appointed(secondAccount, 'examiner', { by: university })],
  })),
)
export const case1 = all(trainerAsExaminer, approvedBy(approval(secondAccount, 'examiner')))(promised['B-C1']())
/** Somebody who is not free this time, so that the list comes to the next. */
export const notThisExaminer = examiner
export const case1NextExaminer = approvedBy(
  approval(secondAccount, 'examiner'),
  approval(nextExaminer, 'examiner', { at: at('2026-11-17') }),
)(case1)

const working = (who: readonly (typeof learner)[], by: typeof university, of: string): Change =>
  registered(({ persons }) => ({
    persons: persons.map((one) => (who.includes(one.id) ? employed(one.id, by, of) : one)),
  }))

/** 2a: scorer and approvers are employed where the learner is. */
export const case2a = working([scorer, reviewer, decider], hospital, 'quality')(promised.A())
export const case2aApprovers = working([reviewer, decider], hospital, 'quality')(promised.A())
/** 2b: learner and examiner are both university staff. */
export const case2b = working([learner], university, 'library')(promised['B-C1']())
export const case2bSameUnit = working([learner], university, 'medicine')(promised['B-C1']())

export const case2bLine = all(
  working([learner], university, 'library'),
  registered(({ persons }) => ({
    persons: persons.map((one) => (one.id === learner ? { ...one, managers: [examiner] } : one)),
  })),
)(promised['B-C1']())

/** 3: an online examination with a machine flag. */
const flag = {
  id: 'inci_1',
  at: at('2026-11-10', '10:00'),
  severity: 'major',
  category: 'face',
  machine: true,
} as const
const flagged = (more: object): Change => each('proctoring', () => ({ incidents: [{ ...flag, ...more }] }))
export const case3 = flagged({})(promised['C2-D']())
export const case3NoDeviation = flagged({ finding: { by: invigilator, result: 'no-deviation' } })(promised['C2-D']())
export const case3Deviation = flagged({ finding: { by: invigilator, result: 'deviation' } })(promised['C2-D']())

/** 4: login at LoA 2 and a passport. */
const loggedIn = add(session('login-written', 2, at('2026-11-10')), session('login-osce', 2, at('2026-11-11')))
export const case4 = loggedIn(promised.A())
export const case4Video = all(
  loggedIn,
  each('proctoring', ({ from }) => ({
    identity: { at: from, check: documentCheck({ manner: 'video' }), checker: invigilator },
  })),
)(promised.A())

/** 5: a webinar's join list, promised with discussion. */
const promise =
  (band: CaseInput['case']['promised']): Change =>
  (input) => ({ ...input, case: { ...input.case, promised: band } })
export const case5 = promise('D-E')(joinList())
export const case5LoginNextWeek = add(session('login-late', 2, at('2026-11-12', '18:00')))(case5)

/** 6: a course-development project. */
export const case6 = project()
export const case6Unauthenticated = drop(evidenceId('login-project'))(project())

/** 7: the accreditation ended. */
const accreditedUntil = (until: string): Change =>
  registered(({ accreditations }) => ({ accreditations: accreditations.map((one) => ({ ...one, until: at(until) })) }))
export const case7 = accreditedUntil('2026-11-09')(promised.A())
export const case7BeforeDecision = accreditedUntil('2026-11-15')(promised.A())

/** 8: outcome 5 is only in the formative test. */
const first4 = outcomes.slice(0, 4)
export const case8 = each('result', ({ purpose }) =>
  purpose === 'summative' ? { outcomes: first4, items: itemsFor(first4) } : {},
)(promised['C2-D']())
export const case8Resat = add(
  osce({ outcomes: ['o5'], items: itemsFor(['o5']) }),
  onSite('osce', { identity: { at: at('2026-11-11'), check: login(2, at('2026-11-11')), checker: invigilator } }),
)(case8)

/** 9: watched a recording; with a formative test and LoA 2 in a described course. */
export const case9 = recording()
export const case9Course = each('participation', () => ({
  attendance: { activity: 'recording', form: 'access', setting: 'online', where: 'inspelning-7' },
}))(courseWithTest())

/** 10: double-scored stations; one scorer declares a conflict. */
export const case10 = conflicted(secondScorer)(promised['B-C1']())
export const case10Lenient = all(
  each(
    'result',
    ({ items = [] }) => ({
      items: items.map((item) => ({
        ...item,
        scores: item.scores.map((score) => ({ ...score, points: score.scorer === secondScorer ? 10 : 4 })),
      })),
    }),
    evidenceId('osce'),
  ),
  conflicted(secondScorer),
)(promised['B-C1']())
export const case10Alone = all(
  each(
    'result',
    ({ items = [] }) => ({
      items: items.map((item) =>
        item.outcomes.includes('o5') ? { ...item, scores: [{ scorer: secondScorer, points: 9 }] } : item,
      ),
    }),
    evidenceId('osce'),
  ),
  conflicted(secondScorer),
)(promised['B-C1']())

/** 11: only a login at LoA 2 at first; the door's document report comes later. */
const loginOnly = each('proctoring', ({ from }) => ({
  identity: { at: from, check: login(2, from), checker: invigilator },
}))
export const case11 = loginOnly(promised['B-C1']())
const late: Change = (input) => ({
  ...add(onSite('written', { id: evidenceId('late-written') }), onSite('osce', { id: evidenceId('late-osce') }))(input),
  case: { ...input.case, evidenceVersion: 4 },
})
export const case11EarlierApproval = all(
  late,
  approvedBy(approval(examiner, 'examiner', { evidenceVersion: 3 })),
)(case11)
export const case11Renewed = all(
  late,
  approvedBy(
    approval(examiner, 'examiner', { evidenceVersion: 3 }),
    approval(examiner, 'examiner', { evidenceVersion: 4, at: at('2026-11-19') }),
  ),
)(case11)

/** 12: protected identity. */
export const case12 = registered(({ persons }) => ({
  persons: persons.map((one) => (one.id === learner ? { ...one, protected: true } : one)),
}))(promised.A())
export const case12Unprotected = promised.A()
