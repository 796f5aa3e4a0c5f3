/** What lies in a package, told to somebody who has only the file (docs/audit-package.md). */
import type { PackageKind } from '#audit/package/manifest.ts'
import { disclosureNames, openings, type PackageProfile } from '#audit/package/profiles.ts'
import type { Language } from '#audit/package/words.ts'

export interface ReadmeFacts {
  readonly kind: PackageKind
  /** Origin. */
  readonly log: string
  readonly size: number
  readonly profile: PackageProfile
  readonly trails: number
}

/** Says nothing of who exported and when, so that the same content gives the same text. */
export function readme(facts: ReadmeFacts, language: Language): string {
  const parts = facts.kind === 'log' ? ofLog(facts)[language] : ofTrails(facts)[language]
  return `${parts.join('\n\n')}\n`
}

type Both = Readonly<Record<Language, readonly string[]>>

function ofTrails({ log, size, profile, trails }: ReadmeFacts): Both {
  return {
    sv: [
      '# Granskningsunderlag',
      `${trails === 1 ? 'Ett ärende' : `${trails} ärenden`} ur granskningsloggen ${log}, så som den såg ut vid kontrollpunkt ${size}. Underlaget är gjort för ${readersSv[profile]}.`,
      'Varje steg i ett ärende är en post. Varje post innehåller kontrollsumman av den förra, och alla poster ligger i en logg vars läge, kontrollpunkten, har skrivits under av lärosätet och av vittnen utanför det. Därför syns det om någon har ändrat, tagit bort, skjutit in, flyttat eller dolt något, utan att du behöver lita på den som gav dig filen.',
      '## Läs',
      'Öppna `report.sv.pdf`. Den är till för läsning; beviset är filerna bredvid.',
      '## Kontrollera',
      'Öppna `viewer.html` i en webbläsare och välj den här filen. Sidan använder inget nätverk. Eller på kommandoraden:',
      '```sh\nbevis verify paket.zip --policy tillit.policy\n```',
      '`tillit.policy` säger vilken logg och vilka vittnen du litar på. Skaffa den på annan väg än tillsammans med underlaget: `policy.txt` här i är bara vad lärosätet säger om sig självt.',
      'Svaret på varje kontroll är *godkänd*, *underkänd* eller *kunde inte kontrolleras*. Slutkoden är 0 när allt som ett sådant här underlag kan visa stämmer, 3 när något är underkänt, 8 när något inte kunde kontrolleras.',
      `${reachSv[reachOf(profile)]} Har du blivit lovad ett underlag av ett annat slag, säg det: \`--profile accreditor\` kräver att varje grind går att pröva på nytt, vad underlaget än kallar sig.`,
      '## Vad som inte är med',
      `Posterna innehåller inga personuppgifter, bara kontrollsummor av dem. ${openedSv(profile)} Vad som inte har det, och varför, står i \`manifest.json\` under \`withheld\`: \`profile\` (öppnas inte för mottagaren), \`protected\` (skyddade personuppgifter), \`erased\` (gallrat).`,
      'Vad varje fil är beskrivs i Beviskedjas dokumentation, `docs/audit-package.md`. Hantera underlaget som personuppgifter.',
    ],
    en: [
      '# Audit package',
      `${trails === 1 ? 'One case' : `${trails} cases`} from the audit log ${log}, as it stood at checkpoint ${size}. The package is made for ${readersEn[profile]}.`,
      'Every step of a case is an entry. Each entry holds the checksum of the one before, and all entries lie in a log whose state, the checkpoint, was signed by the institution and by witnesses outside it. So it shows when somebody has changed, removed, inserted, moved or hidden anything, and you need not trust whoever gave you the file.',
      '## Read',
      'Open `report.en.pdf`. It is for reading; the proof is in the files beside it.',
      '## Verify',
      'Open `viewer.html` in a browser and choose this file. The page uses no network. Or on the command line:',
      '```sh\nbevis verify package.zip --policy trust.policy\n```',
      '`trust.policy` says which log and which witnesses you trust. Get it by another way than with the package: `policy.txt` in here is only what the institution says about itself.',
      'Each check answers *passed*, *failed* or *could not check*. The exit code is 0 when all that a package like this can show is well, 3 when something failed, 8 when something could not be checked.',
      `${reachEn[reachOf(profile)]} If you were promised another kind of package, say so: \`--profile accreditor\` demands that every gate can be judged again, whatever the package calls itself.`,
      '## What is not in it',
      `Entries hold no personal data, only checksums of it. ${openedEn(profile)} What was not, and why, is in \`manifest.json\` under \`withheld\`: \`profile\` (not opened to this reader), \`protected\` (protected personal data), \`erased\`.`,
      'What each file is stands in Beviskedja’s documentation, `docs/audit-package.md`. Handle the package as personal data.',
    ],
  }
}

