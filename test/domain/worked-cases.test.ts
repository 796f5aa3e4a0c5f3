/** The twelve worked cases of the level table: what each reaches, what each higher band lacks, and what happens then. */
import { describe, expect, test } from 'vitest'
import type { CaseInput } from '#domain/case.ts'
import { drawApprover, nextSlot } from '#domain/draw.ts'
import { judge } from '#domain/gates/judge.ts'
import type { GateName, Verdict } from '#domain/gates/verdict.ts'
import { computeLevel } from '#domain/level.ts'
import { type Band, bands, type Level, rank } from '#domain/words.ts'
import * as worked from './worked.ts'
import { nextExaminer } from './world.ts'

interface Row {
  readonly case: string
  readonly facts: string
  readonly input: CaseInput
  /** The level, with the approvals that were given. */
  readonly level: Level
  /** The evidence level, where approvals make a difference. */
  readonly evidence?: Level
  /** Rule ids of everything that does not hold, for each band from the promise down to the level. */
  readonly missing?: Partial<Record<Band, readonly string[]>>
  /** The first gate that does not pass, and how. */
  readonly stops?: readonly [Exclude<GateName, 'revocation'>, Verdict['outcome']]
}

const noHigherEducation = [
  'B-C1.definition.eligibility',
  'B-C1.definition.creditable',
  'B-C1.mandate',
  'B-C1.mandate.higher-education',
  'B-C1.mandate.examiner',
  'B-C1.approvers.examiner',
]

