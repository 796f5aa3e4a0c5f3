/** What a period looks like, counted from entries alone. */
import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { buildLeaf, type EntryDraft, nextEntry, type TrailHead } from '#audit/entry.ts'
import { leafHash } from '#audit/tree.ts'
import { exceptionKinds, type LogReport, type ReportScope, reportLog } from '#verifier/log-report.ts'
import { decided, log, opened } from '../audit/sample.ts'

type Told = readonly [at: string, draft: Partial<EntryDraft>]

const machine = { ref: 'pipeline', kind: 'service', role: 'pipeline' } as const
const human = (ref: string) => ({ ...decided.actor, ref })

/** A draft of a type, with what its type must have. */
const of = (type: string, data: NonNullable<EntryDraft['data']> = {}, rest: Partial<EntryDraft> = {}) => ({
  type,
  data: { evidenceVersion: 1, ...data },
  actor: machine,
  act: { meaning: 'step', outcome: 'success', reason: 'R-1' },
  ...rest,
})
const waits = of('case.waiting/1', { for: 'approver' })
const decides = (ref: string, role = 'examiner', extra: NonNullable<EntryDraft['data']> = {}) =>
  of(
    'decision.recorded/1',
    { decision: 'deci_1', role, outcome: 'approve', ...extra },
    { actor: human(ref), act: { meaning: 'decision', outcome: 'approve', reason: 'R-12' }, _sd: decided._sd ?? [] },
  )
const clears = of('issuance.cleared/1', { level: 'B-C1', verdicts: [], credentials: ['cred_a'] })
const issues = (credential: string) =>
  of('credential.issued/1', { credential, kid: 'key_1', formats: ['ob3-jwt'] }, { _sd: decided._sd ?? [] })

function trailOf(lines: readonly Told[]): Uint8Array[] {
  let head: TrailHead = { log, trail: randomUUID(), n: 0, hash: new Uint8Array() }
  return lines.map(([at, draft], place) => {
    const leaf = buildLeaf(nextEntry({ ...opened, ...draft, id: `case_a:step:${place}` }, head, at))
    head = { ...head, n: head.n + 1, hash: leafHash(leaf) }
    return leaf
  })
}

const usual: ReportScope = { zone: 'Europe/Stockholm', quickSeconds: 60, handlingDays: 30 }
const report = (leaves: readonly Uint8Array[], scope: Partial<ReportScope> = {}): LogReport => {
  const reporter = reportLog({ ...usual, ...scope })
  for (const leaf of leaves) reporter.next(leaf)
  return reporter.end()
}
const kindsOf = ({ exceptions }: LogReport) => exceptions.map(({ kind, count }) => [kind, count])

/** Opened on a Monday morning, asked for at noon, decided on in the afternoon, issued at four. */
const issued = trailOf([
  ['2026-03-02T08:00:00.000Z', {}],
  ['2026-03-02T11:00:00.000Z', waits],
  ['2026-03-02T13:00:00.000Z', decides('k3Jd9fQx')],
  ['2026-03-02T14:59:00.000Z', clears],
  ['2026-03-02T14:59:30.000Z', issues('cred_a')],
  ['2026-03-02T15:00:00.000Z', of('case.issued/1')],
])

