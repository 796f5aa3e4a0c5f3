/** What happened, in words for people who never saw our codes; without it a report would be a list of type names (audit-log §12, A3, B8). */
import { wordsOf } from '#audit/package/code-words.ts'
import type { Text } from '#domain/words.ts'

export type Language = 'sv' | 'en'

const text = (sv: string, en: string): Text => ({ sv, en })

/** Each entry type ever written; a test demands that none lacks words. */
export const typeWords: Readonly<Record<string, Text>> = {
  'case.opened/1': text('Ärendet öppnades', 'Case opened'),
  'event.received/1': text('Händelse togs emot', 'Event received'),
  'evidence.received/1': text('Underlag togs emot', 'Evidence received'),
  'evidence.handed-in/1': text('Underlag lämnades in av en handläggare', 'Evidence handed in by an officer'),
  'evidence.withdrawn/1': text('Underlag togs tillbaka', 'Evidence withdrawn'),
  'conflict.declared/1': text('Jäv anmäldes', 'Conflict of interest declared'),
  'facts.changed/1': text('Förutsättningarna ändrades; ärendet bedöms igen', 'Facts changed; the case is judged again'),
  'review.opened/1': text('Granskning inleddes', 'Review opened'),
  'gate.judged/1': text('Steg bedömt', 'Step judged'),
  'case.judging/1': text('Bedömningen började', 'Judging began'),
  'case.cleared/1': text('Ärendet är klart för utfärdande', 'Case cleared for issuance'),
  'case.issued/1': text('Ärendet avslutades: utfärdat', 'Case closed: issued'),
  'case.waiting/1': text('Ärendet väntar', 'Case waits'),
  'case.gone-back/1': text('Ärendet togs om från en äldre kopia', 'Case taken up again from an older copy'),
  'case.stopped/1': text('Ärendet stannade', 'Case stopped'),
  'case.resumed/1': text('Ärendet återupptogs', 'Case resumed'),
  'case.escalated/1': text('Ärendet lyftes till handläggare', 'Case escalated'),
  'approver.appointed/1': text('Beslutande utsågs', 'Approver appointed'),
  'approver.ended/1': text('Beslutande entledigades', 'Approver’s appointment ended'),
  'approver.reminded/1': text('Beslutande påmindes', 'Approver reminded'),
  'decision.recorded/1': text('Beslut', 'Decision'),
  'achievement.changed/1': text('Annat läranderesultat valdes', 'Another achievement chosen'),
  'case.refused/1': text('Ärendet avslogs', 'Case refused'),
  'case.withdrawn/1': text('Ärendet drogs tillbaka', 'Case withdrawn'),
  'case.recorded/1': text('Ärendet avslutades: post utan handling', 'Case closed: record without a document'),
  'issuance.cleared/1': text(
    'Alla krav är uppfyllda; utfärdande får ske',
    'Everything demanded has passed; issuance may take place',
  ),
  'signing.requested/1': text('Signering begärdes', 'Signing requested'),
  'signing.refused/1': text('Signering vägrades', 'Signing refused'),
  'credential.issued/1': text('Mikromeriten signerades och utfärdades', 'Credential signed and issued'),
  'credential.delivered/1': text('Mikromeriten lämnades ut', 'Credential delivered'),
  'revocation.proposed/1': text('Återkallelse föreslogs', 'Revocation proposed'),
  'revocation.approved/1': text('Återkallelse godkändes', 'Revocation approved'),
  'revocation.refused/1': text('Återkallelse avslogs', 'Revocation refused'),
  'revocation.expired/1': text('Förslaget om återkallelse förföll', 'Proposal to revoke expired'),
  'credential.revoked/1': text('Mikromeriten återkallades', 'Credential revoked'),
  'appeal.lodged/1': text('Begäran om omprövning eller överklagande kom in', 'Reconsideration or appeal lodged'),
  'appeal.acknowledged/1': text('Mottagandet bekräftades för den klagande', 'Receipt acknowledged to the appellant'),
  'appeal.decided/1': text('Omprövningen eller överklagandet avgjordes', 'Reconsideration or appeal decided'),
  'appeal.closed/1': text('Omprövningen eller överklagandet avslutades', 'Reconsideration or appeal closed'),
  'trail.sealed/1': text('Kedjan förseglades', 'Trail sealed'),
  'privacy.erased/1': text('Uppgifter gallrades', 'Data erased'),
  'erasure.proposed/1': text('Gallring föreslogs', 'Erasure proposed'),
  'erasure.approved/1': text('Gallring godkändes', 'Erasure approved'),
  'erasure.refused/1': text('Gallring avslogs', 'Erasure refused'),
  'erasure.expired/1': text('Förslaget om gallring förföll', 'Proposal to erase expired'),
  'erasure.blocked/1': text('Gallring hindrades', 'Erasure blocked'),
  'disposal.proposed/1': text('Gallring enligt plan föreslogs', 'Disposal according to plan proposed'),
  'hold.placed/1': text('Gallringsstopp infördes', 'Legal hold placed'),
  'hold.lifted/1': text('Gallringsstopp hävdes', 'Legal hold lifted'),
  'person.protected/1': text('Personuppgifter skyddades', 'Personal data protected'),
  'person.unprotected/1': text('Skyddet av personuppgifter upphörde', 'Protection of personal data ended'),
  'reconciliation.done/1': text('Bokföringen stämdes av mot sig själv', 'Record held against itself'),
  'log.entries-found/1': text(
    'Poster som inte längre väntade på sin plats i loggen fick den',
    'Entries that waited no more for their place in the log were given it',
  ),
  'log.checked/1': text('Hela loggen lästes om och räknades efter', 'The whole log read back and computed anew'),
  'log.heads/1': text('Läget för alla kedjor antecknades', 'Where every trail stands noted'),
  'log.succeeded/1': text('En ny logg tog vid efter den förra', 'A new log followed the one before'),
  'anchor.received/1': text('Tidsstämpel mottogs', 'Time-stamp received'),
  'status.published/1': text('Statuslistan publicerades', 'Status list published'),
  'key.created/1': text('Nyckel skapades', 'Key created'),
  'key.rotated/1': text('Nyckel byttes', 'Key rotated'),
  'register.proposed/1': text('Ändring av registret föreslogs', 'Change of the register proposed'),
  'register.proposal-approved/1': text('Ändring av registret godkändes', 'Change of the register approved'),
  'register.proposal-refused/1': text('Ändring av registret avslogs', 'Change of the register refused'),
  'emitters.sealed/1': text('Vilka system som får rapportera fastställdes', 'Reporting systems settled'),
  'register.applied/1': text('Registret ändrades', 'Register changed'),
  'achievement.published/1': text(
    'Läranderesultat med kriterier kom in i registret',
    'Achievement with its criteria came into the register',
  ),
  'record.gone-on-without/1': text(
    'Verksamheten återupptogs efter en äldre kopia',
    'Work resumed after an older copy was restored',
  ),
  'dead-letter.discarded/1': text('Obehandlad händelse avskrevs', 'Dead letter discarded'),
  'dead-letter.replay-ordered/1': text('Obehandlad händelse skulle köras om', 'Replay of a dead letter ordered'),
  'dead-letter.replayed/1': text('Obehandlad händelse kördes om', 'Dead letter replayed'),
  'trail.viewed/1': text('Granskningsloggen för ärendet lästes', 'Trail of the case viewed'),
  'trail.exported/1': text('Granskningsunderlag lämnades ut', 'Audit package exported'),
  'log.exported/1': text('Hela loggen lämnades ut', 'Whole log exported'),
  'sample.announced/1': text('Urval tillkännagavs', 'Sample announced'),
  'decision-list.drawn/1': text('Lista för gemensamt beslut sattes samman', 'List for a joint decision drawn'),
  'quality.reviewed/1': text('Kvalitetssäkringen granskades', 'Quality assurance reviewed'),
  'quality.action-closed/1': text('Åtgärd efter granskning avslutades', 'Action after a review closed'),
  'complaint.received/1': text('Klagomål togs emot', 'Complaint received'),
  'complaint.acknowledged/1': text('Mottagandet av klagomålet bekräftades', 'Receipt of the complaint acknowledged'),
  'complaint.progressed/1': text('Klagomålet handlades', 'Complaint progressed'),
  'complaint.closed/1': text('Klagomålet avslutades', 'Complaint closed'),
  'case.viewed/1': text('Ärendet lästes', 'Case viewed'),
  'evidence.viewed/1': text('Underlag lästes', 'Evidence viewed'),
  'event.viewed/1': text('Händelse lästes', 'Event viewed'),
  'dead-letter.viewed/1': text('Obehandlad händelse lästes', 'Dead letter viewed'),
  'person.viewed/1': text('Personuppgifter lästes', 'Personal data viewed'),
  'credential.downloaded/1': text('Mikromeriten hämtades av en handläggare', 'Credential downloaded by an officer'),
}

