/** The words of a credential in both languages; without one place each format would translate the same fact differently. */
import type { ApproverRole } from '#domain/case.ts'
import type { AssessmentResult } from '#domain/evidence.ts'
import type { Route } from '#domain/identified.ts'
import type { Mandate } from '#domain/register.ts'
import type { Instant, Loa, Term, Text } from '#domain/words.ts'

/** The four values of the EU's supervision-verification vocabulary (standards §5.1, element 13). */
export type Supervision = 'unsupervised-without-id' | 'supervised-without-id' | 'supervised-online' | 'onsite-with-id'

export type Purpose = AssessmentResult['purpose']
export type Form = AssessmentResult['forms'][number]
export type Setting = 'on-site' | 'online' | 'blended'

export const termNames: Readonly<Record<Term, Text>> = {
  mikromerit: { sv: 'Mikromerit', en: 'Micro-credential' },
  certifikat: { sv: 'Certifikat', en: 'Certificate' },
  diplom: { sv: 'Diplom', en: 'Diploma' },
  intyg: { sv: 'Intyg', en: 'Attestation' },
  none: { sv: 'Post', en: 'Record' },
}

export const supervisionTexts: Readonly<Record<Supervision, Text>> = {
  'unsupervised-without-id': {
    sv: 'Utan övervakning och utan identitetskontroll',
    en: 'Unsupervised, without identity verification',
  },
  'supervised-without-id': {
    sv: 'Övervakad, utan identitetskontroll',
    en: 'Supervised, without identity verification',
  },
  'supervised-online': {
    sv: 'Övervakad på distans, med identitetskontroll',
    en: 'Supervised online, with identity verification',
  },
  'onsite-with-id': {
    sv: 'Övervakad på plats, med identitetskontroll',
    en: 'Supervised on site, with identity verification',
  },
}

const routeTexts: Readonly<Record<Route, Text>> = {
  'document-on-site': { sv: 'id-handling kontrollerad på plats', en: 'document checked on site' },
  'document-video': {
    sv: 'id-handling kontrollerad av person över video',
    en: 'document checked by a person on video',
  },
  'document-automatic': { sv: 'id-handling kontrollerad maskinellt', en: 'document checked by a machine' },
  login: { sv: 'inloggning', en: 'login' },
  roster: { sv: 'närvarolista mot inloggning', en: 'roster against a login' },
}

export const settingTexts: Readonly<Record<Setting, Text>> = {
  'on-site': { sv: 'På plats', en: 'On site' },
  online: { sv: 'På distans', en: 'Online' },
  blended: { sv: 'Delvis på plats, delvis på distans', en: 'Blended' },
}

export const purposeTexts: Readonly<Record<Purpose, Text>> = {
  summative: { sv: 'summativ', en: 'summative' },
  formative: { sv: 'formativ', en: 'formative' },
  ipsative: { sv: 'ipsativ', en: 'ipsative' },
}

export const formTexts: Readonly<Record<Form, Text>> = {
  practical: { sv: 'praktisk', en: 'practical' },
  written: { sv: 'skriftlig', en: 'written' },
  oral: { sv: 'muntlig', en: 'oral' },
  portfolio: { sv: 'portfölj', en: 'portfolio' },
}

export const roleTexts: Readonly<Record<ApproverRole | 'scorer', Text>> = {
  'external-reviewer': { sv: 'extern granskare', en: 'external reviewer' },
  'decision-maker': { sv: 'utfärdarens beslutsfattare', en: "issuer's decision-maker" },
  examiner: { sv: 'examinator', en: 'examiner' },
  scorer: { sv: 'bedömare', en: 'scorer' },
}

export const mandateTexts: Readonly<Record<Mandate['basis'], Text>> = {
  'sector-commission': { sv: 'på branschens uppdrag', en: "on the sector's commission" },
  'sector-own': { sv: 'branschens eget organ', en: "the sector's own body" },
  'higher-education': { sv: 'lärosäte', en: 'higher education institution' },
  'established-syllabus': { sv: 'fastställd kursplan', en: 'established syllabus' },
  commissioner: { sv: 'uppdragsgivare', en: 'commissioner' },
  'registered-provider': { sv: 'registrerad utbildningsanordnare', en: 'registered provider' },
}

export const notAssessed: Text = { sv: 'Inte bedömd', en: 'Not assessed' }
export const testMark: Text = { sv: 'TEST: saknar värde som bevis', en: 'TEST: of no value as proof' }

/** "LoA 3, document checked on site, 2026-11-20": the level credited, never the level demanded. */
export function identityText(loa: Loa, route: Route, at: Instant): Text {
  const day = at.slice(0, 10)
  return { sv: `LoA ${loa}, ${routeTexts[route].sv}, ${day}`, en: `LoA ${loa}, ${routeTexts[route].en}, ${day}` }
}

/** Parts joined in both languages. */
export function joined(parts: readonly Text[], separator: string): Text {
  return { sv: parts.map((part) => part.sv).join(separator), en: parts.map((part) => part.en).join(separator) }
}

/** First letter upper case in both languages. */
export function sentence({ sv, en }: Text): Text {
  return { sv: upper(sv), en: upper(en) }
}

function upper(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}
