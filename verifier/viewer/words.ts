/** Every sentence of the page in both languages; the glossary's words, explained where they stand. */

import type { PackageProfile } from '#audit/package/profiles.ts'
import type { Text } from '#domain/words.ts'
import type { CheckId } from '#verifier/report.ts'
import { text } from '#verifier/report.ts'

export type Language = 'sv' | 'en'

export const page = {
  title: text('Kontrollera ett granskningsunderlag', 'Verify an audit package'),
  lead: text(
    'Sidan räknar om allt i din webbläsare. Inget skickas någonstans, och inget nätverk behövs.',
    'This page computes everything in your browser. Nothing is sent anywhere, and no network is needed.',
  ),
  language: text('Språk', 'Language'),
  choose: text('1. Välj underlaget', '1. Choose the package'),
  archive: text('Arkivet (.zip)', 'The archive (.zip)'),
  folder: text('Eller mappen, om du har packat upp det', 'Or the folder, if you have unpacked it'),
  drop: text(
    'Du kan också släppa arkivet var som helst på sidan.',
    'You may also drop the archive anywhere on the page.',
  ),
  trust: text('2. Välj vem du litar på', '2. Choose whom you trust'),
  own: text(
    'En policyfil som du har fått från annat håll än underlaget',
    'A policy file you got from elsewhere than the package',
  ),
  policyFile: text('Policyfil (.policy)', 'Policy file (.policy)'),
  borrowed: text(
    'Underlagets egen policy: visar bara att det hänger ihop med sig självt, inte att det är äkta',
    'The package’s own policy: shows only that it agrees with itself, not that it is genuine',
  ),
  promised: text('Vad du har blivit lovad', 'What you were promised'),
  asStated: text('Vad underlaget säger att det är', 'What the package says it is'),
  promisedWhy: text(
    'Ett fattigare underlag än du väntar dig underkänns inte av sig självt: säg vad du väntar dig.',
    'A package poorer than you expect is not refused by itself: say what you expect.',
  ),
  verify: text('3. Kontrollera', '3. Verify'),
  button: text('Kontrollera', 'Verify'),
  working: text('Räknar om …', 'Computing …'),
  nothing: text('Välj först ett underlag.', 'Choose a package first.'),
  noPolicy: text(
    'Välj först en policyfil, eller underlagets egen.',
    'Choose a policy file first, or the package’s own.',
  ),
  badPolicy: text('Policyfilen går inte att läsa', 'The policy file cannot be read'),
  result: text('Resultat', 'Result'),
  checks: text('Kontroller av hela underlaget', 'Checks of the package as a whole'),
  check: text('Kontroll', 'Check'),
  outcome: text('Utfall', 'Outcome'),
  why: text('Varför', 'Why'),
  trailChecks: text('Kontroller av ärendet', 'Checks of the case'),
  case: text('Ärende', 'Case'),
  timeline: text('Händelser', 'Events'),
  duties: text('Vem gjorde vad', 'Who did what'),
  noDuties: text('Underlaget säger inte vem som gjorde vad.', 'The package does not tell who did what.'),
  pairs: text('Uppgifter som ska hållas åtskilda', 'Duties to be kept apart'),
  criteria: text('Kriterierna fanns före bedömningen (F3)', 'The criteria were there before the assessment (F3)'),
  rule: text('Regel', 'Rule'),
  holds: text('Håller', 'Holds'),
  by: text('av', 'by'),
  as: text('som', 'as'),
  machine: text('av systemet', 'by the system'),
  place: text('plats i loggen', 'place in the log'),
  between: text('Enligt tid utifrån', 'By outside time'),
  after: text('efter', 'after'),
  before: text('före', 'before'),
  closed: text('slutna uppgifter', 'values closed'),
  meaning: text('Vad betyder det?', 'What does this mean?'),
  proved: text('Bevisat', 'Proved'),
  stated: text('Uppgivet av den som lämnade ut underlaget, inte bevisat', 'Stated by whoever exported it, not proved'),
  log: text('logg', 'log'),
  size: text('antal poster', 'entries'),
  root: text('gemensam kontrollsumma', 'common checksum'),
  witness: text('sett av', 'seen by'),
  made: text('gjort', 'made'),
  requester: text('av', 'by'),
  purpose: text('ändamål', 'purpose'),
  profile: text('profil', 'profile'),
  kind: text('innehåll', 'content'),
  reason: text('skäl', 'reason'),
  print: text('Skriv ut', 'Print'),
  tsa: text(
    'Certifikat för de tidsstämplare du litar på (.pem), om du har dem',
    'Certificates of the time-stamp authorities you trust (.pem), if you have them',
  ),
  badTsa: text('Certifikaten går inte att läsa', 'The certificates cannot be read'),
  nameTsa: text('Välj deras certifikat ovan.', 'Choose their certificates above.'),
  noStamps: text(
    'Webbläsaren kan inte pröva dem på en sida som hämtats utan https. Spara sidan och öppna den som fil, eller använd kommandoraden: bevis verify --tsa.',
    'The browser cannot judge them on a page that was fetched without https. Save the page and open it as a file, or use the command line: bevis verify --tsa.',
  ),
  notDemanded: text('krävs inte här', 'not demanded here'),
} as const