const table: readonly Row[] = [
  {
    case: '1',
    facts: 'the trainer approves as examiner of another unit through a second account',
    input: worked.case1,
    evidence: 'B-C1',
    level: 'D-E',
    missing: {
      'B-C1': [
        'B-C1.approvers.examiner',
        'B-C1.separation.approver.not-teacher',
        'B-C1.separation.approver.not-scorer',
      ],
      'C2-D': ['C2-D.approvers.examiner', 'C2-D.separation.approver.not-teacher'],
    },
    stops: ['approval', 'fail'],
  },
  {
    case: '1, then',
    facts: 'the next eligible examiner approves',
    input: worked.case1NextExaminer,
    level: 'B-C1',
  },
  {
    case: '2a',
    facts: "the certifier's scorer and approvers share the learner's employer",
    input: worked.case2a,
    level: 'C2-D',
    missing: {
      A: [
        'A.separation.scorer',
        'A.approvers.external-reviewer',
        'A.separation.approver.not-employer',
        'A.approvers.decision-maker',
      ],
      'B-C1': noHigherEducation,
    },
    stops: ['separation', 'fail'],
  },
  {
    case: '2a, approvers only',
    facts: "only the approvers share the learner's employer, which shows when they decide",
    input: worked.case2aApprovers,
    evidence: 'A',
    level: 'C2-D',
    missing: {
      A: ['A.approvers.external-reviewer', 'A.separation.approver.not-employer', 'A.approvers.decision-maker'],
      'B-C1': noHigherEducation,
    },
    stops: ['approval', 'fail'],
  },
  {
    case: '2b',
    facts: 'learner and examiner are both university staff, other unit, no line',
    input: worked.case2b,
    level: 'B-C1',
  },
  {
    case: '2b, then',
    facts: 'learner and examiner are of the same unit',
    input: worked.case2bSameUnit,
    evidence: 'B-C1',
    level: 'C2-D',
    missing: { 'B-C1': ['B-C1.approvers.examiner', 'B-C1.separation.approver.not-unit-or-line'] },
    stops: ['approval', 'fail'],
  },
  {
    case: '2b, line',
    facts: 'the examiner is the manager of the learner',
    input: worked.case2bLine,
    evidence: 'B-C1',
    level: 'C2-D',
    missing: { 'B-C1': ['B-C1.approvers.examiner', 'B-C1.separation.approver.not-unit-or-line'] },
    stops: ['approval', 'fail'],
  },
  {
    case: '3',
    facts: 'online exam, machine flag without human finding: waits, does not fail',
    input: worked.case3,
    level: 'D-E',
    missing: { 'C2-D': ['C2-D.assessment.standing', 'C2-D.coverage'] },
    stops: ['assessment', 'missing'],
  },
  {
    case: '3, one login',
    facts: 'nobody logged in to the formative test; the door of the flagged exam shows who took the course',
    input: { ...worked.case3, evidence: worked.case3.evidence.filter(({ id }) => !id.includes('login-formative')) },
    level: 'D-E',
    missing: { 'C2-D': ['C2-D.assessment.standing', 'C2-D.coverage'] },
    stops: ['assessment', 'missing'],
  },
  {
    case: '3, then',
    facts: 'the human finding is "no deviation"',
    input: worked.case3NoDeviation,
    level: 'C2-D',
  },
  {
    case: '3, else',
    facts: 'the human finding is a grave deviation: fails',
    input: worked.case3Deviation,
    level: 'D-E',
    missing: { 'C2-D': ['C2-D.assessment.standing', 'C2-D.coverage'] },
    stops: ['assessment', 'fail'],
  },
  {
    case: '4',
    facts: 'login LoA 2; passport checked by the invigilator on site and matched to the register',
    input: worked.case4,
    level: 'A',
  },
  {
    case: '4, else',
    facts: 'passport shown on video only',
    input: worked.case4Video,
    level: 'C2-D',
    missing: { A: ['A.loa'], 'B-C1': ['B-C1.loa', ...noHigherEducation] },
    stops: ['identity', 'missing'],
  },
  {
    case: '5',
    facts: 'webinar, join list, self-typed names',
    input: worked.case5,
    level: 'E',
    missing: { 'D-E': ['D-E.loa', 'D-E.identity', 'D-E.attendance', 'D-E.approvers.confirmation'] },
    stops: ['identity', 'missing'],
  },
  {
    case: '5, then',
    facts: 'a login next week does not help',
    input: worked.case5LoginNextWeek,
    level: 'E',
    missing: { 'D-E': ['D-E.loa', 'D-E.identity', 'D-E.attendance', 'D-E.approvers.confirmation'] },
    stops: ['identity', 'missing'],
  },
  {
    case: '6',
    facts: 'course-development project, LoA 2 account, the leader confirms',
    input: worked.case6,
    level: 'D-E',
  },
  {
    case: '6, else',
    facts: 'unauthenticated',
    input: worked.case6Unauthenticated,
    level: 'E',
    missing: { 'D-E': ['D-E.loa', 'D-E.identity'] },
    stops: ['identity', 'missing'],
  },
  {
    case: '7',
    facts: 'accreditation ended the day before the exam',
    input: worked.case7,
    level: 'C2-D',
    missing: { A: ['A.mandate.accreditation'], 'B-C1': noHigherEducation },
    stops: ['open', 'fail'],
  },
  {
    case: '7, or',
    facts: 'accreditation ended the day before the decision',
    input: worked.case7BeforeDecision,
    level: 'C2-D',
    missing: { A: ['A.mandate.accreditation'], 'B-C1': noHigherEducation },
    stops: ['open', 'fail'],
  },
  {
    case: '8',
    facts: 'outcome 5 tested only in the formative test',
    input: worked.case8,
    level: 'D-E',
    missing: { 'C2-D': ['C2-D.coverage'] },
    stops: ['assessment', 'missing'],
  },
  {
    case: '8, then',
    facts: 'outcome 5 passed in a summative result',
    input: worked.case8Resat,
    level: 'C2-D',
  },
  { case: '9', facts: 'watched a webinar recording', input: worked.case9, level: 'F' },
  {
    case: '9, else',
    facts: 'recordings, formative test and LoA 2 in a described course',
    input: worked.case9Course,
    level: 'D-E',
  },
  {
    case: '10',
    facts: 'OSCE double-scored; one scorer declares a conflict; the other covers all stations',
    input: worked.case10,
    level: 'B-C1',
  },
  {
    case: '10, pass mark',
    facts: 'without the void scores the pass mark is not reached',
    input: worked.case10Lenient,
    level: 'D-E',
    missing: {
      'B-C1': ['B-C1.assessment.standing', 'B-C1.coverage'],
      'C2-D': ['C2-D.assessment.standing', 'C2-D.coverage'],
    },
    stops: ['assessment', 'fail'],
  },
  {
    case: '10, else',
    facts: 'the conflicted one alone scored outcome 5',
    input: worked.case10Alone,
    level: 'D-E',
    missing: { 'B-C1': ['B-C1.coverage'], 'C2-D': ['C2-D.coverage'] },
    stops: ['assessment', 'missing'],
  },
  {
    case: '11',
    facts: 'stopped with LoA 2',
    input: worked.case11,
    level: 'C2-D',
    missing: { 'B-C1': ['B-C1.loa'] },
    stops: ['identity', 'missing'],
  },
  {
    case: '11, late report',
    facts: 'the signed on-site document report arrives; the earlier approval no longer counts',
    input: worked.case11EarlierApproval,
    evidence: 'B-C1',
    level: 'D-E',
    missing: { 'B-C1': ['B-C1.approvers.examiner'], 'C2-D': ['C2-D.approvers.examiner'] },
    stops: ['approval', 'missing'],
  },
  { case: '11, then', facts: 'the approval is renewed', input: worked.case11Renewed, level: 'B-C1' },
  {
    case: '12',
    facts: 'protected identity; an authorised person checks the passport',
    input: worked.case12,
    level: 'A',
  },
]

