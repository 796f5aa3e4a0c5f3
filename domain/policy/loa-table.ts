/** Which assertion is worth which level of assurance; without this table a login would be worth what its sender says it is. */
import type { Band, Loa, Text } from '#domain/words.ts'

/** Version of the table. Evidence keeps it, so a credit can be recomputed by the table of its day (standards §9.3 f). */
export const loaTableVersion = '2026-11'

/** Where in an assertion a value may stand. A session class counts as `acr` only: elsewhere it says nothing of the login at hand. */
export type Place = 'acr' | 'assurance' | 'method'

/** What a row recognises. Values match exactly; `under` is a namespace whose members end in a version number. */
export type Match =
  | { readonly kind: 'value'; readonly values: readonly string[]; readonly places: readonly Place[] }
  | { readonly kind: 'under'; readonly namespace: string; readonly places: readonly Place[] }
  | { readonly kind: 'framework'; readonly trustFramework: string; readonly assuranceLevel: string }
  | { readonly kind: 'product'; readonly method: string; readonly value: string }
  | { readonly kind: 'method'; readonly methods: readonly string[] }

/** A fact that must be *known* and right. Absent facts are unknown, and unknown fails. */
export type Condition =
  | { readonly kind: 'certified'; readonly as: readonly string[] }
  | { readonly kind: 'session'; readonly acr: string }
  | { readonly kind: 'eidas-connector' }
  | { readonly kind: 'no-personal-number' }
  | { readonly kind: 'allow-listed' }
  | { readonly kind: 'signature-verified' }
  | { readonly kind: 'key-binding' }
  | { readonly kind: 'status-valid' }
  | { readonly kind: 'federation-contract' }
  | { readonly kind: 'no-assurance-values' }
  | { readonly kind: 'provider-listed' }
  | { readonly kind: 'uncertified-loa2-accepted' }

/** What a reader should know about a credited value. */
export type Mark = 'self-declared' | 'uncertified' | 'proxied' | 'notified-unknown' | 'not-notified' | 'eidas-low'

export interface LoaRow {
  readonly id: string
  readonly match: Match
  /** Level credited when all conditions hold. */
  readonly loa: Loa
  readonly conditions: readonly Condition[]
  /** Level credited when one does not; 0 unless the standard says otherwise. */
  readonly otherwise: Loa
  /** A recorded decision of the institution may move the level to this. */
  readonly decided?: { readonly by: 'raisesEidasLow' | 'capsEidasHigh'; readonly to: Loa }
  readonly marks: readonly Mark[]
  /** Bands at which the value counts only by a recorded decision (standards §13). */
  readonly notAcceptedAt: readonly Band[]
  readonly source: string
  readonly note: Text
}

/** The session class of multi-factor login; its absence caps SWAMID AL3 and RAF high at 2. */
export const refedsMfa = 'https://refeds.org/profile/mfa'

const elegnamnden = 'http://id.elegnamnden.se/loa/1.0/'
const swedenConnect = 'http://id.swedenconnect.se/loa/1.0/'
const swamid = 'http://www.swamid.se/policy/assurance/'
const refeds = 'https://refeds.org/assurance/'
const eidas = 'http://eidas.europa.eu/'

const acr = (...values: string[]): Match => ({ kind: 'value', values, places: ['acr'] })
const anywhere = (...values: string[]): Match => ({ kind: 'value', values, places: ['acr', 'assurance'] })
const ida = (assuranceLevel: string): Match => ({ kind: 'framework', trustFramework: 'eidas', assuranceLevel })
const product = (method: string, value: string): Match => ({ kind: 'product', method, value })

/** A certification is named in metadata by the value itself, or by its last part. */
const certified = (prefix: string, level: string): Condition => ({
  kind: 'certified',
  as: [`${prefix}${level}`, level],
})
const mfa: Condition = { kind: 'session', acr: refedsMfa }
const connector: Condition = { kind: 'eidas-connector' }
const nonResident: Condition = { kind: 'no-personal-number' }
const allowListed: Condition = { kind: 'allow-listed' }
const signed: Condition = { kind: 'signature-verified' }

const eligibilityBands: readonly Band[] = ['A', 'B-C1']

type Draft = Omit<LoaRow, 'conditions' | 'otherwise' | 'marks' | 'notAcceptedAt'> & Partial<LoaRow>
const row = (draft: Draft): LoaRow => ({ conditions: [], otherwise: 0, marks: [], notAcceptedAt: [], ...draft })

const registry = 'Sweden Connect Registry for Identifiers 1.8'