/** Of persons and of the machine's parts. */
const roles: Readonly<Record<string, Text>> = {
  intake: text('mottagning', 'intake'),
  conductor: text('ärendegång', 'conduct of the case'),
  clearance: text('klarering', 'clearance'),
  delivery: text('utlämnande', 'delivery'),
  keeper: text('granskningslogg', 'record'),
  log: text('logg', 'log'),
  sequencer: text('logg', 'log'),
  publisher: text('publicering av loggen', 'publishing of the log'),
  anchorer: text('tidsstämpling', 'time-stamping'),
  signing: text('signering', 'signing'),
  'privacy-officer': text('integritetshandläggare', 'privacy officer'),
  officer: text('kvalitetshandläggare', 'quality officer'),
  operator: text('driftansvarig', 'operator'),
  examiner: text('examinator', 'examiner'),
  'external-reviewer': text('extern granskare', 'external reviewer'),
  'decision-maker': text('beslutsfattare', 'decision-maker'),
  signer: text('signering', 'signing'),
}

const gates: Readonly<Record<string, Text>> = {
  open: text('öppning', 'opening'),
  identity: text('identitetskontroll', 'identity check'),
  assessment: text('bedömning av prestationen', 'assessment'),
  separation: text('åtskillnad mellan personer', 'separation of persons'),
  'evidence-level': text('underlagets nivå', 'level of the evidence'),
  approval: text('godkännande', 'approval'),
  level: text('nivå', 'level'),
  revocation: text('återkallelse', 'revocation'),
}

