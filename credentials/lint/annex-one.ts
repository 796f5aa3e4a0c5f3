/** The mandatory elements of the EU recommendation; without them the document may not call itself a micro-credential. */
import { evidenceItem, type LintRule, member } from '#credentials/lint/rule.ts'
import { annexI } from '#domain/credential/annex.ts'
import { isMicroCredential } from '#domain/credential/content.ts'

type Document = Readonly<Record<string, unknown>>

const earned = (document: Document, name: string) => member(document, 'credentialSubject', 'achievement', name)

/** Where the document has each mandatory element, by its number in the Annex; 8 is always told, as a level or by its absence. */
const places: Readonly<Record<number, (document: Document) => unknown>> = {
  1: (document) => member(document, 'credentialSubject', 'id') && evidenceItem(document, 'identity')?.['loaRoute'],
  2: (document) => earned(document, 'name'),
  3: (document) => member(document, 'issuer', 'address', 'addressCountryCode'),
  4: (document) => member(document, 'issuer', 'name'),
  5: (document) => document['awardedDate'],
  6: (document) => earned(document, 'learningOutcome'),
  7: (document) => earned(document, 'workloadHours'),
  8: (document) => earned(document, 'alignment'),
  9: (document) => evidenceItem(document, 'assessment')?.['assessmentType'],
  10: (document) => evidenceItem(document, 'participation')?.['participationType'],
  11: (document) => evidenceItem(document, 'quality-assurance')?.['qualityAssurance'],
}

export const annexOne: LintRule = {
  id: 'annex-one',
  clause: 'Council Recommendation of 16 June 2022 (OJ C 243), Annex I, elements 1–11',
  check: (document, { content }) =>
    isMicroCredential(content.assurance.promised)
      ? annexI
          .filter(({ mandatory, number }) => mandatory && !places[number]?.(document))
          .map(({ number, name }) => ({
            path: '$',
            because: { sv: `Uppgift ${number} saknas: ${name.sv}.`, en: `Element ${number} is missing: ${name.en}.` },
          }))
      : [],
}