describe('a report', () => {
  test('counts cases, levels, credentials and decisions, and how long they took', () => {
    expect(report(issued)).toEqual({
      entries: 6,
      cases: { opened: 1, issued: 1, recorded: 0, refused: 0, withdrawn: 0 },
      levels: { 'B-C1': 1 },
      credentials: { issued: 1, revoked: 0 },
      decisions: { approve: 1 },
      busiest: undefined,
      toIssued: { count: 1, p50: 25_200, p95: 25_200, most: 25_200 },
      toDecision: { count: 1, p50: 7_200, p95: 7_200, most: 7_200 },
      reviews: { recorded: 0, actions: 0, closed: 0 },
      appeals: { begun: 0, closed: 0, outcomes: {} },
      complaints: { begun: 0, closed: 0, outcomes: {} },
      exceptions: [],
    })
  })

  test('counts reviews of the quality assurance, and shows what was not done in time', () => {
    const by = { actor: human('k3Jd9fQx') }
    const review = of(
      'quality.reviewed/1',
      {
        review: 'qrev_a',
        from: '2026-01-01',
        until: '2026-02-01',
        looked: ['report:x'],
        findings: ['late-decisions'],
        actions: ['remind-sooner', 'train-scorers'],
        due: ['2026-03-03', '2026-03-05'],
        reference: 'KVAL-1',
      },
      by,
    )
    const closing = of('quality.action-closed/1', { review: 'qrev_a', action: 'train-scorers', reference: 'K-2' }, by)
    const leaves = trailOf([
      ['2026-03-02T09:00:00.000Z', review],
      ['2026-03-04T09:00:00.000Z', closing],
    ])
    expect(report(leaves).reviews).toEqual({ recorded: 1, actions: 2, closed: 1 })
    const [late] = report(leaves).exceptions
    expect(late).toMatchObject({
      kind: 'review-action-late',
      count: 1,
      places: [{ index: 0, reason: 'remind-sooner' }],
    })
    expect(report(leaves, { until: '2026-03-03T23:00:00.000Z' }).exceptions).toEqual([])
    expect(report(leaves.slice(0, 1), { until: '2026-04-01T00:00:00.000Z' }).exceptions).toMatchObject([{ count: 2 }])
    expect(report(leaves, { from: '2026-03-03T00:00:00.000Z' }).reviews).toEqual({ recorded: 0, actions: 0, closed: 1 })
  })

  test('counts appeals and how they ended, and shows those that nobody brought to an end in time', () => {
    const by = { actor: human('k3Jd9fQx') }
    const lodged = (appeal: string, received: string) =>
      of('appeal.lodged/1', { appeal, kind: 'appeal', against: 'outcome', received, reference: 'OMP-1' }, by)
    const step = (name: string, appeal: string, rest: Partial<EntryDraft> = {}) =>
      of(`appeal.${name}/1`, { appeal, reference: 'OMP-2', followed: [] }, { ...by, ...rest })
    const upheld = { act: { meaning: 'appeal', outcome: 'upheld', reason: 'criteria-misread' } }
    const leaves = trailOf([
      ['2026-03-02T09:00:00.000Z', lodged('appl_a', '2026-03-01')],
      ['2026-03-02T09:01:00.000Z', lodged('appl_b', '2026-03-01')],
      ['2026-03-03T09:00:00.000Z', step('acknowledged', 'appl_a')],
      ['2026-03-04T09:00:00.000Z', step('decided', 'appl_a', upheld)],
      ['2026-03-05T09:00:00.000Z', step('closed', 'appl_a')],
      ['2026-03-06T09:00:00.000Z', step('acknowledged', 'appl_b')],
    ])
    expect(report(leaves).appeals).toEqual({ begun: 2, closed: 1, outcomes: { upheld: 1 } })
    const late = (until: string, days = 30) => report(leaves, { until, handlingDays: days }).exceptions
    expect(late('2026-04-01T00:00:00.000Z')).toMatchObject([
      { kind: 'appeal-late', count: 1, places: [{ index: 1, reason: 'acknowledged' }] },
    ])
    expect(late('2026-03-31T23:59:00.000Z')).toEqual([])
    expect(late('2026-03-31T23:59:00.000Z', 14)).toMatchObject([{ count: 1 }])
    expect(late('2026-03-05T00:00:00.000Z', 1)).toMatchObject([
      { count: 2, places: [{ reason: 'decided' }, { reason: 'lodged' }] },
    ])
  })

  test('counts complaints, and shows the late ones and those handled by somebody they were about', () => {
    const received = (complaint: string, persons: readonly string[]) =>
      of(
        'complaint.received/1',
        { complaint, category: 'late-answer', received: '2026-03-01', persons, reference: 'KL-1' },
        { actor: human('k3Jd9fQx') },
      )
    const step = (name: string, complaint: string, by: string, outcome = 'success') =>
      of(
        `complaint.${name}/1`,
        { complaint, step: 'asked', measures: [], reference: 'KL-2' },
        { actor: human(by), act: { meaning: 'complaint', outcome } },
      )
    const leaves = trailOf([
      ['2026-03-02T09:00:00.000Z', received('comp_a', ['p2'])],
      ['2026-03-02T09:01:00.000Z', received('comp_b', [])],
      ['2026-03-03T09:00:00.000Z', step('acknowledged', 'comp_a', 'p2')],
      ['2026-03-04T09:00:00.000Z', step('progressed', 'comp_a', 'p1')],
      ['2026-03-05T09:00:00.000Z', step('closed', 'comp_a', 'p2', 'unjustified')],
    ])
    const found = report(leaves, { until: '2026-04-01T00:00:00.000Z' })
    expect(found.complaints).toEqual({ begun: 2, closed: 1, outcomes: { unjustified: 1 } })
    expect(found.exceptions).toMatchObject([
      { kind: 'complaint-late', count: 1, places: [{ index: 1, reason: 'received' }] },
      { kind: 'complaint-by-concerned', count: 1, places: [{ index: 4, actor: 'p2' }] },
    ])
  })

  test('of a period counts what happened in it, and times it from when it began', () => {
    const found = report(issued, { from: '2026-03-02T12:00:00.000Z', until: '2026-03-02T15:00:00.000Z' })
    expect([found.entries, found.cases.opened, found.cases.issued]).toEqual([3, 0, 0])
    expect(found.toDecision?.p50).toBe(7_200)
    expect(report(issued, { from: '2026-03-02T15:00:00.000Z' }).toIssued?.p50).toBe(25_200)
    expect(report(issued, { until: '2026-03-02T08:00:00.000Z' }).entries).toBe(0)
  })

  test.each([
    ['2026-03-02T07:00:00.000Z', { assessmentBegan: '2026-03-02T07:30:00.000Z' }, []],
    ['2026-03-02T07:00:00.000Z', { assessmentBegan: '2026-03-02T06:30:00.000Z' }, [['criteria-late', 1]]],
    ['2026-03-02T07:00:00.000Z', { assessmentBegunBy: '2026-03-02T06:30:00.000Z' }, [['criteria-late', 1]]],
    ['2026-03-02T07:00:00.000Z', { assessmentBegunBy: '2026-03-02T07:30:00.000Z' }, []],
    ['2026-03-02T07:00:00.000Z', {}, []],
    ['2026-03-02T08:30:00.000Z', { assessmentBegan: '2026-03-02T06:30:00.000Z' }, []],
  ])('of criteria published %s for an assessment dated %j shows %j', (at, told, kinds) => {
    const about = { achievement: 'crypto', achievementVersion: 1 }
    const published = of('achievement.published/1', { ...about, version: 1, digest: 'A'.repeat(43) })
    const gate = of(
      'gate.judged/1',
      { gate: 'assessment', outcome: 'pass', rules: 'r/1', ...told },
      { _sd: decided._sd ?? [] },
    )
    const trail = trailOf([
      ['2026-03-02T08:00:00.000Z', { data: { ...about, promised: 'A' } }],
      ['2026-03-02T09:00:00.000Z', gate],
      ['2026-03-02T10:00:00.000Z', clears],
    ])
    const own = trailOf([[at, published]])
    // What came into the register after the case was opened is not what it was opened on.
    const leaves =
      at < '2026-03-02T08:00:00.000Z' ? [...own, ...trail] : [...trail.slice(0, 1), ...own, ...trail.slice(1)]
    expect(kindsOf(report(leaves))).toEqual(kinds)
  })

  test('shows a decision that came too soon, but not one on a list, of which a sample is read', () => {
    const soon = (extra = {}) =>
      trailOf([
        ['2026-03-02T11:00:00.000Z', waits],
        ['2026-03-02T11:00:59.999Z', decides('k3Jd9fQx', 'examiner', extra)],
      ])
    const [exception] = report(soon()).exceptions
    expect(exception).toMatchObject({ kind: 'quick-decision', count: 1, places: [{ index: 1, n: 2, seconds: 59.999 }] })
    expect(report(soon(), { quickSeconds: 59 }).exceptions).toEqual([])
    expect(report(soon({ list: 'list_1' })).exceptions).toEqual([])
  })

  test.each([
    ['2026-03-02T05:30:00.000Z', []],
    ['2026-03-02T04:59:59.999Z', [['off-hours', 1]]],
    ['2026-03-02T20:59:59.999Z', []],
    ['2026-03-02T21:00:00.000Z', [['off-hours', 1]]],
    // In summer Stockholm is an hour further ahead.
    ['2026-07-06T04:30:00.000Z', []],
    ['2026-07-04T10:00:00.000Z', [['off-hours', 1]]],
  ])('knows at %s whether it is office hours in Stockholm', (at, expected) => {
    expect(kindsOf(report(trailOf([[at, decides('k3Jd9fQx')]])))).toEqual(expected)
  })

  test('shows what an officer decided, and who decides most', () => {
    const at = '2026-03-02T10:00:00.000Z'
    const lines = Array.from({ length: 20 }, (_, place): Told => [at, decides(place < 15 ? 'one' : 'other')])
    expect(report(trailOf(lines)).busiest).toEqual({ actor: 'one', percent: 75 })
    expect(report(trailOf(lines.slice(1))).busiest).toBeUndefined()
    expect(kindsOf(report(trailOf([[at, decides('one', 'officer')]])))).toEqual([['officer-decision', 1]])
  })

  test('shows everything else that somebody should look at, with where and why', () => {
    const at = '2026-03-02T10:00:00.000Z'
    const lines: Told[] = [
      [at, of('case.stopped/1')],
      [at, of('case.escalated/1', { for: 'officer' })],
      [at, of('signing.refused/1', { credential: 'cred_a' })],
      [at, of('reconciliation.done/1', { sources: 2, gaps: 0, found: 0 })],
      [at, of('reconciliation.done/1', { sources: 2, gaps: 1, found: 1 })],
      [at, of('log.checked/1', { size: 9, trails: 2, findings: 0, codes: [] })],
      [at, of('log.checked/1', { size: 9, trails: 2, findings: 1, codes: ['missing'] })],
    ]
    const found = report(trailOf(lines))
    expect(kindsOf(found)).toEqual([
      ['case-stopped', 1],
      ['case-escalated', 1],
      ['signing-refused', 1],
      ['reconciliation-found', 1],
      ['log-check-found', 1],
    ])
    expect(found.exceptions[0]?.places).toEqual([
      { index: 0, trail: expect.any(String), n: 1, at, actor: 'pipeline', reason: 'R-1' },
    ])
    expect(new Set(exceptionKinds).size).toBe(exceptionKinds.length)
  })

  test('passes over what is no entry of ours', () => {
    expect(report([Buffer.from('{}'), Buffer.from('go.sum'), ...issued]).entries).toBe(6)
  })
})