/** Each gate is judged by a part of the machine that is called as it is. */
const actors = { ...gates, ...roles }

const outcomes: Readonly<Record<string, Text>> = {
  pass: text('uppfyllt', 'passed'),
  fail: text('inte uppfyllt', 'failed'),
  missing: text('underlag saknas', 'evidence is missing'),
  'could-not-check': text('kunde inte kontrolleras', 'could not be checked'),
  passed: text('uppfyllt', 'passed'),
  failed: text('inte uppfyllt', 'failed'),
  approve: text('godkänner utfärdande', 'approves issuance'),
  return: text('sänder tillbaka för komplettering', 'returns for completion'),
  reject: text('avslår', 'rejects'),
  appoint: text('utser beslutande', 'appoints an approver'),
  'order-reassessment': text('begär ny bedömning', 'orders a new assessment'),
  'choose-achievement': text('väljer annat läranderesultat', 'chooses another achievement'),
  refuse: text('avslår ärendet', 'refuses the case'),
  withdraw: text('drar tillbaka ärendet', 'withdraws the case'),
  upheld: text('bifall', 'upheld'),
  'partly-upheld': text('delvis bifall', 'upheld in part'),
  dismissed: text('avslag', 'dismissed'),
  withdrawn: text('den klagande drog tillbaka det', 'withdrawn by the appellant'),
}

/** What an entry needs for its sentence. */
export interface Told {
  readonly type: string
  readonly actor: { readonly role: string }
  readonly act: { readonly outcome: string }
  readonly data?: Readonly<Record<string, unknown>>
}

/** One sentence: what happened, and where it is a judgement or a decision how it ended. A type of another version keeps its name. */
export function sentenceOf({ type, act, data = {} }: Told): Text {
  const base = wordsOf(typeWords, type)
  switch (type) {
    case 'gate.judged/1': {
      const [gate, how] = [wordsOf(gates, String(data['gate'])), wordsOf(outcomes, act.outcome)]
      return text(`${base.sv}: ${gate.sv} – ${how.sv}`, `${base.en}: ${gate.en} – ${how.en}`)
    }
    case 'appeal.decided/1':
    case 'decision.recorded/1': {
      const how = wordsOf(outcomes, act.outcome)
      return text(`${base.sv}: ${how.sv}`, `${base.en}: ${how.en}`)
    }
    case 'approver.appointed/1':
    case 'approver.ended/1':
    case 'approver.reminded/1': {
      const role = roleWords(String(data['role']))
      return text(`${base.sv}: ${role.sv}`, `${base.en}: ${role.en}`)
    }
    case 'credential.issued/1': {
      const { replaces, beside } = data
      if (typeof beside === 'string')
        return text(`${base.sv}, vid sidan av ${beside}, som gäller`, `${base.en}, beside ${beside}, which stands`)
      if (typeof replaces !== 'string') return base
      return text(
        `${base.sv}, i stället för ${replaces}, som är återkallat`,
        `${base.en}, in place of ${replaces}, which is revoked`,
      )
    }
    case 'credential.revoked/1': {
      const { successor } = data
      if (typeof successor !== 'string') return base
      return text(`${base.sv}; i stället gäller ${successor}`, `${base.en}; ${successor} stands in its place`)
    }
    default:
      return base
  }
}

export function roleWords(role: string): Text {
  return wordsOf(actors, role)
}

export function outcomeWords(outcome: string): Text {
  return wordsOf(outcomes, outcome)
}

const months: Readonly<Record<Language, readonly string[]>> = {
  sv: 'januari februari mars april maj juni juli augusti september oktober november december'.split(' '),
  en: 'January February March April May June July August September October November December'.split(' '),
}

/** `23 november 2026 kl. 14.05.09 UTC`, `23 November 2026, 14:05:09 UTC`. Spelled here: what a machine's locale says changes with it. */
export function timeWords(instant: string, language: Language): string {
  const part = (from: number, to: number) => instant.slice(from, to)
  const date = `${Number(part(8, 10))} ${months[language][Number(part(5, 7)) - 1]} ${part(0, 4)}`
  const time = part(11, 19)
  return language === 'sv' ? `${date} kl. ${time.replaceAll(':', '.')} UTC` : `${date}, ${time} UTC`
}