function ofLog({ log, size }: ReadmeFacts): Both {
  return {
    sv: [
      '# En hel granskningslogg',
      `Alla ${size} poster i loggen ${log}, för arkiv. Mappen har den form som C2SP tlog-tiles beskriver: filen \`checkpoint\` och mappen \`tile\`.`,
      'Posterna innehåller inga personuppgifter, bara kontrollsummor av dem. Inget är öppnat här.',
      '```sh\nbevis log fsck --dir .\n```',
      'räknar om hela trädet från posterna och jämför med kontrollpunkten. `anchors` har tidsstämplar (RFC 3161), `keys` nycklarna, `policy.txt` vad lärosätet säger om logg och vittnen.',
    ],
    en: [
      '# A whole audit log',
      `All ${size} entries of the log ${log}, for an archive. The folder has the form that C2SP tlog-tiles describes: the file \`checkpoint\` and the folder \`tile\`.`,
      'Entries hold no personal data, only checksums of it. Nothing is opened here.',
      '```sh\nbevis log fsck --dir .\n```',
      'computes the whole tree from the entries and compares it with the checkpoint. `anchors` has time-stamps (RFC 3161), `keys` the keys, `policy.txt` what the institution says about log and witnesses.',
    ],
  }
}

const readersSv: Readonly<Record<PackageProfile, string>> = {
  public: 'vem som helst',
  employer: 'en arbetsgivare',
  accreditor: 'ett ackrediterings- eller tillsynsorgan',
  court: 'domstol',
  subject: 'den som uppgifterna rör',
}

const readersEn: Readonly<Record<PackageProfile, string>> = {
  public: 'anyone',
  employer: 'an employer',
  accreditor: 'an accreditation or supervisory body',
  court: 'a court',
  subject: 'the person the data are about',
}

/** Whether a reader can judge the gates again. */
function reachOf(profile: PackageProfile): 'judgements' | 'entries' {
  return openings[profile].opens.includes('inputs') ? 'judgements' : 'entries'
}

const reachSv = {
  judgements:
    'Med det här underlaget kan du pröva varje grind på nytt och se vem som gjorde vad, utom där underlaget säger att något är undanhållet.',
  entries:
    'Det här underlaget visar att varje post är äkta, oförändrad och på sin plats. Grindarna kan du inte pröva på nytt: det de prövade finns inte med, och kontrollens första rad säger det.',
} as const

const reachEn = {
  judgements:
    'With this package you can judge every gate again and see who did what, except where it says that something is withheld.',
  entries:
    'This package shows that every entry is genuine, unchanged and in its place. You cannot judge the gates again: what they judged is not in it, and the first line of the verification says so.',
} as const

/** A profile that opens nothing has no such file. */
function opensAny(profile: PackageProfile): boolean {
  return disclosureNames.some((name) => openings[profile].opens.includes(name))
}

function openedSv(profile: PackageProfile): string {
  return opensAny(profile)
    ? 'Vad som har öppnats för dig står i `trails/*/disclosures.json`.'
    : 'Inget av det är öppnat för dig.'
}

function openedEn(profile: PackageProfile): string {
  return opensAny(profile)
    ? 'What was opened for you is in `trails/*/disclosures.json`.'
    : 'None of it is opened for you.'
}
