/** The mandatory elements of the EU recommendation; without them the document may not call itself a micro-credential. */
import { evidenceItem, type LintRule, member } from '#credentials/lint/rule.ts'

/** Annex I, elements 1–11, by number and Swedish and English name, and where the document has them. */
const elements: readonly {
  readonly number: number
  readonly sv: string
  readonly en: string
  readonly there: (document: Readonly<Record<string, unknown>>) => unknown
}[] = [
  { number: 1, sv: 'innehavaren', en: 'the learner', there: (d) => member(d, 'credentialSubject', 'id') },
  { number: 2, sv: 'benämning', en: 'title', there: (d) => member(d, 'credentialSubject', 'achievement', 'name') },
  { number: 3, sv: 'land', en: 'country', there: (d) => member(d, 'issuer', 'address', 'addressCountryCode') },
  { number: 4, sv: 'tilldelande organ', en: 'awarding body', there: (d) => member(d, 'issuer', 'name') },
  { number: 5, sv: 'utfärdandedatum', en: 'date of issuing', there: (d) => member(d, 'awardedDate') },
  {
    number: 6,
    sv: 'läranderesultat',
    en: 'learning outcomes',
    there: (d) => member(d, 'credentialSubject', 'achievement', 'learningOutcome'),
  },
  {
    number: 7,
    sv: 'arbetsinsats',
    en: 'notional workload',
    there: (d) => positive(member(d, 'credentialSubject', 'achievement', 'workloadHours')),
  },
  {
    number: 8,
    sv: 'nivå',
    en: 'level',
    there: (d) => member(d, 'credentialSubject', 'achievement', 'alignment'),
  },
  {
    number: 9,
    sv: 'typ av bedömning',
    en: 'type of assessment',
    there: (d) => member(evidenceItem(d, 'assessment'), 'assessmentType'),
  },
  {
    number: 10,
    sv: 'deltagandeform',
    en: 'form of participation',
    there: (d) => member(evidenceItem(d, 'participation'), 'participationType'),
  },
  {
    number: 11,
    sv: 'kvalitetssäkring',
    en: 'type of quality assurance',
    there: (d) => member(evidenceItem(d, 'quality-assurance'), 'narrative'),
  },
]

export const annexOne: LintRule = {
  id: 'annex-one',
  clause: 'Council Recommendation of 16 June 2022 (OJ C 243), Annex I, elements 1–11',
  check: (document, { content }) =>
    content.microCredential
      ? elements
          .filter(({ there }) => there(document) === undefined)
          .map(({ number, sv, en }) => ({
            path: '$',
            because: { sv: `Uppgift ${number} saknas: ${sv}.`, en: `Element ${number} is missing: ${en}.` },
          }))
      : [],
}

function positive(value: unknown): unknown {
  return typeof value === 'number' && value > 0 ? value : undefined
}