export const outcomes = {
  passed: text('godkänd', 'passed'),
  failed: text('underkänd', 'failed'),
  'could-not-check': text('kunde inte kontrolleras', 'could not check'),
} as const

/** Whom a package is made for, and whether it lets the gates be judged again. */
export const profileWords: Readonly<Record<PackageProfile, Text>> = {
  public: text('Allmänheten: posterna', 'Public: the entries'),
  employer: text('Arbetsgivare: posterna och handlingen', 'Employer: the entries and the document'),
  subject: text('Den det gäller: posterna och handlingen', 'Data subject: the entries and the document'),
  accreditor: text(
    'Granskare: posterna och omprövning av varje grind',
    'Accreditor: the entries, and every gate judged again',
  ),
  court: text(
    'Domstol: posterna, omprövning av varje grind och handlingen',
    'Court: the entries, every gate judged again, and the document',
  ),
}

export const holds = {
  yes: text('ja', 'yes'),
  no: text('nej', 'no'),
  unknown: text('okänt', 'unknown'),
} as const

export const pairRules = {
  E1: text('Den som beslutar har varken undervisat eller bedömt', 'Who decides has neither taught nor scored'),
  E2: text('Den som bedömer har inte undervisat', 'Who scores has not taught'),
  E3: text('En extern granskare hör till en annan organisation', 'An external examiner is of another organisation'),
  E4: text('Två personer återkallar tillsammans', 'Two persons revoke together'),
  E5: text(
    'Den som avgör ett överklagande har inte haft del i ärendet',
    'Who decides an appeal took no part in the case',
  ),
} as const

interface Named {
  readonly name: Text
  readonly meaning: Text
}

const named = (name: Text, meaning: Text): Named => ({ name, meaning })

