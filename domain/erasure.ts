/**
 * What may be erased, on what ground, and what forbids it. Without one page for it every erasure of a public record would be somebody's
 * own reading of the law (GDPR Art. 17; Arkivlagen 1990:782; docs/erasure.md).
 */
import type { Text } from '#domain/words.ts'

const text = (sv: string, en: string): Text => ({ sv, en })

/** Kinds of data, each erased as a whole within a case or a person. */
export const erasureClasses = {
  disclosures: text('Salt och värden bakom spårets kontrollsummor', 'Salts and values behind the digests of the trail'),
  facts: text('Händelser och underlag, även i strömmen', 'Events and evidence, in the stream too'),
  judgements: text('Underlaget för varje bedömning', 'What each gate judged'),
  decisions: text('Fritext i beslut och återkallelser', 'Free text of decisions and revocations'),
  credentials: text('Våra exemplar av utfärdade bevis', 'Our copies of issued credentials'),
  identity: text(
    'Koppling till människan, och nyckeln till allt',
    'What leads to the person, and the key to everything',
  ),
} as const satisfies Readonly<Record<string, Text>>
export type ErasureClass = keyof typeof erasureClasses
export const allClasses = Object.keys(erasureClasses) as readonly ErasureClass[]

export const erasureBases = {
  'gdpr-17-1-a': text('Behövs inte längre (GDPR art. 17.1 a)', 'No longer necessary (GDPR Art. 17(1)(a))'),
  'gdpr-17-1-b': text('Samtycket återkallat (GDPR art. 17.1 b)', 'Consent withdrawn (GDPR Art. 17(1)(b))'),
  'gdpr-17-1-c': text('Invändning (GDPR art. 17.1 c)', 'Objection (GDPR Art. 17(1)(c))'),
  'gdpr-17-1-d': text('Olagligt behandlade (GDPR art. 17.1 d)', 'Unlawfully processed (GDPR Art. 17(1)(d))'),
  'gdpr-17-1-e': text(
    'Rättslig skyldighet att radera (GDPR art. 17.1 e)',
    'Legal obligation to erase (GDPR Art. 17(1)(e))',
  ),
  'archive-disposal': text('Gallringsbeslut', 'Disposal decision of the archive authority or the institution'),
  'court-order': text(
    'Dom eller beslut av domstol eller tillsynsmyndighet',
    'Order of a court or supervisory authority',
  ),
} as const satisfies Readonly<Record<string, Text>>
export type ErasureBasis = keyof typeof erasureBases

/** Why the archive duty does not stand against it (Arkivlagen 10 §: public records are disposed of by decision only). */
export const archiveGrounds = {
  'disposal-decision': text(
    'Handlingarna omfattas av ett gallringsbeslut',
    'The records are covered by a disposal decision',
  ),
  'not-a-record': text('Uppgifterna är inte allmän handling', 'The data are no public record'),
  'court-order': text('Dom eller beslut bryter arkivplikten', 'An order overrides the archive duty'),
} as const satisfies Readonly<Record<string, Text>>
export type ArchiveGround = keyof typeof archiveGrounds

/** How an institution's archive duty is read; unless the register says otherwise it is a Swedish authority. */
export type InstitutionType = 'swedish-authority' | 'private-gdpr'
export const defaultInstitutionType: InstitutionType = 'swedish-authority'

/** What holds an erasure back; the database asks the same again when it is carried out (migration `erasure`). */
export const blockers = {
  hold: text('Ett bevarandebeslut gäller', 'A legal hold stands'),
  running: text('Ett ärende pågår', 'A case is under way'),
  'in-force': text(
    'Ett bevis gäller ännu: återkalla det först, eller vänta till det gått ut',
    'A credential is in force: revoke it first, or wait until it has expired',
  ),
  early: text('Bevarandetiden har inte gått ut', 'It must still be kept by a retention rule'),
  'in-register': text(
    'Personen står i registret: ta bort den därifrån först',
    'The person stands in the register: take it out first',
  ),
} as const satisfies Readonly<Record<string, Text>>
export type Blocker = keyof typeof blockers

export interface ErasureClaim {
  readonly type: InstitutionType
  /** Absent for everything about the person. */
  readonly caseId?: string
  readonly classes: readonly ErasureClass[]
  readonly basis: ErasureBasis
  readonly archive?: ArchiveGround
}

/** What a claim lacks, as a code: `archive-ground-missing`, `identity-of-one-case`, `identity-alone`; undefined when it may be proposed. */
export function claimProblem({ type, caseId, classes, basis, archive }: ErasureClaim): ClaimProblem | undefined {
  const isWhole = allClasses.every((one) => classes.includes(one))
  if (classes.includes('identity') && caseId !== undefined) return 'identity-of-one-case'
  // With the key everything sealed under it is gone: whoever takes the key says so of all classes.
  if (classes.includes('identity') && !isWhole) return 'identity-alone'
  const isDecided = archive !== undefined || basis === 'archive-disposal' || basis === 'court-order'
  return type === 'swedish-authority' && !isDecided ? 'archive-ground-missing' : undefined
}

export const claimProblems = {
  'archive-ground-missing': text(
    'Säg varför arkivplikten inte hindrar: gallringsbeslut, inte allmän handling, eller dom',
    'Say why the archive duty does not stand against it: a disposal decision, no public record, or an order',
  ),
  'identity-of-one-case': text('Nyckeln är personens, inte ärendets', 'The key is the person’s, not the case’s'),
  'identity-alone': text(
    'Med nyckeln går allt annat också: nämn alla slag',
    'With the key everything else goes too: name all classes',
  ),
} as const satisfies Readonly<Record<string, Text>>
export type ClaimProblem = keyof typeof claimProblems
