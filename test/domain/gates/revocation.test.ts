/** Who may take a credential back, by which reason and words: every condition alone, both ways. */
import { describe, expect, test } from 'vitest'
import type { CaseInput } from '#domain/case.ts'
import {
  judgeRevocation,
  type RevocationInput,
  revocationReasons,
  revocationReasonTexts,
} from '#domain/gates/revocation.ts'
import { namedIn } from '#domain/gates/uninvolved.ts'
import { as, type CredentialId, type PersonId } from '#domain/words.ts'
import { documentCheck, session } from '../facts.ts'
import { add, conflicted, each, linked, project, promised, registered } from '../fixtures.ts'
import {
  appointed,
  at,
  days,
  evidenceId,
  examiner,
  invigilator,
  leader,
  learner,
  person,
  scorer,
  secondScorer,
  teacher,
  university,
} from '../world.ts'

const first = person('officer-1')
const second = person('officer-2')
const third = person('officer-3')

const withOfficers = registered(({ appointments }) => ({
  appointments: [
    ...appointments,
    appointed(first, 'officer', { by: university }),
    appointed(second, 'officer', { by: university }),
    appointed(third, 'officer', { by: university, until: days.now }),
  ],
}))

const input = (more: Partial<RevocationInput> = {}, of: CaseInput = promised['B-C1']()): RevocationInput => ({
  case: withOfficers(of),
  reason: 'fraud',
  text: 'Fusk är fastställt',
  successors: [],
  proposer: first,
  approver: second,
  ...more,
})

const shortfalls = (of: RevocationInput) =>
  judgeRevocation(of)
    .findings.filter(({ outcome }) => outcome !== 'passed')
    .map(({ rule, outcome }) => `${rule}: ${outcome}`)

const [newer, newest] = [as<CredentialId>('cred_newer'), as<CredentialId>('cred_newest')]

describe('what takes its place', () => {
  test.each<readonly [string, Partial<RevocationInput>, readonly string[]]>([
    ['is not there, and none is named', { reason: 'superseded' }, []],
    ['is there, and named', { reason: 'superseded', successor: newer, successors: [newer] }, []],
    ['is one of several', { reason: 'superseded', successor: newest, successors: [newer, newest] }, []],
    ['is there, and not named', { reason: 'superseded', successors: [newer] }, ['revocation.successor: failed']],
    ['is named, and not there', { reason: 'superseded', successor: newer }, ['revocation.successor: failed']],
    [
      'is another than named',
      { reason: 'superseded', successor: newest, successors: [newer] },
      ['revocation.successor: failed'],
    ],
    [
      'is named where nothing is superseded',
      { successor: newer, successors: [newer] },
      ['revocation.successor: failed'],
    ],
    ['is there where nothing is superseded', { successors: [newer] }, []],
  ])('%s', (_, more, against) => {
    expect(shortfalls(input(more))).toEqual(against)
  })
})

