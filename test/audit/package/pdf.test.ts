/** The report as PDF/A-3a: what somebody hears who has it read aloud, what stands on each page, and the same bytes each time. */
import { describe, expect, test } from 'vitest'
import { canonicalBytes } from '#audit/canonical.ts'
import { reportPdf } from '#audit/package/pdf.ts'
import { packageProfiles } from '#audit/package/profiles.ts'
import type { Report, ReportedEntry, ReportedTrail } from '#audit/package/report.ts'
import { roleWords, sentenceOf } from '#audit/package/words.ts'
import { readPdf } from '../../support/read-pdf.ts'

const machine = { ref: 'pipeline', kind: 'service', role: roleWords('identity') } as const
const decider = { ref: 'ref-d', kind: 'human', role: roleWords('decision-maker') } as const

function entry(n: number, type: string, rest: Partial<ReportedEntry> = {}): ReportedEntry {
  const told = { type, actor: { role: 'x' }, act: { outcome: rest.outcome ?? 'pass' }, data: { gate: 'identity' } }
  const at = new Date(Date.UTC(2026, 1, 1, 10, 0, n)).toISOString()
  return { n, at, type, what: sentenceOf(told), who: machine, meaning: 'm', outcome: told.act.outcome, ...rest }
}

const finding = {
  rule: 'identity-1',
  outcome: 'missing',
  because: { sv: 'Ingen uppgift om inloggning.', en: 'Nothing is known of the login.' },
}
const decision = entry(3, 'decision.recorded/1', {
  who: { ...decider, name: 'Disa Decider' },
  outcome: 'approve',
  reason: 'demands-met',
  login: { acr: 'urn:mfa', at: '2026-02-01T09:59:00.000Z' },
  text: 'Allt är visat.',
})
const trail: ReportedTrail = {
  trail: '9f0c0000-0000-4000-8000-000000000000',
  case: 'case_a',
  achievement: { id: 'crypto', version: 2, name: { sv: 'Tillämpad kryptografi', en: 'Applied Cryptography' } },
  level: 'B-C1',
  holder: { name: 'Hedda Holder' },
  entries: [
    entry(1, 'gate.judged/1', {
      outcome: 'fail',
      findings: [
        finding,
        { ...finding, rule: 'identity-2', outcome: 'fail', missing: { sv: 'tillitsnivå', en: 'assurance level' } },
      ],
    }),
    entry(2, 'evidence.handed-in/1', { who: { ...decider, masked: 'protected' } }),
    decision,
  ],
  withheld: { protected: 2, erased: 1, profile: 3 },
  looks: [entry(9, 'case.viewed/1', { who: decider })],
}
const report: Report = {
  v: 'bevis-report/1',
  institution: { sv: 'Norrskens universitet', en: 'Norrsken University' },
  log: 'bevis.example/norrsken',
  checkpoint: { size: 7, root: 'A'.repeat(43) },
  profile: 'court',
  trails: [trail],
}

const read = async (changed: Partial<Report> = {}, language: 'sv' | 'en' = 'en') =>
  readPdf(await reportPdf({ ...report, ...changed }, language))
const ofTrail = (changed: Partial<ReportedTrail>, language: 'sv' | 'en' = 'en') =>
  read({ trails: [{ ...trail, ...changed }] }, language)

