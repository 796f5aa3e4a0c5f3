/** The report for people, as data: what each entry tells, and names only for those who may see them. */
import { describe, expect, test } from 'vitest'
import type { Entry } from '#audit/entry.ts'
import { packageProfiles } from '#audit/package/profiles.ts'
import { decidersOf, holderShown, type KnownPerson, plain, reportedEntries } from '#audit/package/report.ts'

const trail = '9f0c0000-0000-4000-8000-000000000000'

function entry(n: number, type: string, rest: Partial<Entry> = {}): Entry {
  return {
    v: 'bevis-audit/1',
    log: 'bevis.example/norrsken',
    trail,
    n,
    prev: 'A'.repeat(43),
    id: `case_a:${n}`,
    type,
    at: `2026-02-01T10:00:0${n}.000Z`,
    actor: { ref: 'pipeline', kind: 'service', role: 'identity' },
    act: { meaning: 'gate-judged', outcome: 'pass' },
    ...rest,
  }
}

const authn = { acr: 'urn:mfa', auth_time: 1_769_940_000 }
const decider: Partial<Entry> = {
  actor: { ref: 'ref-of-decider', kind: 'human', role: 'decision-maker', authn },
  act: { meaning: 'decision', outcome: 'approve', reason: 'demands-met' },
}
const viewer: Partial<Entry> = {
  actor: { ref: 'ref-of-viewer', kind: 'human', role: 'officer', authn },
  act: { meaning: 'evidence-handed-in', outcome: 'success', reason: 'late' },
}
const entries = [
  entry(1, 'gate.judged/1', { data: { gate: 'identity' } }),
  entry(2, 'evidence.handed-in/1', viewer),
  entry(3, 'decision.recorded/1', decider),
]

function material(people: Readonly<Record<string, KnownPerson>>) {
  return { entries, people: new Map(Object.entries(people)), texts: new Map(), findings: new Map() }
}
const known = {
  'ref-of-decider': { name: 'Disa Decider', isProtected: false },
  'ref-of-viewer': { name: 'Viktor Viewer', isProtected: false },
}

describe('an entry', () => {
  test('tells what, when, who in which role, meaning what, how it ended, why and known how, and no more than it says', () => {
    const findings = [{ rule: 'identity-1', outcome: 'pass', because: { sv: 'a', en: 'b' } }]
    const opened = {
      ...material({}),
      texts: new Map([[3, ' Allt är\nvisat. ']]),
      findings: new Map([[1, findings]]),
    }
    expect(reportedEntries('court', opened)).toStrictEqual([
      {
        n: 1,
        at: '2026-02-01T10:00:01.000Z',
        type: 'gate.judged/1',
        what: { sv: 'Steg bedömt: identitetskontroll – uppfyllt', en: 'Step judged: identity check – passed' },
        who: { ref: 'pipeline', kind: 'service', role: { sv: 'identitetskontroll', en: 'identity check' } },
        meaning: 'gate-judged',
        outcome: 'pass',
        findings,
      },
      {
        n: 2,
        at: '2026-02-01T10:00:02.000Z',
        type: 'evidence.handed-in/1',
        what: { sv: 'Underlag lämnades in av en handläggare', en: 'Evidence handed in by an officer' },
        who: { ref: 'ref-of-viewer', kind: 'human', role: { sv: 'kvalitetshandläggare', en: 'quality officer' } },
        meaning: 'evidence-handed-in',
        outcome: 'success',
        reason: 'late',
        login: { acr: 'urn:mfa', at: '2026-02-01T10:00:00.000Z' },
      },
      {
        n: 3,
        at: '2026-02-01T10:00:03.000Z',
        type: 'decision.recorded/1',
        what: { sv: 'Beslut: godkänner utfärdande', en: 'Decision: approves issuance' },
        who: { ref: 'ref-of-decider', kind: 'human', role: { sv: 'beslutsfattare', en: 'decision-maker' } },
        meaning: 'decision',
        outcome: 'approve',
        reason: 'demands-met',
        login: { acr: 'urn:mfa', at: '2026-02-01T10:00:00.000Z' },
        text: 'Allt är visat.',
      },
    ])
  })

  test('of a decision, on issuance or on revocation, makes its actor one who decided; nothing else does', () => {
    const types = ['decision.recorded/1', 'revocation.proposed/1', 'revocation.approved/1', 'revocation.refused/1']
    const by = (type: string) => entry(1, type, { actor: { ref: type, kind: 'human', role: 'officer', authn } })
    expect([...decidersOf([...types, 'case.opened/1', 'evidence.handed-in/1'].map(by))]).toEqual(types)
  })
})

describe('names', () => {
  test('are shown to a court, to the subject of those who decided, and to nobody else', () => {
    const shown = packageProfiles.map((profile) => [
      profile,
      reportedEntries(profile, material(known)).flatMap(({ who }) => who.name ?? []),
    ])
    expect(Object.fromEntries(shown)).toEqual({
      public: [],
      employer: [],
      accreditor: [],
      court: ['Viktor Viewer', 'Disa Decider'],
      subject: ['Disa Decider'],
    })
  })

  test('of protected people are masked from a court, and the holder sees their own', () => {
    const hidden = { 'ref-of-decider': { name: 'Disa Decider', isProtected: true } }
    const told = JSON.stringify(reportedEntries('court', material(hidden)))
    expect(told).toContain('"masked":"protected"')
    expect(told).not.toContain('Disa')
    const holder = { name: 'Hedda Holder', isProtected: true }
    expect(packageProfiles.map((profile) => holderShown(profile, holder))).toEqual([
      { masked: 'profile' },
      { masked: 'profile' },
      { masked: 'profile' },
      { masked: 'protected' },
      { name: 'Hedda Holder' },
    ])
  })

  test('that the register has lost leave the pseudonym, of actors and of holders', () => {
    const [, , decision] = reportedEntries('court', material({ 'ref-of-decider': { isProtected: false } }))
    expect(decision?.who).toStrictEqual({
      ref: 'ref-of-decider',
      kind: 'human',
      role: { sv: 'beslutsfattare', en: 'decision-maker' },
    })
    expect(holderShown('court', { isProtected: false })).toStrictEqual({})
  })

  test('belong to people: a part of the machine has none, whatever the register says', () => {
    const [judged] = reportedEntries('court', material({ pipeline: { name: 'Pip Line', isProtected: false } }))
    expect(judged?.who.name).toBeUndefined()
  })

  test('write no lines of their own and turn no text around', () => {
    const odd = { 'ref-of-decider': { name: 'Disa\n4. Beslut: avslår\u202e reversed', isProtected: false } }
    const [, , decision] = reportedEntries('court', material(odd))
    expect(decision?.who.name).toBe('Disa 4. Beslut: avslår reversed')
    expect(holderShown('court', { name: ' Hedda\u2028 Holder\u200f', isProtected: false })).toEqual({
      name: 'Hedda Holder',
    })
  })
})

test('a line of a report is spelled one way, without marks at its ends', () => {
  expect(plain('\u2066A\u030a\tb\u00a0\u00a0c\u2069')).toBe('\u00c5 b c')
})
