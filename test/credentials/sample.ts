/** One believable credential per band, so that each test changes only what it is about. */
import type { BadgeRequest } from '#credentials/formats/open-badge.ts'
import { type CredentialContent, isMicroCredential } from '#domain/credential/content.ts'
import { validityFrom } from '#domain/credential/validity.ts'
import { as, type Band, type Instant, type Term } from '#domain/words.ts'

export const base = 'https://bevis.example.org'
export const issuer = { id: `${base}/institutions/norrsken`, institution: 'norrsken' }

const moment = (text: string) => as<Instant>(text)
export const issuedAt = moment('2026-03-02T09:30:00.450Z')

const terms: Readonly<Record<Band, Term>> = {
  A: 'mikromerit',
  'B-C1': 'certifikat',
  'C2-D': 'diplom',
  'D-E': 'intyg',
  E: 'intyg',
  F: 'none',
}

export function content(band: Band, changes: Partial<CredentialContent> = {}): CredentialContent {
  const assessed = isMicroCredential(band)
  return {
    test: false,
    term: terms[band],
    heading: { sv: 'Mikromerit', en: 'Micro-credential' },
    achievementType: assessed ? 'MicroCredential' : 'ext:Intyg',
    achievement: {
      id: 'wound-care',
      version: 3,
      name: { sv: 'Sårvård i hemmet', en: 'Wound care at home' },
      description: { sv: 'Bedömning och behandling av sår.', en: 'Assessment and treatment of wounds.' },
      criteria: { sv: 'Alla läranderesultat är uppfyllda.', en: 'All learning outcomes are met.' },
      languages: ['sv', 'en'],
    },
    awardedBy: {
      id: as('norrsken'),
      name: { sv: 'Norrskens universitet', en: 'Norrsken University' },
      country: 'SE',
      url: 'https://norrsken.example.org',
    },
    learner: { person: as('pers_7h3k'), ...(band === 'A' ? { name: 'Testperson Alfa' } : {}) },
    issuedAt,
    outcomes: [
      { id: 'o1', text: { sv: 'bedöma ett sår', en: 'assess a wound' }, type: 'knowledge' },
      { id: 'o2', text: { sv: 'lägga om ett sår', en: 'dress a wound' }, type: 'skill' },
    ],
    alignments: [
      { type: 'ext:SeQF', name: { sv: 'SeQF-nivå 6', en: 'SeQF level 6' }, code: '6', reference: 'SFS 2015:545' },
      {
        type: 'ext:EQF',
        name: { sv: 'EQF-nivå 6', en: 'EQF level 6' },
        code: '6',
        url: 'http://data.europa.eu/snb/eqf/6',
        reference: 'SFS 2015:545',
      },
      { type: 'ext:Standard', name: { sv: 'Sårstandard', en: 'Wound standard' }, code: 'ws@2' },
    ],
    workload: { hours: 93, credits: { value: 3.5, unit: 'hp' } },
    placement: {
      applies: true,
      placement: { framework: 'SeQF', level: 6, basis: 'ordinance', reference: 'SFS 2015:545' },
      text: { sv: 'SeQF-nivå 6, enligt förordning', en: 'SeQF level 6, by ordinance' },
    },
    assessment: assessed
      ? {
          assessed,
          types: [{ purpose: 'summative', forms: ['practical', 'written'] }],
          text: { sv: 'Summativ (praktisk, skriftlig)', en: 'Summative (practical, written)' },
        }
      : { assessed, types: [], text: { sv: 'Inte bedömd', en: 'Not assessed' } },
    participation: { form: 'blended', text: { sv: 'Delvis på plats, delvis på distans', en: 'Blended' } },
    supervision: {
      value: 'onsite-with-id',
      text: { sv: 'Övervakad på plats, med identitetskontroll', en: 'Supervised on site, with identity verification' },
    },
    quality: {
      profiles: 'levels-1',
      bases: [
        {
          kind: 'mandate',
          basis: 'higher-education',
          reference: 'NU-2025-114',
          text: { sv: 'Mandat: lärosäte', en: 'Mandate: higher education institution' },
        },
      ],
    },
    assurance: {
      promised: band,
      computed: band,
      identity: {
        loa: 3,
        route: 'document-on-site',
        at: moment('2026-02-20T08:55:00.000Z'),
        text: { sv: 'LoA 3, id-handling kontrollerad på plats', en: 'LoA 3, document checked on site' },
      },
      examiner: assessed
        ? { independent: true, role: 'examiner', text: { sv: 'Oberoende: examinator', en: 'Independent: examiner' } }
        : { independent: false, text: { sv: 'Ingen oberoende examinator', en: 'No independent examiner' } },
      approvals: assessed ? [{ role: 'examiner', at: moment('2026-03-02T09:20:00.000Z') }] : [],
    },
    grades: assessed ? [{ assessment: 'osce-1', value: 'G', scale: 'U-G' }] : [],
    stackable: true,
    prerequisites: { sv: 'Legitimation som sjuksköterska.', en: 'Registered nurse.' },
    further: [{ sv: 'Ger behörighet till fortsättningskursen.', en: 'Gives eligibility for the next course.' }],
    validity: validityFrom(issuedAt, 36),
    trail: '9f0c4d2e-6a51-4c8e-9b7a-1f2e3d4c5b6a',
    ...changes,
  }
}

export function request(band: Band, changes: Partial<BadgeRequest> = {}): BadgeRequest {
  return {
    content: content(band),
    issuer,
    credentialId: 'cred_aebagbafaydqqcik',
    status: { list: `${issuer.id}/status-lists/1`, index: 94_567 },
    trail: { log: 'bevis.example.org/norrsken', entry: 'case_aebagbafaydqqcik:clearance:2', proof: logProof },
    ...changes,
  }
}

export const documentBands = ['A', 'B-C1', 'C2-D', 'D-E', 'E'] as const

/** What a log would prove; whoever lints compares, and does not verify. */
export const logProof = {
  origin: 'bevis.example.org/norrsken',
  index: 4,
  text: 'c2sp.org/tlog-proof@v1\nindex 4\n\nbevis.example.org/norrsken\n5\n',
}