describe('read aloud, a report', () => {
  test('tells in Swedish who did what, when, meaning what, known how, and what is not opened', async () => {
    const { aloud } = await read({}, 'sv')
    expect(aloud.join('\n')).toBe(`Document
  H1 Granskningsunderlag – Norrskens universitet
  P Rapporten är till för läsning. Beviset är filerna bredvid: posterna, deras bevis och den bevittnade kontrollpunkten. Kontrollera dem med sidan viewer.html eller med bevis verify; inget av det behöver nätverk.
  P Granskningslogg: bevis.example/norrsken. Kontrollpunkt: 7 (${'A'.repeat(43)}).
  P Utlämnat till: domstol. Antal ärenden: 1.
  H2 Ärende case_a
  P Tillämpad kryptografi (crypto, version 2)
  P Nivå: B-C1. Innehavare: Hedda Holder
  P Kedja: 9f0c0000-0000-4000-8000-000000000000
  H3 Vad som hände
  L
    LI
      LBody
        P 1. Steg bedömt: identitetskontroll – inte uppfyllt
        P 1 februari 2026 kl. 10.00.01 UTC. System: pipeline (identitetskontroll)
        P identity-1: underlag saknas. Ingen uppgift om inloggning.
        P identity-2: inte uppfyllt. Ingen uppgift om inloggning. Saknas: tillitsnivå
    LI
      LBody
        P 2. Underlag lämnades in av en handläggare
        P 1 februari 2026 kl. 10.00.02 UTC. Beslutsfattare: skyddade personuppgifter, pseudonym ref-d. Innebörd: Underlag lämnades in av en handläggare
    LI
      LBody
        P 3. Beslut: godkänner utfärdande
        P 1 februari 2026 kl. 10.00.03 UTC. Beslutsfattare: Disa Decider, pseudonym ref-d. Innebörd: godkänner utfärdande. Skäl: kod demands-met
        P Inloggad 1 februari 2026 kl. 09.59.00 UTC, tillitsnivå enligt urn:mfa
        P Motivering: ”Allt är visat.”
  H3 Inte utlämnat
  L
    LI
      LBody
        P gallrat: 1
    LI
      LBody
        P öppnas inte för mottagaren: 3
    LI
      LBody
        P skyddade personuppgifter: 2
  H3 Vem som har tagit del av ärendet
  L
    LI
      LBody
        P 9. Ärendet lästes
        P 1 februari 2026 kl. 10.00.09 UTC. Beslutsfattare: pseudonym ref-d. Innebörd: Ärendet lästes`)
  })

  test('tells the same in English, piece by piece', async () => {
    const { aloud } = await read()
    expect(aloud.join('\n')).toBe(`Document
  H1 Audit package – Norrsken University
  P This report is for reading. The proof is in the files beside it: the entries, their proofs and the witnessed checkpoint. Check them with the page viewer.html or with bevis verify; neither needs a network.
  P Audit log: bevis.example/norrsken. Checkpoint: 7 (${'A'.repeat(43)}).
  P Disclosed to: court. Cases: 1.
  H2 Case case_a
  P Applied Cryptography (crypto, version 2)
  P Level: B-C1. Holder: Hedda Holder
  P Trail: 9f0c0000-0000-4000-8000-000000000000
  H3 What happened
  L
    LI
      LBody
        P 1. Step judged: identity check – failed
        P 1 February 2026, 10:00:01 UTC. System: pipeline (identity check)
        P identity-1: evidence is missing. Nothing is known of the login.
        P identity-2: failed. Nothing is known of the login. Missing: assurance level
    LI
      LBody
        P 2. Evidence handed in by an officer
        P 1 February 2026, 10:00:02 UTC. Decision-maker: protected personal data, pseudonym ref-d. Meaning: Evidence handed in by an officer
    LI
      LBody
        P 3. Decision: approves issuance
        P 1 February 2026, 10:00:03 UTC. Decision-maker: Disa Decider, pseudonym ref-d. Meaning: approves issuance. Reason: code demands-met
        P Logged in 1 February 2026, 09:59:00 UTC, assurance by urn:mfa
        P Reasons: “Allt är visat.”
  H3 Not disclosed
  L
    LI
      LBody
        P erased: 1
    LI
      LBody
        P not opened to this reader: 3
    LI
      LBody
        P protected personal data: 2
  H3 Who has looked at the case
  L
    LI
      LBody
        P 9. Case viewed
        P 1 February 2026, 10:00:09 UTC. Decision-maker: pseudonym ref-d. Meaning: Case viewed`)
  })

  test.each<[string, Partial<ReportedTrail>, string]>([
    ['is masked because the person is protected', { holder: { masked: 'protected' } }, 'protected personal data'],
    ['is masked because the reader may not know', { holder: { masked: 'profile' } }, 'not shown in this package'],
    ['is unknown', { holder: {} }, 'unknown'],
  ])('says why a holder’s name %s', async (_, changed, shown) => {
    expect((await ofTrail(changed)).aloud).toContain(`  P Level: B-C1. Holder: ${shown}`)
  })

  test('calls an achievement that no register knows any more by its id, and says that no level was set', async () => {
    const { level: _, ...unlevelled } = trail
    const { aloud } = await read({ trails: [{ ...unlevelled, achievement: { id: 'crypto', version: 2 } }] })
    expect(aloud.slice(6, 8)).toEqual(['  P crypto (crypto, version 2)', '  P Level: none. Holder: Hedda Holder'])
  })

  test('has no heading over nothing: neither what is withheld nor who looked where there is none of it', async () => {
    const { aloud } = await ofTrail({ withheld: {}, looks: [] })
    expect(aloud.filter((line) => line.includes('H3'))).toEqual(['  H3 What happened'])
  })

  test('keeps a reason for withholding that this version has no words for', async () => {
    expect((await ofTrail({ withheld: { sealed: 4 } })).aloud).toContain('        P sealed: 4')
  })

  test.each(packageProfiles)('says in words that it was made for the profile %s', async (profile) => {
    const [, , , , line] = (await read({ profile })).aloud
    const told = /^ {2}P Disclosed to: (.+)\. Cases: 1\.$/.exec(line ?? '')?.[1]
    const words: Record<string, string> = {
      public: 'anyone',
      employer: 'employer',
      accreditor: 'accreditation or supervisory body',
      court: 'court',
      subject: 'the data subject',
    }
    expect(told).toBe(words[profile])
  })
})

