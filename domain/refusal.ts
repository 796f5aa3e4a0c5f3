/** What a learner is told when nothing is issued; without it a refusal would be a code, with no way to answer it. */
import type { Finding, Verdict } from '#domain/gates/verdict.ts'
import type { Band, CaseId, Instant, Text } from '#domain/words.ts'

/** Where to turn, from the institution's own data. */
interface ReconsiderationContact {
  readonly institution: Text
  readonly email?: string
  readonly url?: string
  /** Days within which the institution wants to hear; absent where it sets no limit. */
  readonly withinDays?: number
}

export interface RefusalInput {
  readonly caseId: CaseId
  readonly achievement: Text
  readonly promised: Band
  readonly decidedAt: Instant
  readonly verdicts: readonly Verdict[]
  /** Reason the deciding person gave, in words meant for the learner. */
  readonly reason?: Text
  readonly contact: ReconsiderationContact
}

export interface Refusal {
  readonly subject: Text
  /** Why, one sentence each; never empty. */
  readonly reasons: readonly Text[]
  /** What was missing for the promised band, one item each. */
  readonly missing: readonly Text[]
  readonly reconsideration: Text
  /** All of it as one letter, paragraphs separated by an empty line. */
  readonly letter: Text
}

/** The refusal of a case as text. Only findings on the promised band count; the same sentence is said once. */
export function refusalOf(input: RefusalInput): Refusal {
  const findings = input.verdicts.flatMap((verdict) => verdict.findings).filter((one) => isAgainst(one, input.promised))
  const given = input.reason === undefined ? [] : [input.reason]
  const found = unique([...given, ...findings.map((finding) => finding.because)])
  const reasons = found.length > 0 ? found : [withoutFinding]
  const missing = unique(findings.flatMap((finding) => finding.missing ?? []))
  const subject = subjectOf(input)
  const reconsideration = reconsiderationOf(input)
  return {
    subject,
    reasons,
    missing,
    reconsideration,
    letter: letterOf({ subject, reasons, missing, reconsideration }),
  }
}

const withoutFinding: Text = {
  sv: 'Den som beslutade godkände inte utfärdandet.',
  en: 'The person who decided did not approve the issuing.',
}

/** Rule ids begin with the band; rules without one hold for all bands. */
function isAgainst({ rule, outcome }: Finding, promised: Band): boolean {
  if (outcome === 'passed') return false
  const [band = ''] = rule.split('.')
  return band === promised || !otherBands.test(band)
}
const otherBands = /^(?:A|B-C1|C2-D|D-E|E|F)$/

function subjectOf({ achievement, decidedAt }: RefusalInput): Text {
  const day = decidedAt.slice(0, 10)
  return {
    sv: `Beslut ${day}: ${achievement.sv} utfärdas inte`,
    en: `Decision of ${day}: ${achievement.en} will not be issued`,
  }
}

function reconsiderationOf({ caseId, contact }: RefusalInput): Text {
  const where = [contact.email, contact.url].filter((one) => one !== undefined)
  const to = where.length > 0 ? ` (${where.join(', ')})` : ''
  const days = contact.withinDays
  const within = days === undefined ? { sv: '', en: '' } : { sv: ` inom ${days} dagar`, en: ` within ${days} days` }
  return {
    sv: `Du kan begära omprövning. Skriv till ${contact.institution.sv}${to}${within.sv}, ange ärendet ${caseId}, vad du anser vara fel och varför. Bifoga det som saknas, om du har det. Ärendet prövas då på nytt.`,
    en: `You may ask for reconsideration. Write to ${contact.institution.en}${to}${within.en}, give the case ${caseId}, what you think is wrong, and why. Enclose what is missing if you have it. The case will then be examined again.`,
  }
}

function letterOf({ subject, reasons, missing, reconsideration }: Omit<Refusal, 'letter'>): Text {
  const paragraphs = (language: 'sv' | 'en', words: { readonly why: string; readonly lacked: string }) =>
    [
      subject[language],
      `${words.why}\n${listed(reasons, language)}`,
      ...(missing.length > 0 ? [`${words.lacked}\n${listed(missing, language)}`] : []),
      reconsideration[language],
    ].join('\n\n')
  return {
    sv: paragraphs('sv', { why: 'Skäl:', lacked: 'Detta saknades:' }),
    en: paragraphs('en', { why: 'Reasons:', lacked: 'What was missing:' }),
  }
}

function listed(texts: readonly Text[], language: 'sv' | 'en'): string {
  return texts.map((text) => `– ${text[language]}`).join('\n')
}

function unique(texts: readonly Text[]): readonly Text[] {
  return texts.filter(
    (text, index) => texts.findIndex((other) => other.sv === text.sv && other.en === text.en) === index,
  )
}
