/** Credits an identity check with its level of assurance; without it every gate would read logins and documents its own way. */
import type { DocumentCheck, LoginAssertion } from '#domain/evidence.ts'
import {
  type Condition,
  type LoaRow,
  loaTable,
  loaTableVersion,
  type Mark,
  type Match,
  type Place,
} from '#domain/policy/loa-table.ts'
import type { Band, Instant, Loa, Text } from '#domain/words.ts'

/** A decision of the institution, recorded, by its reference. An empty reference decides nothing. */
interface RecordedChoice {
  readonly decision: string
}

/** What an institution may choose around the table (standards §13). Nothing chosen is the product's default. */
export interface LoaPolicy {
  readonly raisesEidasLow?: RecordedChoice
  readonly capsEidasHigh?: RecordedChoice
  readonly acceptsUncertifiedLoa2?: RecordedChoice
  /** eIDAS low and uncertified values count at A and B–C1 too. */
  readonly acceptsUncertifiedAtAllBands?: RecordedChoice
  /** Issuers whose self-declared level 3 counts as 3. */
  readonly listedProviders?: readonly string[]
  /** Issuers entitled to send values at all (standards §9.3 d); absent leaves it to the conditions of the rows. */
  readonly entitledIssuers?: readonly string[]
}

export interface Credit {
  readonly loa: Loa
  /** Row of the table, or `unlisted`; for documents `document-<manner>` or `document-none`. */
  readonly row: string
  readonly table: string
  readonly because: Text
  readonly marks: readonly Mark[]
}

/**
 * Level of a login by standards §9.2: exact match on the *returned* values, unknown conditions fail, the highest row whose
 * conditions hold wins, what is unlisted is 0. Never throws.
 * @param band where given, values not accepted at that band (standards §13) are passed over.
 */
export function creditLogin(assertion: LoginAssertion, policy: LoaPolicy = {}, band?: Band): Credit {
  if (policy.entitledIssuers !== undefined && !policy.entitledIssuers.includes(assertion.issuer)) return notEntitled
  const candidates = loaTable
    .filter((row) => matches(row.match, assertion) && acceptedAt(row, policy, band))
    .map((row) => creditRow(row, assertion, policy))
  return candidates.reduce((best, next) => (next.loa > best.loa ? next : best), candidates[0] ?? unlisted)
}

/**
 * Level that counts for an examination: 4 needs that the person was there, or the wallet's own identification; a mere login
 * at 4 counts as 3 (standards §9.3 g).
 */
export function creditAtExamination(credit: Credit, { inPerson }: { readonly inPerson: boolean }): Loa {
  return credit.loa === 4 && !inPerson && credit.row !== 'eudi-pid' ? 3 : credit.loa
}

const documents: readonly DocumentCheck['document'][] = ['passport', 'national-identity-card', 'driving-licence']
const manners: Readonly<Record<DocumentCheck['manner'], { readonly loa: Loa; readonly text: Text }>> = {
  'on-site': { loa: 3, text: { sv: 'Id-handling kontrollerad på plats', en: 'Identity document checked on site' } },
  video: {
    loa: 2,
    text: { sv: 'Id-handling jämförd av person över video', en: 'Identity document compared by a person on video' },
  },
  automatic: {
    loa: 1,
    text: { sv: 'Id-handling kontrollerad maskinellt', en: 'Identity document checked by a machine' },
  },
}

/**
 * Level of a document check (levels.md): on site 3, on live video 2, by a machine 1. A document that was not valid at the
 * occasion, did not match, was not matched against the register or could not be checked is worth 0.
 * @param at the occasion. `validUntil` is exclusive.
 */
export function creditDocument(check: DocumentCheck, at: Instant): Credit {
  const objection = objectionTo(check, at)
  if (objection !== undefined) return credit(0, 'document-none', objection)
  const { loa, text } = manners[check.manner]
  return credit(loa, `document-${check.manner}`, text)
}

function objectionTo(check: DocumentCheck, at: Instant): Text | undefined {
  if (check.result === 'no-match') return { sv: 'Id-handlingen stämde inte', en: 'The identity document did not match' }
  if (check.result !== 'match')
    return { sv: 'Id-handlingen kunde inte kontrolleras', en: 'The document could not be checked' }
  if (check.validUntil <= at)
    return { sv: 'Id-handlingen var inte giltig vid tillfället', en: 'The document was not valid then' }
  if (!documents.includes(check.document))
    return { sv: 'Handlingen är ingen godtagen id-handling', en: 'Not an accepted identity document' }
  if (check.matchedAgainst.includes('register')) return undefined
  return { sv: 'Id-handlingen jämfördes inte med registret', en: 'The document was not compared with the register' }
}

