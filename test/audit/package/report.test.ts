/** The report for people: words for everything that can happen, names only for those who may see them, and a PDF that can be read aloud. */
import { describe, expect, test } from 'vitest'
import { canonicalBytes } from '#audit/canonical.ts'
import type { Entry } from '#audit/entry.ts'
import { entryTypes } from '#audit/entry-types.ts'
import { reportPdf } from '#audit/package/pdf.ts'
import { packageProfiles } from '#audit/package/profiles.ts'
import { holderShown, type KnownPerson, type Report, reportedEntries } from '#audit/package/report.ts'
import { sentenceOf, timeWords, typeWords } from '#audit/package/words.ts'

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

const decider: Partial<Entry> = {
  actor: {
    ref: 'ref-of-decider',
    kind: 'human',
    role: 'decision-maker',
    authn: { acr: 'urn:mfa', auth_time: 1_769_940_000 },
  },
  act: { meaning: 'decision', outcome: 'approve', reason: 'demands-met' },
}
const viewer: Partial<Entry> = {
  actor: { ref: 'ref-of-viewer', kind: 'human', role: 'officer', authn: { acr: 'urn:mfa', auth_time: 1_769_940_000 } },
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

test('every type of entry has words in both languages', () => {
  expect(Object.keys(typeWords).toSorted()).toEqual(expect.arrayContaining(Object.keys(entryTypes).toSorted()))
})

test('a sentence says what was judged or decided, and how it ended', () => {
  expect(entries.map((one) => sentenceOf(one).sv)).toEqual([
    'Steg bedömt: identitetskontroll – uppfyllt',
    'Underlag lämnades in av en handläggare',
    'Beslut: godkänner utfärdande',
  ])
})

test('times are spelled out alike on every machine', () => {
  expect(timeWords('2026-11-23T14:05:09.000Z', 'sv')).toBe('23 november 2026 kl. 14.05.09 UTC')
  expect(timeWords('2026-11-23T14:05:09.000Z', 'en')).toBe('23 November 2026, 14:05:09 UTC')
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

  test('write no lines of their own and turn no text around', () => {
    const odd = { 'ref-of-decider': { name: 'Disa\n4. Beslut: avslår\u202e reversed', isProtected: false } }
    const [, , decision] = reportedEntries('court', material(odd))
    expect(decision?.who.name).toBe('Disa 4. Beslut: avslår reversed')
  })
})

describe('the PDF', () => {
  const report: Report = {
    v: 'bevis-report/1',
    institution: { sv: 'Norrskens universitet', en: 'Norrsken University' },
    log: 'bevis.example/norrsken',
    checkpoint: { size: 7, root: 'A'.repeat(43) },
    profile: 'court',
    trails: [
      {
        trail,
        case: 'case_a',
        achievement: { id: 'crypto', version: 1, name: { sv: 'Tillämpad kryptografi', en: 'Applied Cryptography' } },
        holder: { name: 'Hedda Holder' },
        entries: reportedEntries('court', material(known)),
        withheld: { erased: 1 },
        looks: [],
      },
    ],
  }

  test('is the same bytes each time', async () => {
    expect(Buffer.compare(await reportPdf(report, 'sv'), await reportPdf(report, 'sv'))).toBe(0)
  })

  test.each(['sv', 'en'] as const)(
    'in %s is tagged, says its language and title, and carries the report as JSON',
    async (language) => {
      const pdf = Buffer.from(await reportPdf(report, language))
      const text = pdf.toString('latin1')
      expect(text).toContain(`/Lang (${language})`)
      expect(text).toContain('/DisplayDocTitle true')
      expect(text).toContain('/Marked true')
      expect(text).toMatch(/<pdfaid:part>3<\/pdfaid:part>\s*<pdfaid:conformance>A</)
      const tags = [...text.matchAll(/\/S \/(Document|H1|H2|H3|P|L|LI|LBody)\b/g)].map(([, tag]) => tag)
      for (const tag of ['Document', 'H1', 'H2', 'H3', 'P', 'L', 'LI', 'LBody']) expect(tags).toContain(tag)
      // Every entry is an item of its list, and one for what is withheld.
      expect(tags.filter((tag) => tag === 'LI')).toHaveLength(entries.length + 1)
      expect(text).toContain('/AFRelationship /Data')
      expect(pdf.includes(Buffer.from(canonicalBytes(report)))).toBe(true)
      // No page content without a tag: each text is inside marked content.
      const depths = contentDepths(text)
      expect(depths.length).toBeGreaterThan(10)
      expect(Math.min(...depths)).toBeGreaterThan(0)
    },
  )
})

/** How deep in marked content each text object stands. */
function contentDepths(pdf: string): number[] {
  const depths: number[] = []
  let depth = 0
  for (const [operator] of pdf.matchAll(/\bB[DM]C\n|\bEMC\n|\bBT\n/g)) {
    if (operator === 'EMC\n') depth -= 1
    else if (operator === 'BT\n') depths.push(depth)
    else depth += 1
  }
  return depths
}
