/**
 * What a reader demands of a credential, `SeQF >= 6, LoA >= 3, bands {A, B-C1}`, and whether it is met. Without it every employer
 * would compare levels by eye, and take a credential that is silent for one that agrees.
 */
import type { Band, Text } from '#domain/words.ts'

/** One thing demanded. `seqf`: level 1–8 of the Swedish framework. `loa`: credited level of assurance 1–4. */
export type Clause =
  | { readonly member: 'seqf'; readonly least: number }
  | { readonly member: 'loa'; readonly least: number }
  | { readonly member: 'bands'; readonly among: readonly Band[] }

/** Everything demanded; each member at most once, at least one. */
export type Demand = readonly Clause[]

/** What a credential says of itself. Absent: it does not say, or not in words we know. */
export interface Statements {
  readonly seqf?: number
  readonly loa?: number
  readonly band?: Band
  /** A credential that says it is a test; it stands for nothing. */
  readonly test: boolean
}

export type Met = 'met' | 'not-met' | 'could-not-check'

/** How the credential itself was judged (`credentials/verify.ts`). */
export type Genuineness = 'verified' | 'refused' | 'could-not-verify'

export interface JudgedClause {
  readonly member: Clause['member']
  /** As {@link clauseText} writes it. */
  readonly required: string
  /** What the credential says, where it says anything that may be relied on. */
  readonly stated?: string
  readonly result: Met
  readonly because: Text
}

export interface JudgedDemand {
  readonly required: string
  /** `not-met` when one clause is not met or the credential was refused; `met` only when all are; else `could-not-check`. */
  readonly result: Met
  readonly because: Text
  readonly clauses: readonly JudgedClause[]
}

export const highest = { seqf: 8, loa: 4 } as const
export const memberNames: Readonly<Record<Clause['member'], string>> = { seqf: 'SeQF', loa: 'LoA', bands: 'bands' }

/** The one spelling of a demand; parsing it gives the demand again. */
export function demandText(demand: Demand): string {
  return demand.map(clauseText).join(', ')
}

export function clauseText(clause: Clause): string {
  const name = memberNames[clause.member]
  return clause.member === 'bands' ? `${name} {${clause.among.join(', ')}}` : `${name} >= ${clause.least}`
}

/**
 * Judges a demand. `statements` is absent where the signature does not hold: an unsigned word is evidence of nothing. Nothing is
 * ever met on a credential that is not verified, and never by silence; what is lacking on its face is lacking all the same.
 */
export function judgeDemand(
  demand: Demand,
  credential: { readonly genuineness: Genuineness; readonly statements?: Statements },
): JudgedDemand {
  const clauses = demand.map((clause) => judgeClause(clause, credential))
  const required = demandText(demand)
  const { genuineness, statements } = credential
  if (genuineness === 'refused') return { required, result: 'not-met', because: refused, clauses }
  if (statements?.test === true) return { required, result: 'not-met', because: isTest, clauses }
  if (clauses.some(({ result }) => result === 'not-met'))
    return { required, result: 'not-met', because: lacks, clauses }
  if (clauses.length > 0 && clauses.every(({ result }) => result === 'met'))
    return { required, result: 'met', because: holds, clauses }
  const because = genuineness === 'verified' ? silent : unestablished
  return { required, result: 'could-not-check', because, clauses }
}

const holds: Text = { sv: 'Allt som krävs är uppfyllt.', en: 'Everything demanded is met.' }
const lacks: Text = { sv: 'Något som krävs är inte uppfyllt.', en: 'Something demanded is not met.' }
const refused: Text = {
  sv: 'Beviset är underkänt och uppfyller därför inget krav.',
  en: 'The credential was refused, so it meets no demand.',
}
const isTest: Text = {
  sv: 'Beviset är ett test och uppfyller därför inget krav.',
  en: 'The credential is a test, so it meets no demand.',
}
const silent: Text = {
  sv: 'Beviset säger inte allt som krävs; det som inte sägs är inte uppfyllt.',
  en: 'The credential does not state everything demanded; what is not stated is not met.',
}
const unestablished: Text = {
  sv: 'Beviset kunde inte verifieras, så inget krav kan räknas som uppfyllt.',
  en: 'The credential could not be verified, so no demand counts as met.',
}

function judgeClause(
  clause: Clause,
  { genuineness, statements }: { readonly genuineness: Genuineness; readonly statements?: Statements },
): JudgedClause {
  const { member } = clause
  const required = clauseText(clause)
  if (statements === undefined) return { member, required, result: 'could-not-check', because: unreliable }
  const value = clause.member === 'bands' ? statements.band : statements[clause.member]
  if (value === undefined) return { member, required, result: 'could-not-check', because: notStated(clause) }
  const stated = clause.member === 'bands' ? String(value) : `${memberNames[member]} ${value}`
  if (!suffices(clause, statements)) return { member, required, stated, result: 'not-met', because: below(stated) }
  if (genuineness !== 'verified' || statements.test)
    return { member, required, stated, result: 'could-not-check', because: unreliable }
  return { member, required, stated, result: 'met', because: enough(stated) }
}

function suffices(clause: Clause, { seqf, loa, band }: Statements): boolean {
  if (clause.member === 'bands') return band !== undefined && clause.among.includes(band)
  const value = clause.member === 'seqf' ? seqf : loa
  return value !== undefined && value >= clause.least
}

const unreliable: Text = {
  sv: 'Beviset är inte styrkt, så innehållet kan inte användas.',
  en: 'The credential is not established, so its content cannot be relied on.',
}
const enough = (stated: string): Text => ({ sv: `Beviset anger ${stated}.`, en: `The credential states ${stated}.` })
const below = (stated: string): Text => ({
  sv: `Beviset anger ${stated}; det räcker inte.`,
  en: `The credential states ${stated}; that is not enough.`,
})

function notStated({ member }: Clause): Text {
  const what: Text = {
    seqf: { sv: 'någon SeQF-nivå', en: 'no SeQF level' },
    loa: { sv: 'någon tillgodoräknad tillitsnivå', en: 'no credited level of assurance' },
    bands: { sv: 'någon kompetenssäkringsnivå', en: 'no competence-assurance level' },
  }[member]
  return {
    sv: `Beviset anger inte ${what.sv} i en form som går att läsa här.`,
    en: `The credential states ${what.en} in a form that can be read here.`,
  }
}