describe('a report of many cases', () => {
  const cases = (count: number) =>
    Array.from({ length: count }, (_, at) => ({ ...trail, case: `case_${at}`, looks: [] }))
  const brief =
    '  P Of each case only what people did is shown here. Everything else is in the attachment report.json and on the page viewer.html.'

  test('is told whole up to five', async () => {
    const { aloud } = await read({ trails: cases(5) })
    expect(aloud).not.toContain(brief)
    expect(aloud.filter((line) => line.includes('Step judged'))).toHaveLength(5)
  })

  test('above five shows only what people did, and says so before the first; the attachment has it all', async () => {
    const { aloud, raw, outline } = await read({ trails: cases(6) })
    expect(aloud[5]).toBe(brief)
    expect(aloud.filter((line) => /P \d+\. /.test(line))).toHaveLength(12)
    expect(aloud.filter((line) => line.includes('Step judged'))).toEqual([])
    expect(outline).toEqual(cases(6).map((one) => `Case ${one.case}`))
    expect(raw).toContain(Buffer.from(canonicalBytes({ ...report, trails: cases(6) })).toString('latin1'))
  })
})

describe('the file', () => {
  test('is the same bytes each time', async () => {
    expect(Buffer.compare(await reportPdf(report, 'sv'), await reportPdf(report, 'sv'))).toBe(0)
  })

  test.each(['sv', 'en'] as const)('in %s is PDF/A-3a, says its language, and shows its title', async (language) => {
    const { raw, info } = await read({}, language)
    expect(raw.startsWith('%PDF-1.7\n')).toBe(true)
    expect(raw).toMatch(/<pdfaid:part>3<\/pdfaid:part>\s*<pdfaid:conformance>A</)
    expect(raw).toContain(`/Lang (${language})`)
    expect(raw).toContain('/Marked true')
    expect(raw).toContain('/DisplayDocTitle true')
    const institution = report.institution[language]
    expect(info).toEqual({
      Title: `${{ sv: 'Granskningsunderlag', en: 'Audit package' }[language]} – ${institution}`,
      Author: institution,
      Subject: 'bevis.example/norrsken',
      Creator: 'Beviskedja',
      Producer: 'Beviskedja',
      CreationDate: 'D:20260201100003Z',
      ModDate: 'D:20260201100003Z',
    })
  })

  test('is dated by its latest entry, in whichever case and order that stands, and without any by no clock', async () => {
    const late = { ...trail, entries: [entry(50, 'case.issued/1'), entry(1, 'case.opened/1')] }
    const dated = async (trails: readonly ReportedTrail[]) => (await read({ trails })).info['CreationDate']
    expect(await dated([late, trail])).toBe('D:20260201100050Z')
    expect(await dated([trail, late])).toBe('D:20260201100050Z')
    expect(await dated([{ ...trail, entries: [] }])).toBe('D:19800101000000Z')
  })

  test('carries the report as data for programs, with a name, a kind, a description and the same date', async () => {
    const { raw } = await read()
    expect(raw).toContain(Buffer.from(canonicalBytes(report)).toString('latin1'))
    expect(raw).toContain('/Subtype /application#2Fjson')
    expect(raw).toMatch(/\/CreationDate \(D:20260201100003Z\)\n\/ModDate \(D:20260201100003Z\)\n\/CheckSum/)
    expect(raw).toMatch(/\/AFRelationship \/Data\n\/F \(report\.json\)/)
    expect(raw).toContain('/Desc (The same data as in the report, for programs)')
  })
})