function creditRow(row: LoaRow, assertion: LoginAssertion, policy: LoaPolicy): Credit {
  const failing = row.conditions.filter((condition) => !holds(condition, assertion, policy))
  if (failing.length > 0) {
    const why = failing.map((condition) => lacking[condition.kind])
    return credit(
      row.otherwise,
      row.id,
      {
        sv: `${row.note.sv}: LoA ${row.otherwise}, ${why.map((text) => text.sv).join(', ')}`,
        en: `${row.note.en}: LoA ${row.otherwise}, ${why.map((text) => text.en).join(', ')}`,
      },
      row.marks,
    )
  }
  const decided = row.decided !== undefined && chosen(policy[row.decided.by]) ? row.decided.to : undefined
  const loa = decided ?? row.loa
  const by = decided === undefined ? { sv: '', en: '' } : { sv: ' enligt beslut', en: ' by decision' }
  return credit(
    loa,
    row.id,
    { sv: `${row.note.sv}: LoA ${loa}${by.sv}`, en: `${row.note.en}: LoA ${loa}${by.en}` },
    row.marks,
  )
}

function matches(match: Match, assertion: LoginAssertion): boolean {
  switch (match.kind) {
    case 'value':
      return valuesAt(match.places, assertion).some((value) => match.values.includes(value))
    case 'under':
      return valuesAt(match.places, assertion).some((value) => isUnder(match.namespace, value))
    case 'framework':
      return assertion.trustFramework === match.trustFramework && assertion.assuranceLevel === match.assuranceLevel
    case 'product':
      return assertion.method === match.method && valuesAt(['acr', 'assurance'], assertion).includes(match.value)
    case 'method':
      return assertion.method !== undefined && match.methods.includes(assertion.method)
  }
}

function valuesAt(places: readonly Place[], assertion: LoginAssertion): readonly string[] {
  return places.flatMap((place) => {
    const found = assertion[place]
    return found === undefined ? [] : typeof found === 'string' ? [found] : found
  })
}

/** The base type or a national one: `urn:eudi:pid:1`, `urn:eudi:pid:se:1`. */
function isUnder(namespace: string, value: string): boolean {
  return value.startsWith(namespace) && /^(?:[a-z]{2}:)?[1-9]\d*$/.test(value.slice(namespace.length))
}

function holds(condition: Condition, assertion: LoginAssertion, policy: LoaPolicy): boolean {
  switch (condition.kind) {
    case 'certified':
      return assertion.certified?.some((value) => condition.as.includes(value)) === true
    case 'session':
      return assertion.acr === condition.acr
    case 'eidas-connector':
      return assertion.connector === 'eidas'
    case 'no-personal-number':
      return assertion.personalNumber === false
    case 'allow-listed':
      return assertion.allowListed === true
    case 'signature-verified':
      return assertion.signatureVerified === true
    case 'key-binding':
      return assertion.keyBinding === true
    case 'status-valid':
      return assertion.statusValid === true
    case 'federation-contract':
      return assertion.federationContract === true
    case 'no-assurance-values':
      return assertion.assurance === undefined || assertion.assurance.length === 0
    case 'provider-listed':
      return policy.listedProviders?.includes(assertion.issuer) === true
    case 'uncertified-loa2-accepted':
      return chosen(policy.acceptsUncertifiedLoa2)
  }
}

function acceptedAt(row: LoaRow, policy: LoaPolicy, band: Band | undefined): boolean {
  return band === undefined || !row.notAcceptedAt.includes(band) || chosen(policy.acceptsUncertifiedAtAllBands)
}

function chosen(choice: RecordedChoice | undefined): boolean {
  return choice !== undefined && choice.decision.trim() !== ''
}

const lacking: Readonly<Record<Condition['kind'], Text>> = {
  certified: { sv: 'utfärdaren är inte visat certifierad', en: 'the issuer is not shown to be certified' },
  session: { sv: 'ingen multifaktorinloggning i sessionen', en: 'no multi-factor login in the session' },
  'eidas-connector': { sv: 'inte från den officiella eIDAS-noden', en: 'not from the official eIDAS connector' },
  'no-personal-number': {
    sv: 'personnummer är inte visat frånvarande',
    en: 'a personal number is not shown to be absent',
  },
  'allow-listed': { sv: 'utfärdaren finns inte på listan', en: 'the issuer is not on the trusted list' },
  'signature-verified': { sv: 'underskriften är inte kontrollerad', en: 'the signature is not verified' },
  'key-binding': { sv: 'nyckelbindningen är inte kontrollerad', en: 'key binding is not verified' },
  'status-valid': { sv: 'giltigheten är inte kontrollerad', en: 'the status is not shown to be valid' },
  'federation-contract': { sv: 'inget federationsavtal', en: 'no federation contract' },
  'no-assurance-values': {
    sv: 'okända tillitsvärden följde med',
    en: 'it came with assurance values that are not listed',
  },
  'provider-listed': { sv: 'leverantören är inte listad', en: 'the provider is not listed' },
  'uncertified-loa2-accepted': { sv: 'inget beslut godtar det', en: 'no decision accepts it' },
}

function credit(loa: Loa, row: string, because: Text, marks: readonly Mark[] = []): Credit {
  return { loa, row, table: loaTableVersion, because, marks }
}

const unlisted = credit(0, 'unlisted', {
  sv: 'Inget av värdena finns i tabellen',
  en: 'None of the values is in the table',
})
const notEntitled = credit(0, 'unlisted', {
  sv: 'Utfärdaren har inte rätt att lämna tillitsvärden',
  en: 'The issuer is not entitled to send assurance values',
})