/** The whole table, standards §9.2, in its order. What is not here is 0. */
export const loaTable: readonly LoaRow[] = [
  row({
    id: 'elegnamnden-loa4',
    match: acr(`${elegnamnden}loa4`),
    loa: 4,
    conditions: [certified(elegnamnden, 'loa4')],
    source: `${registry} §3.1.1`,
    note: { sv: 'Svensk e-legitimation, tillitsnivå 4', en: 'Swedish eID, level 4' },
  }),
  row({
    id: 'swedenconnect-loa4-nonresident',
    match: acr(`${swedenConnect}loa4-nonresident`),
    loa: 4,
    conditions: [nonResident],
    source: `${registry} §3.1.1.1`,
    note: { sv: 'Tillitsnivå 4 för person utan personnummer', en: 'Level 4 for a person without a personal number' },
  }),
  row({
    id: 'eidas-nf-high',
    match: acr(`${elegnamnden}eidas-nf-high`),
    loa: 4,
    conditions: [connector],
    source: `${registry} §3.1.1; DIGG`,
    note: { sv: 'Anmäld eIDAS-legitimation, nivå hög', en: 'Notified eIDAS scheme, level high' },
  }),
  row({
    id: 'eidas-high',
    match: acr(`${elegnamnden}eidas-high`),
    loa: 4,
    conditions: [connector],
    decided: { by: 'capsEidasHigh', to: 3 },
    marks: ['notified-unknown'],
    source: `${registry} §3.1.1; DIGG`,
    note: { sv: 'eIDAS nivå hög, okänt om anmäld', en: 'eIDAS high, unknown whether notified' },
  }),
  row({
    id: 'eidas-native-high',
    match: acr(`${eidas}LoA/high`),
    loa: 4,
    conditions: [connector],
    source: `${registry} §3.1.1, note`,
    note: { sv: 'eIDAS nivå hög från eIDAS-nod', en: 'eIDAS high from an eIDAS-native peer' },
  }),
  row({
    id: 'eudi-pid',
    match: { kind: 'under', namespace: 'urn:eudi:pid:', places: ['acr', 'assurance', 'method'] },
    loa: 4,
    conditions: [allowListed, { kind: 'status-valid' }, { kind: 'key-binding' }],
    source: 'PID Rulebook §4.2; Regulation (EU) 2024/1183',
    note: { sv: 'Personidentifieringsuppgifter ur EU-plånboken', en: 'Person identification data from the EU wallet' },
  }),
  row({
    id: 'ida-eidas-high',
    match: ida('high'),
    loa: 4,
    conditions: [signed, allowListed],
    source: 'OpenID Connect for Identity Assurance 1.0, schema',
    note: { sv: 'Styrkta uppgifter, eIDAS hög', en: 'Verified claims, eIDAS high' },
  }),
  row({
    id: 'elegnamnden-loa3',
    match: acr(`${elegnamnden}loa3`),
    loa: 3,
    conditions: [certified(elegnamnden, 'loa3')],
    source: `${registry} §3.1.1; DIGG, list of approved eIDs`,
    note: {
      sv: 'BankID, Freja+ eller SITHS genom granskad legitimeringstjänst',
      en: 'BankID, Freja+ or SITHS through a certified provider',
    },
  }),
  row({
    id: 'swedenconnect-loa3-nonresident',
    match: acr(`${swedenConnect}loa3-nonresident`),
    loa: 3,
    conditions: [nonResident],
    source: `${registry} §3.1.1.1`,
    note: { sv: 'Tillitsnivå 3 för person utan personnummer', en: 'Level 3 for a person without a personal number' },
  }),
  row({
    id: 'eidas-nf-sub',
    match: acr(`${elegnamnden}eidas-nf-sub`),
    loa: 3,
    conditions: [connector],
    source: `${registry}; DIGG`,
    note: { sv: 'Anmäld eIDAS-legitimation, nivå väsentlig', en: 'Notified eIDAS scheme, level substantial' },
  }),
  row({
    id: 'eidas-sub',
    match: acr(`${elegnamnden}eidas-sub`),
    loa: 3,
    conditions: [connector],
    marks: ['notified-unknown'],
    source: `${registry}; DIGG`,
    note: { sv: 'eIDAS nivå väsentlig, okänt om anmäld', en: 'eIDAS substantial, unknown whether notified' },
  }),
  row({
    id: 'eidas-native-substantial',
    match: acr(`${eidas}LoA/substantial`),
    loa: 3,
    source: `${registry}, note`,
    note: { sv: 'eIDAS nivå väsentlig', en: 'eIDAS substantial' },
  }),
  row({
    id: 'uncertified-loa3',
    match: acr(`${swedenConnect}uncertified-loa3`),
    loa: 3,
    conditions: [{ kind: 'provider-listed' }],
    otherwise: 2,
    marks: ['uncertified', 'self-declared'],
    notAcceptedAt: eligibilityBands,
    source: `${registry} §3.1.1.2`,
    note: {
      sv: 'Självdeklarerad nivå 3; 3 bara för listad leverantör',
      en: 'Self-declared level 3; 3 only for a listed provider',
    },
  }),
  row({
    id: 'uncertified-eidas',
    match: acr(`${swedenConnect}uncertified-eidas-sub`, `${swedenConnect}uncertified-eidas-high`),
    loa: 3,
    marks: ['uncertified', 'proxied'],
    notAcceptedAt: eligibilityBands,
    source: `${registry} §3.1.1.2, capped at 3`,
    note: { sv: 'eIDAS genom ogranskad mellanhand, högst 3', en: 'eIDAS through an uncertified proxy, at most 3' },
  }),
  row({
    id: 'swamid-al3',
    match: anywhere(`${swamid}al3`),
    loa: 3,
    conditions: [mfa, certified(swamid, 'al3')],
    otherwise: 2,
    source: 'SWAMID Identity Assurance Level 3 Profile',
    note: {
      sv: 'SWAMID AL3; utan multifaktor i sessionen eller certifiering 2',
      en: 'SWAMID AL3; 2 without MFA in the session or certification',
    },
  }),
  row({
    id: 'refeds-high',
    match: anywhere(`${refeds}IAP/high`, `${refeds}profile/espresso`),
    loa: 3,
    conditions: [mfa],
    otherwise: 2,
    source: 'REFEDS Assurance Framework 2.0; GÉANT guide',
    note: { sv: 'REFEDS hög; utan multifaktor i sessionen 2', en: 'REFEDS high; 2 without MFA in the session' },
  }),
  row({
    id: 'ida-eidas-substantial',
    match: ida('substantial'),
    loa: 3,
    conditions: [allowListed],
    source: 'OpenID Connect for Identity Assurance 1.0, schema',
    note: { sv: 'Styrkta uppgifter, eIDAS väsentlig', en: 'Verified claims, eIDAS substantial' },
  }),
  row({
    id: 'freja-plus',
    match: product('freja', 'registrationLevel=PLUS'),
    loa: 3,
    conditions: [signed],
    source: 'DIGG, list of approved eIDs; Freja',
    note: { sv: 'Freja+, direkt integration', en: 'Freja+, direct integration' },
  }),
  row({
    id: 'bankid-complete',
    match: product('bankid', 'complete'),
    loa: 3,
    conditions: [signed],
    source: 'DIGG, list of approved eIDs; BankID RP API',
    note: { sv: 'BankID, direkt integration, slutförd', en: 'BankID, direct integration, completed order' },
  }),
  row({
    id: 'federation-loa3',
    match: acr('http://id.sambi.se/loa/loa3', 'http://id.skolfederation.se/loa/loa3'),
    loa: 3,
    conditions: [{ kind: 'federation-contract' }],
    source: 'IANA LoA Profiles registry',
    note: {
      sv: 'Sambi eller Skolfederation, nivå 3, med avtal',
      en: 'Sambi or Skolfederation, level 3, with a contract',
    },
  }),
  row({
    id: 'swedish-loa2',
    match: acr(`${elegnamnden}loa2`, `${swedenConnect}loa2-nonresident`),
    loa: 2,
    source: registry,
    note: { sv: 'Tillitsnivå 2', en: 'Level 2' },
  }),
  row({
    id: 'uncertified-loa2',
    match: acr(`${swedenConnect}uncertified-loa2`),
    loa: 2,
    conditions: [{ kind: 'uncertified-loa2-accepted' }],
    otherwise: 1,
    marks: ['uncertified', 'self-declared'],
    notAcceptedAt: eligibilityBands,
    source: `${registry} §3.1.1.2`,
    note: { sv: 'Självdeklarerad nivå 2; 2 bara efter beslut', en: 'Self-declared level 2; 2 only by decision' },
  }),
  row({
    id: 'swamid-al2',
    match: anywhere(`${swamid}al2`),
    loa: 2,
    conditions: [certified(swamid, 'al2')],
    source: 'SWAMID Identity Assurance Level 2 Profile',
    note: { sv: 'SWAMID AL2', en: 'SWAMID AL2' },
  }),
  row({
    id: 'refeds-medium',
    match: anywhere(`${refeds}IAP/medium`, `${refeds}profile/cappuccino`),
    loa: 2,
    source: 'REFEDS Assurance Framework 2.0',
    note: { sv: 'REFEDS medel; en faktor räcker', en: 'REFEDS medium; single factor suffices' },
  }),
  row({
    id: 'freja-extended',
    match: product('freja', 'registrationLevel=EXTENDED'),
    loa: 2,
    source: 'Freja; DIGG 2024-02-26; product policy',
    note: { sv: 'Freja med granskad id-handling', en: 'Freja with a checked identity document' },
  }),
  row({
    id: 'eidas-low',
    match: acr(
      `${elegnamnden}eidas-low`,
      `${elegnamnden}eidas-nf-low`,
      `${eidas}LoA/low`,
      `${swedenConnect}uncertified-eidas-low`,
    ),
    loa: 1,
    decided: { by: 'raisesEidasLow', to: 2 },
    marks: ['eidas-low'],
    notAcceptedAt: eligibilityBands,
    source: 'DIGG (texts conflict)',
    note: { sv: 'eIDAS nivå låg; 2 bara efter beslut', en: 'eIDAS low; 2 only by decision' },
  }),
  row({
    id: 'ida-eidas-low',
    match: ida('low'),
    loa: 1,
    decided: { by: 'raisesEidasLow', to: 2 },
    marks: ['eidas-low'],
    notAcceptedAt: eligibilityBands,
    source: 'OpenID Connect for Identity Assurance 1.0, schema; DIGG',
    note: {
      sv: 'Styrkta uppgifter, eIDAS låg; 2 bara efter beslut',
      en: 'Verified claims, eIDAS low; 2 only by decision',
    },
  }),
  row({
    id: 'eidas-not-notified-low',
    match: acr(`${eidas}NotNotified/LoA/low`),
    loa: 1,
    marks: ['not-notified'],
    source: `${registry}, note; product cap`,
    note: { sv: 'Ej anmäld eIDAS, låg', en: 'Not notified eIDAS, low' },
  }),
  row({
    id: 'eidas-not-notified-substantial',
    match: acr(`${eidas}NotNotified/LoA/substantial`),
    loa: 2,
    marks: ['not-notified'],
    source: `${registry}, note; product cap`,
    note: { sv: 'Ej anmäld eIDAS, väsentlig: en nivå lägre', en: 'Not notified eIDAS, substantial: one level lower' },
  }),
  row({
    id: 'eidas-not-notified-high',
    match: acr(`${eidas}NotNotified/LoA/high`),
    loa: 3,
    marks: ['not-notified'],
    source: `${registry}, note; product cap`,
    note: { sv: 'Ej anmäld eIDAS, hög: en nivå lägre', en: 'Not notified eIDAS, high: one level lower' },
  }),
  row({
    id: 'elegnamnden-loa1',
    match: acr(`${elegnamnden}loa1`),
    loa: 1,
    source: registry,
    note: { sv: 'Tillitsnivå 1', en: 'Level 1' },
  }),
  row({
    id: 'swamid-al1',
    match: anywhere(`${swamid}al1`, `${refeds}IAP/low`),
    loa: 1,
    source: 'SWAMID; REFEDS Assurance Framework 2.0',
    note: { sv: 'SWAMID AL1 eller REFEDS låg', en: 'SWAMID AL1 or REFEDS low' },
  }),
  row({
    id: 'refeds-local-enterprise',
    match: anywhere(`${refeds}IAP/local-enterprise`),
    loa: 1,
    source: 'REFEDS Assurance Framework 2.0',
    note: { sv: 'Gott nog för hemorganisationens egna system', en: 'Good enough for the home organisation only' },
  }),
  row({
    id: 'federated-login',
    match: { kind: 'method', methods: ['swamid', 'edugain'] },
    loa: 1,
    conditions: [signed, { kind: 'no-assurance-values' }],
    source: 'product policy',
    note: {
      sv: 'Giltig federationsinloggning utan tillitsvärden',
      en: 'Valid federated login without assurance values',
    },
  }),
  row({
    id: 'bare-account',
    match: { kind: 'method', methods: ['verified-email', 'lti-sub'] },
    loa: 1,
    conditions: [{ kind: 'no-assurance-values' }],
    source: 'product policy',
    note: { sv: 'Bekräftad e-postadress eller enbart LTI-konto', en: 'Verified e-mail or LTI account only' },
  }),
]