describe('the twelve worked cases', () => {
  for (const row of table) {
    test(`${row.case}: ${row.facts} → ${row.level}`, () => {
      const computation = computeLevel(row.input, 'actual')
      expect(computation.level).toBe(row.level)
      expect(computeLevel(row.input, 'assumed').level).toBe(row.evidence ?? row.level)
      expect(lacksFromThePromise(row.input)).toEqual(row.missing ?? {})
      expect(firstHindrance(row.input)).toEqual(row.stops ?? [])
    })
  }

  test('1: the draw passes the trainer over under either account and takes the next eligible examiner', () => {
    const waiting = { ...worked.case1, approvals: [] }
    const draw = drawApprover(waiting, nextSlot(waiting) ?? [], [worked.notThisExaminer])
    expect(draw).toMatchObject({ kind: 'drawn', person: nextExaminer, rule: 'draw.rotation/1' })
    const refusedAnywhere = drawApprover(waiting, ['examiner'], [nextExaminer, worked.notThisExaminer])
    expect(refusedAnywhere).toMatchObject({ kind: 'nobody', refused: [{ person: worked.secondAccount }] })
  })

  test('12: protection changes no finding at all', () => {
    expect(computeLevel(worked.case12, 'actual').byBand.A.findings).toEqual(
      computeLevel(worked.case12Unprotected, 'actual').byBand.A.findings,
    )
  })
})

/** What does not hold, from the promised band down to the level. */
function lacksFromThePromise(input: CaseInput): Partial<Record<Band, string[]>> {
  const { lacks } = computeLevel(input, 'actual')
  const asked = lacks.filter(({ band }) => rank(band) >= rank(input.case.promised))
  return Object.fromEntries(asked.map(({ band, missing }) => [band, [...new Set(missing.map(({ rule }) => rule))]]))
}

/** The first gate in the order of a case that does not pass, and its outcome. */
function firstHindrance(input: CaseInput): unknown[] {
  const gates = ['open', 'identity', 'assessment', 'separation', 'evidence-level', 'approval', 'level'] as const
  for (const gate of gates) {
    const { outcome } = judge(gate, input)
    if (outcome !== 'pass') return [gate, outcome]
  }
  return []
}

test('the table has every one of the twelve cases, and bands in their order', () => {
  const cases = [...new Set(table.map((row) => row.case.split(',')[0]))]
  expect(cases).toEqual(['1', '2a', '2b', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12'])
  expect(bands).toEqual(['A', 'B-C1', 'C2-D', 'D-E', 'E', 'F'])
})
