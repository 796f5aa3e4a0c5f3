/** Codes that stand in entries and packages, in words for people. A code that a person chose stays what they wrote, marked as a code. */
import type { PackageKind } from '#audit/package/manifest.ts'
import { blockers, erasureBases } from '#domain/erasure.ts'
import { revocationReasonTexts } from '#domain/gates/revocation.ts'
import type { Text } from '#domain/words.ts'

const text = (sv: string, en: string): Text => ({ sv, en })

/** Why a package leaves the house. */
export const packagePurposes = {
  audit: text('granskning', 'audit'),
  accreditation: text('ackreditering', 'accreditation'),
  court: text('domstol', 'court'),
  appeal: text('överklagande', 'appeal'),
  'subject-access': text('den registrerades rätt till tillgång', 'the data subject’s right of access'),
  employment: text('anställning', 'employment'),
  archive: text('arkivering', 'archiving'),
  'case-work': text('handläggning', 'case work'),
} as const satisfies Readonly<Record<string, Text>>
export type PackagePurpose = keyof typeof packagePurposes

/** What a package holds. */
export const packageKinds: Readonly<Record<PackageKind, Text>> = {
  trail: text('ärenden', 'cases'),
  sample: text('ett urval av ärenden', 'a sample of cases'),
  log: text('hela loggen', 'the whole log'),
}

/** Values that an entry commits to, by the names they are disclosed under. */
export const disclosedWords: Readonly<Record<string, Text>> = {
  event: text('kontrollsumma av händelsen', 'digest of the event'),
  input: text('kontrollsumma av det som prövades', 'digest of what was judged'),
  seen: text('kontrollsumma av det som beslutaren såg', 'digest of what the decider saw'),
  document: text('kontrollsumma av handlingen', 'digest of the document'),
  text: text('motivering', 'explanation'),
  detail: text('beslutet i detalj', 'the decision in detail'),
}

/** Reasons that machines write. */
const machineReasons: Readonly<Record<string, Text>> = {
  drawn: text('utsedd genom lottning', 'drawn by lot'),
  separation: text('den förra fick inte besluta', 'the one before may not decide'),
  'approval-demanded': text('reglerna kräver en persons godkännande', 'the rules demand a person’s approval'),
  'nobody-eligible': text('ingen får besluta', 'nobody may decide'),
  'below-promise': text('underlaget når inte den utlovade nivån', 'the evidence does not reach the promised level'),
  'evidence-overdue': text('underlaget kom inte i tid', 'the evidence did not come in time'),
  'approval-overdue': text('beslutet kom inte i tid', 'the decision did not come in time'),
  'signing-refused': text('signeringen vägrades', 'signing was refused'),
  'fact-withdrawn': text('ett underlag togs tillbaka', 'evidence was withdrawn'),
  'conflict-declared': text('jäv anmäldes', 'a conflict of interest was declared'),
  'register-applied': text('registret ändrades', 'the register changed'),
}

/** Why the signer refuses. */
export const signingRefusals = {
  'unknown-case': text('okänt ärende', 'unknown case'),
  'not-cleared': text('ärendet är inte klart för utfärdande', 'the case is not cleared'),
  'version-moved': text('underlaget har ändrats sedan dess', 'the evidence has changed since'),
  'trail-broken': text('kedjan håller inte', 'the trail does not hold'),
  'verdict-missing': text('en prövning saknas', 'a judgement is missing'),
  'input-changed': text('det som prövades är inte detsamma', 'what was judged is not the same'),
  'replay-differs': text('omprövningen blir en annan', 'judged again it differs'),
  'not-passed': text('en prövning är inte uppfylld', 'a judgement has not passed'),
  'foreign-input': text('det som prövades hör till ett annat ärende', 'what was judged is another case’s'),
  'approval-unrecorded': text('ett godkännande saknas i kedjan', 'an approval is not in the trail'),
  'rules-loosened': text('reglerna är lösare än de publicerade', 'the rules are looser than those published'),
  'no-document': text('nivån leder inte till någon handling', 'the level leads to no document'),
  'not-in-log': text('klareringen är inte bevisad i loggen', 'the clearance is not proved in the log'),
  content: text('innehållet går inte att sätta samman', 'the content cannot be put together'),
  lint: text('innehållet följer inte standarden', 'the content does not follow the standard'),
  'intention-untold': text(
    'signeringen var påbörjad utan att kedjan berättar om det',
    'a signature was begun that the trail does not tell of',
  ),
  'intention-changed': text('annat än det som skulle signeras', 'other than what was to be signed'),
  'no-key': text('signeringsnyckel saknas', 'there is no signing key'),
  'not-prepared': text('signeringen är inte förberedd', 'signing was not prepared'),
  'other-issuer': text('annan utfärdare', 'another issuer'),
  'other-case': text('annat ärende', 'another case'),
} as const satisfies Readonly<Record<string, Text>>

const known: Readonly<Record<string, Text>> = {
  ...machineReasons,
  ...signingRefusals,
  ...revocationReasonTexts,
  ...erasureBases,
  ...blockers,
}

/** The reason in words; what a person chose as a code is told as one. */
export function reasonWords(reason: string): Text {
  return Object.hasOwn(known, reason) ? (known[reason] as Text) : text(`kod ${reason}`, `code ${reason}`)
}

/** Words for a code of a closed list; of another version's the code itself. */
export function wordsOf(list: Readonly<Record<string, Text>>, code: string): Text {
  return Object.hasOwn(list, code) ? (list[code] as Text) : text(code, code)
}