describe('a revocation', () => {
  for (const reason of revocationReasons) {
    test(`passes with two officers, a text and the reason ${reason}`, () => {
      expect(judgeRevocation(input({ reason }))).toMatchObject({ outcome: 'pass' })
      expect(revocationReasonTexts[reason].sv).not.toBe('')
      expect(revocationReasonTexts[reason].en).not.toBe('')
    })
  }

  test('has exactly the eight reasons of the list', () => {
    expect(revocationReasons).toEqual([
      'issued-in-error',
      'identity-wrong',
      'assessment-invalid',
      'fraud',
      'separation-broken',
      'holder-request',
      'key-compromise',
      'superseded',
    ])
  })

  test('waits for a second officer while there is none', () => {
    const { approver: _approver, ...proposal } = input()
    expect(judgeRevocation(proposal).outcome).toBe('missing')
    expect(shortfalls(proposal)).toEqual(['revocation.approver: missing'])
  })

  const refusals: readonly (readonly [string, RevocationInput, string])[] = [
    ['another reason', input({ reason: 'because' }), 'revocation.reason: failed'],
    ['a text of nine characters', input({ text: '123456789' }), 'revocation.text: failed'],
    ['ten blanks', input({ text: ' '.repeat(20) }), 'revocation.text: failed'],
    ['a proposer who is no officer', input({ proposer: person('nobody') }), 'revocation.proposer: failed'],
    ['a proposer whose appointment has ended', input({ proposer: third }), 'revocation.proposer: failed'],
    ['an approver whose appointment has ended', input({ approver: third }), 'revocation.approver: failed'],
    ['an approver who is no officer', input({ approver: person('nobody') }), 'revocation.approver: failed'],
    ['an unknown approver', input({ approver: 'unknown:x' as PersonId }), 'revocation.approver: could-not-check'],
    ['one officer twice', input({ approver: first }), 'revocation.two-persons: failed'],
    [
      'one human being under two accounts',
      input({}, linked(first, second)(promised['B-C1']())),
      'revocation.two-persons: failed',
    ],
    ['an approver with a conflict', input({}, conflicted(second)(promised['B-C1']())), 'revocation.approver: failed'],
    ['a proposer with a conflict', input({}, conflicted(first)(promised['B-C1']())), 'revocation.proposer: failed'],
    [
      'a proposer who is the learner',
      input({}, linked(first, learner)(promised['B-C1']())),
      'revocation.proposer: failed',
    ],
    ['an approver who acted on the case', input({ acted: [second] }), 'revocation.not-named: failed'],
    [
      'a case with somebody whom nobody knows',
      input({}, each('proctoring', () => ({ invigilators: ['unknown:y' as PersonId] }))(promised['B-C1']())),
      'revocation.not-named: could-not-check',
    ],
  ]
  for (const [says, refused, expected] of refusals) {
    test(`does not pass with ${says}`, () => {
      expect(shortfalls(refused)).toContain(expected)
      expect(judgeRevocation(refused).outcome).not.toBe('pass')
    })
  }

  test('counts ten characters, not bytes, and not the blanks around them', () => {
    expect(judgeRevocation(input({ text: '  ååååååååå1 ' })).outcome).toBe('pass')
  })

  test('an appointment that begins now counts, one that ends now does not', () => {
    const from = (moment: CaseInput['now']) =>
      registered(({ appointments }) => ({
        appointments: [...appointments, appointed(person('new'), 'officer', { by: university, from: moment })],
      }))(promised['B-C1']())
    expect(judgeRevocation(input({ approver: person('new') }, from(days.now))).outcome).toBe('pass')
    expect(judgeRevocation(input({ approver: person('new') }, from(at('2026-11-21')))).outcome).toBe('fail')
  })
})

describe('who is named in the case may not approve', () => {
  const inCase = add(
    session('checked', 2, days.osce, {
      check: documentCheck({ checker: person('document-checker') }),
      liveMatch: { by: person('matcher'), manner: 'video', result: 'match' },
    }),
  )
  const withFinding = each('proctoring', () => ({
    incidents: [
      {
        id: 'i',
        at: days.written,
        severity: 'minor',
        category: 'noise',
        machine: true,
        finding: { by: person('finder'), result: 'no-deviation' },
      },
    ],
  }))
  const busy = withFinding(inCase(promised['B-C1']()))
  const roles: readonly (readonly [string, PersonId, CaseInput])[] = [
    ['learner', learner, busy],
    ['teacher', teacher, busy],
    ['scorer', scorer, busy],
    ['scorer of one station', secondScorer, busy],
    ['invigilator', invigilator, busy],
    ['document checker', person('document-checker'), busy],
    ['who compared live', person('matcher'), busy],
    ['who found on a flag', person('finder'), busy],
    ['confirmer', leader, project()],
    ['approver', examiner, busy],
  ]
  for (const [role, who, of] of roles) {
    test(`${role}, also under a linked identity`, () => {
      expect(namedIn(of)).toContain(who)
      expect(shortfalls(input({}, linked(second, who)(of)))).toContain('revocation.not-named: failed')
    })
  }

  test('nor who stands in a fact that was taken back', () => {
    const withdrawn = add({
      kind: 'withdrawal',
      id: evidenceId('withdrawal'),
      source: busy.evidence[0]?.source ?? { emitter: '', owner: { organisation: university }, signed: true },
      offering: 'kurs-1',
      attempt: 1,
      at: days.now,
      withdraws: evidenceId('osce'),
      reason: 'wrong',
    })(busy)
    expect(shortfalls(input({}, linked(second, secondScorer)(withdrawn)))).toContain('revocation.not-named: failed')
  })
})