describe('a page', () => {
  const [width, height, left, foot] = [595.28, 841.89, 56, 64]
  /** Long enough for several pages, with items of two to five lines. */
  const long = Array.from({ length: 90 }, (_, at) =>
    entry(at + 1, 'gate.judged/1', { findings: Array.from({ length: at % 4 }, () => finding) }),
  )
  const many = () => ofTrail({ entries: long })

  test('is an A4 with margins that hold everything but its number', async () => {
    const { raw, lines } = await many()
    expect(raw).toContain(`/MediaBox [0 0 ${width} ${height}]`)
    const body = lines.filter(({ tag }) => tag !== 'Artifact')
    expect(new Set(lines.map(({ x }) => x))).toEqual(new Set([left]))
    expect(Math.min(...body.map(({ y }) => y))).toBeGreaterThan(foot)
    expect(Math.max(...body.map(({ y }) => y))).toBeLessThan(height - 56)
    expect(Math.max(...body.map(({ y }) => y))).toBeGreaterThan(height - 56 - 20)
  })

  test('has its number of how many at its foot, small, and outside what is read aloud', async () => {
    const { lines, aloud } = await many()
    const pages = Math.max(...lines.map(({ page }) => page))
    expect(pages).toBeGreaterThan(5)
    const numbers = lines.filter(({ tag }) => tag === 'Artifact')
    expect(numbers.map(({ page, text }) => [page, text])).toEqual(
      Array.from({ length: pages }, (_, at) => [at + 1, `${at + 1} (${pages})`]),
    )
    expect(numbers.every(({ y, size, font }) => y < 40 && y > 20 && size === 8 && font === 'DejaVuSans')).toBe(true)
    expect(aloud.filter((line) => /\d \(\d+\)$/.test(line))).toEqual([])
  })

  test('tells headings and first lines from the rest by weight and size', async () => {
    const { lines } = await read()
    const styleOf = (text: string) => {
      const { font, size } = lines.find((line) => line.text.startsWith(text)) ?? expect.unreachable(text)
      return [font, size]
    }
    expect(styleOf('Audit package')).toEqual(['DejaVuSans-Bold', 17])
    expect(styleOf('Case case_a')).toEqual(['DejaVuSans-Bold', 13])
    expect(styleOf('What happened')).toEqual(['DejaVuSans-Bold', 11])
    expect(styleOf('1. Step judged')).toEqual(['DejaVuSans-Bold', 9.5])
    expect(styleOf('1 February 2026')).toEqual(['DejaVuSans', 9])
    expect(styleOf('Trail:')).toEqual(['DejaVuSans', 10])
  })

  test('gives more room above a case than above a part of it, and none above the title', async () => {
    const { lines } = await read()
    const above = (text: string) => {
      const at = lines.findIndex((line) => line.text.startsWith(text))
      const [before, line] = [lines[at - 1], lines[at]]
      return before === undefined || line === undefined ? expect.unreachable(text) : before.y - line.y
    }
    expect(above('Case case_a')).toBeGreaterThan(above('What happened') + 5)
    expect(above('What happened')).toBeGreaterThan(above('Trail:') + 5)
    expect(lines[0]?.y).toBeGreaterThan(height - 56 - 17)
  })

  test('is filled before the next is begun, and neither a heading nor an item of five lines is torn', async () => {
    // Cases one after another, so that a heading comes near the foot at many heights.
    const trails = Array.from({ length: 5 }, (_, at) => ({ ...trail, entries: long.slice(0, 13 + at), looks: [] }))
    const { lines } = await read({ trails })
    const body = lines.filter(({ tag }) => tag !== 'Artifact')
    const last = body.filter((line, at) => line.page !== (body[at + 1]?.page ?? line.page))
    expect(last.length).toBeGreaterThan(4)
    for (const line of last) {
      expect(line.tag).toBe('P')
      expect(line.size).not.toBe(9.5)
      expect(line.y).toBeLessThan(foot + 6 * 11 + 20)
    }
    const first = body.filter((line, at) => at > 0 && line.page !== body[at - 1]?.page)
    for (const line of first) expect([line.text, line.font]).toEqual([line.text, 'DejaVuSans-Bold'])
  })
})

test('setting a long report lets others in after every item', async () => {
  let turns = 0
  let isSetting = true
  const count = () => {
    turns += 1
    if (isSetting) setImmediate(count)
  }
  setImmediate(count)
  await reportPdf(
    { ...report, trails: [{ ...trail, entries: Array.from({ length: 40 }, (_, at) => entry(at, 'case.waiting/1')) }] },
    'sv',
  )
  isSetting = false
  expect(turns).toBeGreaterThanOrEqual(40)
})