/** Each check by name, and what it shows, in one plain sentence. */
export const checkWords: Readonly<Record<CheckId, Named>> = {
  container: named(
    text('Arkivet', 'The archive'),
    text(
      'Filerna går att läsa på ett enda sätt, och inget ligger gömt mellan dem.',
      'The files can be read in one way only, and nothing is hidden between them.',
    ),
  ),
  manifest: named(
    text('Förteckningen', 'The manifest'),
    text('Listan över filerna är välformad.', 'The list of files is well-formed.'),
  ),
  files: named(
    text('Filernas innehåll', 'Content of the files'),
    text(
      'Varje fils kontrollsumma är den som förteckningen anger; ingen fil saknas och ingen är extra.',
      'Each file’s checksum is the one the manifest states; none is missing and none is extra.',
    ),
  ),
  checkpoint: named(
    text('Loggens underskrift', 'The log’s signature'),
    text(
      'Loggen har skrivit under hur många poster den har och deras gemensamma kontrollsumma.',
      'The log has signed how many entries it has and their common checksum.',
    ),
  ),
  witnesses: named(
    text('Vittnen', 'Witnesses'),
    text(
      'Andra än lärosätet har sett samma logg, så den kan inte visa olika historier för olika läsare.',
      'Others than the institution have seen the same log, so it cannot show different histories to different readers.',
    ),
  ),
  consistency: named(
    text('Samma logg hela tiden', 'One log all the time'),
    text(
      'De tidsstämplade loggtopparna är början på den här loggen.',
      'The time-stamped checkpoints are beginnings of this log.',
    ),
  ),
  anchors: named(
    text('Tidsstämplar', 'Time-stamps'),
    text(
      'En utomstående har intygat när loggen såg ut så här.',
      'An outsider has attested when the log looked like this.',
    ),
  ),
  sample: named(
    text('Urvalet', 'The sample'),
    text('Samma frö drar samma ärenden en gång till.', 'The same seed draws the same cases again.'),
  ),
  log: named(
    text('Hela loggen', 'The whole log'),
    text(
      'Varje post är omräknad, och summan är den som är underskriven.',
      'Every entry was computed anew, and the sum is the one that is signed.',
    ),
  ),
  clock: named(
    text('Klockan', 'The clock'),
    text('Ingenting är daterat i framtiden.', 'Nothing is dated in the future.'),
  ),
  canonical: named(
    text('En läsart', 'One reading'),
    text('Varje post kan läsas på ett enda sätt.', 'Every entry can be read in one way only.'),
  ),
  identity: named(
    text('Rätt kedja', 'The right trail'),
    text('Alla poster hör till samma ärende.', 'All entries belong to the same case.'),
  ),
  sequence: named(
    text('Numrering', 'Numbering'),
    text(
      'Numren går från 1 utan luckor: ingen post är borttagen i mitten.',
      'The numbers run from 1 without gaps: no entry was taken out of the middle.',
    ),
  ),
  chain: named(
    text('Kedjan', 'The chain'),
    text(
      'Varje post innehåller kontrollsumman av den förra: ingen är ändrad eller inskjuten.',
      'Every entry holds the checksum of the one before: none was changed or put in.',
    ),
  ),
  seals: named(
    text('Försegling', 'Seal'),
    text(
      'När ärendet avslutas förseglas kedjan, så att ett avkortat slut syns.',
      'When the case ends its trail is sealed, so that a shortened end shows.',
    ),
  ),
  unique: named(
    text('Inget två gånger', 'Nothing twice'),
    text('Inget steg är inskrivet två gånger.', 'No step was entered twice.'),
  ),
  types: named(
    text('Fullständiga poster', 'Complete entries'),
    text(
      'Varje post säger det som dess slag kräver: vem, vad, när, varför.',
      'Every entry tells what its type demands: who, what, when, why.',
    ),
  ),
  time: named(text('Tidens gång', 'Course of time'), text('Tiderna går aldrig bakåt.', 'Times never go back.')),
  inclusion: named(
    text('I loggen', 'In the log'),
    text(
      'Varje post står bevisligen i den underskrivna loggen, i ordning.',
      'Every entry is proved to stand in the signed log, in order.',
    ),
  ),
  completeness: named(
    text('Hela kedjan', 'The whole trail'),
    text(
      'Loggen har bokfört hur många poster kedjan hade: inget är undanhållet i slutet.',
      'The log has put on record how many entries the trail had: nothing is held back at its end.',
    ),
  ),
  brackets: named(
    text('Tid utifrån', 'Outside time'),
    text(
      'Postens egen tid ligger mellan de tidsstämplar som omger den.',
      'The entry’s own time lies between the time-stamps around it.',
    ),
  ),
  disclosures: named(
    text('Öppnade uppgifter', 'Disclosed values'),
    text(
      'Det som är öppnat för dig är just det som posten band sig till; resten har ett angivet skäl.',
      'What is disclosed to you is exactly what the entry committed to; the rest has a stated reason.',
    ),
  ),
  order: named(
    text('Ordning', 'Order'),
    text(
      'Inget godkändes, klarerades eller undertecknades före sin grund.',
      'Nothing was approved, cleared or signed before its ground.',
    ),
  ),
  moves: named(
    text('Tillåtna steg', 'Legal moves'),
    text('Ärendet har bara gått de vägar som reglerna tillåter.', 'The case went only the ways the rules allow.'),
  ),
  replay: named(
    text('Omprövning', 'Judged again'),
    text(
      'Varje prövning är gjord om här, från samma underlag, och blev densamma.',
      'Every judgement was made again here, from the same facts, and came out the same.',
    ),
  ),
  separation: named(
    text('Åtskillnad', 'Separation'),
    text(
      'Uppgifter som reglerna skiljer åt har inte legat på samma person.',
      'Duties that the rules keep apart were not held by one person.',
    ),
  ),
  documents: named(
    text('Undertecknade handlingar', 'Signed documents'),
    text('Handlingen är just den som loggen berättar om.', 'The document is the very one the log tells of.'),
  ),
}
