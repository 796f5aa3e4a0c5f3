/** A refusal must say why, what was missing, and how to answer it. */
import { describe, expect, test } from 'vitest'
import { judge } from '#domain/gates/judge.ts'
import type { Verdict } from '#domain/gates/verdict.ts'
import { type RefusalInput, refusalOf } from '#domain/refusal.ts'
import { as } from '#domain/words.ts'
import { at, both, caseOf } from './credential/cases.ts'

const verdict: Verdict = {
  gate: 'evidence-level',
  rules: '2026-11',
  outcome: 'fail',
  band: 'C2-D',
  findings: [
    { rule: 'level.C2-D', outcome: 'failed', because: both('Below'), missing: both('All of C2–D'), evidence: [] },
    {
      rule: 'C2-D.coverage',
      outcome: 'failed',
      because: both('Outcome 5 not shown'),
      missing: both('Outcome 5'),
      evidence: [],
    },
    { rule: 'C2-D.loa', outcome: 'passed', because: both('LoA 2'), evidence: [] },
    { rule: 'A.mandate', outcome: 'failed', because: both('No mandate for A'), missing: both('Mandate'), evidence: [] },
  ],
}

const input: RefusalInput = {
  caseId: as('case_1'),
  achievement: both('Airway'),
  promised: 'C2-D',
  decidedAt: at('2026-11-20T10:00'),
  verdicts: [verdict, verdict],
  contact: { institution: both('Norrsken'), email: 'prov@norrsken.example', withinDays: 21 },
}

describe('a refusal', () => {
  test('gives the reasons of the promised band once each, and no others', () => {
    expect(refusalOf(input).reasons).toEqual([both('Below'), both('Outcome 5 not shown')])
    expect(refusalOf(input).missing).toEqual([both('All of C2–D'), both('Outcome 5')])
  })

  test('puts the reason of the person who decided first', () => {
    expect(refusalOf({ ...input, reason: both('Decided so') }).reasons[0]).toEqual(both('Decided so'))
  })

  test('tells in both languages how to ask for reconsideration, where, until when and for which case', () => {
    const { reconsideration } = refusalOf(input)
    expect(reconsideration.sv).toContain('omprövning')
    for (const part of ['Norrsken', 'prov@norrsken.example', '21', 'case_1']) {
      expect(reconsideration.sv).toContain(part)
      expect(reconsideration.en).toContain(part)
    }
  })

  test('sets no time limit that the institution has not set', () => {
    const { reconsideration } = refusalOf({ ...input, contact: { institution: both('Norrsken') } })
    expect(reconsideration.en).not.toMatch(/days|undefined/)
    expect(reconsideration.sv).not.toMatch(/dagar|undefined/)
  })

  test('never comes without a reason', () => {
    const empty = refusalOf({ ...input, verdicts: [] })
    expect(empty.reasons).toHaveLength(1)
    expect(empty.letter.sv).not.toContain('Detta saknades')
  })

  test('is one letter with subject, reasons, what was missing and the way on', () => {
    const { letter, subject, reconsideration } = refusalOf(input)
    expect(letter.sv.split('\n\n')).toEqual([
      subject.sv,
      'Skäl:\n– Below (sv)\n– Outcome 5 not shown (sv)',
      'Detta saknades:\n– All of C2–D (sv)\n– Outcome 5 (sv)',
      reconsideration.sv,
    ])
  })

  test('explains a case judged by the real rules', () => {
    const case_ = caseOf('B-C1')
    const refused = refusalOf({ ...input, promised: 'B-C1', verdicts: [judge('level', case_)] })
    expect(refused.missing.map((one) => one.en)).toContain('A higher education institution that awards')
    expect(refused.reasons.map((one) => one.en)).toContain('The awarding body is no higher education institution')
  })
})
