/** One believable credential per band, so that each test changes only what it is about. */
import type { CredentialContent } from '#credentials/formats/content.ts'
import type { BadgeRequest } from '#credentials/formats/open-badge.ts'
import type { Achievement, Organisation } from '#domain/register.ts'
import { as, type Band, type Instant, type Term } from '#domain/words.ts'

export const base = 'https://bevis.example.org'
export const issuer = { id: `${base}/institutions/norrsken`, institution: 'norrsken' }
export const at = '2026-03-02T09:30:00.450Z'

const moment = (text: string) => as<Instant>(text)
const terms: Readonly<Record<Band, Term>> = {
  A: 'mikromerit',
  'B-C1': 'certifikat',
  'C2-D': 'diplom',
  'D-E': 'intyg',
  E: 'intyg',
  F: 'none',
}

export const awardingBody: Organisation = {
  id: as('norrsken'),
  name: { sv: 'Norrskens universitet', en: 'Norrsken University' },
  country: 'SE',
  roles: ['awards', 'examines'],
  higherEducation: true,
  url: 'https://norrsken.example.org',
}

export function achievement(band: Band, changes: Partial<Achievement> = {}): Achievement {
  return {
    id: 'wound-care',
    version: 3,
    band,
    name: { sv: 'Sårvård i hemmet', en: 'Wound care at home' },
    description: { sv: 'Bedömning och behandling av sår.', en: 'Assessment and treatment of wounds.' },
    criteria: { sv: 'Alla läranderesultat är uppfyllda.', en: 'All learning outcomes are met.' },
    outcomes: [
      { id: 'o1', text: { sv: 'bedöma ett sår', en: 'assess a wound' }, type: 'knowledge' },
      { id: 'o2', text: { sv: 'lägga om ett sår', en: 'dress a wound' }, type: 'skill' },
    ],
    structured: true,
    placement: { framework: 'SeQF', level: 6, basis: 'ordinance', reference: 'SFS 2015:545' },
    credits: { value: 3.5, unit: 'hp' },
    workloadHours: 93,
    trains: as('norrsken'),
    examines: as('norrsken'),
    awards: as('norrsken'),
    owner: { organisation: as('norrsken') },
    participation: 'blended',
    languages: ['sv', 'en'],
    prerequisites: { sv: 'Legitimation som sjuksköterska.', en: 'Registered nurse.' },
    stackable: true,
    validForMonths: 36,
    test: false,
    ...changes,
  }
}

export function content(band: Band, changes: Partial<CredentialContent> = {}): CredentialContent {
  const assessed = band === 'A' || band === 'B-C1' || band === 'C2-D'
  return {
    band,
    term: terms[band],
    microCredential: assessed,
    achievement: achievement(band),
    awardingBody,
    awardedAt: moment('2026-03-02T09:29:10.000Z'),
    ...(band === 'A' ? { holderName: 'Testperson Alfa' } : {}),
    assurance: {
      identity: {
        loa: 3,
        route: 'document-on-site',
        at: moment('2026-02-20T08:55:00.000Z'),
        text: { sv: 'Tillitsnivå 3, legitimation kontrollerad på plats.', en: 'LoA 3, document checked on site.' },
      },
      assessment: {
        assessed,
        types: assessed ? ['summative', 'practical'] : [],
        text: { sv: 'Summativt och praktiskt prov.', en: 'Summative and practical examination.' },
      },
      participation: { form: 'blended', text: { sv: 'På plats och på distans.', en: 'On site and at a distance.' } },
      supervision: {
        form: 'onsite-with-identity-verification',
        text: { sv: 'Övervakat på plats.', en: 'Supervised on site.' },
      },
      qualityAssurance: {
        text: { sv: 'Lärosätets kvalitetssystem.', en: 'The institution’s quality system.' },
        references: ['NU-2025-114'],
      },
      independentExaminer: {
        value: assessed,
        text: { sv: 'Bedömaren undervisade inte.', en: 'The examiner did not teach.' },
      },
      approvals: assessed ? [{ role: 'examiner', at: moment('2026-03-02T09:20:00.000Z'), loa: 3 }] : [],
    },
    ...changes,
  }
}

export function request(band: Band, changes: Partial<BadgeRequest> = {}): BadgeRequest {
  return {
    content: content(band),
    issuer,
    credentialId: 'cred_aebagbafaydqqcik',
    status: { list: `${issuer.id}/status-lists/1`, index: 94_567 },
    trail: {
      log: 'bevis.example.org/norrsken',
      trail: '9f0c4d2e-6a51-4c8e-9b7a-1f2e3d4c5b6a',
      entry: 'case_aebagbafaydqqcik:clearance:2',
    },
    at,
    ...changes,
  }
}

export const documentBands = ['A', 'B-C1', 'C2-D', 'D-E', 'E'] as const
