/** How it was assured, told in the credential itself; without it a band would be a letter nobody could question. */
import type { Language } from '#credentials/formats/achievement.ts'
import type { CredentialContent } from '#domain/credential/content.ts'
import { joined } from '#domain/credential/wording.ts'
import type { Text } from '#domain/words.ts'

/** Where the clearance of this credential stands in the institution's log; the trail's id is in the content. No personal data. */
export interface TrailReference {
  /** Origin of the log, `<host>/<institution>`. */
  readonly log: string
  /** Id of the entry `issuance.cleared`. */
  readonly entry: string
  readonly proof: LogProof
}

/** That the clearance stood in the log, seen by its witnesses, before anything was signed. */
export interface LogProof {
  /** Of the log, as its checkpoints name it. */
  readonly origin: string
  /** Place of the entry, from 0. */
  readonly index: number
  /** `c2sp.org/tlog-proof@v1`; its extra line holds the entry's bytes, so that the log's policy alone is enough to check it. */
  readonly text: string
}

interface EvidenceItem {
  readonly type: readonly string[]
  readonly genre: Genre
  readonly name: string
  readonly narrative: string
  readonly narrativeByLanguage: Text
}

const titles = {
  level: { sv: 'Kompetenssäkringsnivå', en: 'Competence-assurance level' },
  identity: { sv: 'Identitet', en: 'Identity' },
  assessment: { sv: 'Bedömning', en: 'Assessment' },
  participation: { sv: 'Deltagande', en: 'Participation' },
  supervision: { sv: 'Övervakning', en: 'Supervision' },
  separation: { sv: 'Åtskillnad', en: 'Separation' },
  approval: { sv: 'Godkännande', en: 'Approval' },
  'quality-assurance': { sv: 'Kvalitetssäkring', en: 'Quality assurance' },
  trail: { sv: 'Händelselogg', en: 'Audit trail' },
  proof: { sv: 'Bevis ur loggen', en: 'Proof from the log' },
  replacement: { sv: 'Ersätter', en: 'Replaces' },
} as const satisfies Record<string, Text>

/** `genre` of an item: which question it answers. */
export type Genre = keyof typeof titles

/** `evidence` of the credential (VCDM 2.0 §5.6, Open Badges 3.0 §B.1.11): what was done, never what was merely required. */
export function evidenceOf(content: CredentialContent, trail: TrailReference, language: Language) {
  const { assurance, assessment, participation, supervision } = content
  const { identity, examiner, promised } = assurance
  const item = (genre: Genre, text: Text) => itemOf(genre, text, language)
  return [
    { ...item('level', levelText(promised)), assuranceLevel: promised },
    identity === undefined
      ? { ...item('identity', nobodyIdentified), creditedLoa: 0 }
      : {
          ...item('identity', identity.text),
          creditedLoa: identity.loa,
          loaRoute: identity.route,
          loaMoment: identity.at,
        },
    { ...item('assessment', assessment.text), assessed: assessment.assessed, ...set('assessmentType', kinds(content)) },
    ...(participation === undefined
      ? []
      : [{ ...item('participation', participation.text), participationType: participation.form }]),
    { ...item('supervision', supervision.text), supervisionType: supervision.value },
    {
      ...item('separation', examiner.text),
      independentExaminer: examiner.independent,
      ...(examiner.role === undefined ? {} : { independentRole: examiner.role }),
    },
    ...approvals(content).map(({ text, approval }) => ({ ...item('approval', text), approval })),
    ...quality(content).map(({ text, ...told }) => ({ ...item('quality-assurance', text), ...told })),
    { ...item('trail', trailText), trailLog: trail.log, trailId: content.trail, trailEntry: trail.entry },
    {
      ...item('proof', proofText),
      type: ['Evidence', 'TransparencyLogEvidence'],
      logOrigin: trail.proof.origin,
      logIndex: trail.proof.index,
      tlogProof: trail.proof.text,
    },
  ]
}

/** That the credential stands in for another, which is revoked; no credential takes another's place in silence (audit-log §12, G6). */
export function replacement(language: Language): EvidenceItem {
  return itemOf('replacement', replacementText, language)
}

function itemOf(genre: Genre, text: Text, language: Language): EvidenceItem {
  return {
    type: ['Evidence', 'AssuranceRecord'],
    genre,
    name: titles[genre][language],
    narrative: text[language],
    narrativeByLanguage: text,
  }
}

/** A list member, left out when empty: Open Badges wants no empty arrays. */
function set(name: string, items: readonly string[]): Record<string, readonly string[]> {
  return items.length === 0 ? {} : { [name]: items }
}

/** Purpose and form together, `summative-practical`: one result may be both (levels.md). */
function kinds({ assessment }: CredentialContent): string[] {
  return assessment.types.flatMap(({ purpose, forms }) => forms.map((form) => `${purpose}-${form}`))
}

function approvals({ assurance }: CredentialContent) {
  if (assurance.approvals.length === 0) return []
  const approval = assurance.approvals.map(({ role, at }) => ({
    type: ['ApprovalRecord'],
    approverRole: role,
    approvedAt: at,
  }))
  const count = approval.length
  const text = {
    sv: count === 1 ? 'Utfärdandet är godkänt av en person.' : `Utfärdandet är godkänt av ${count} personer.`,
    en: count === 1 ? 'Issuance was approved by one person.' : `Issuance was approved by ${count} persons.`,
  }
  return [{ text, approval }]
}

/** Annex I, element 11: on what the quality assurance stands, and the version of the profiles that were applied. */
function quality({ quality: { bases, profiles } }: CredentialContent) {
  if (bases.length === 0) return []
  const text = joined(
    bases.map((basis) => basis.text),
    '; ',
  )
  return [{ text, qualityProfiles: profiles, qualityAssurance: bases.map((basis) => basis.reference) }]
}

const nobodyIdentified: Text = { sv: 'Innehavaren identifierades inte.', en: 'The holder was not identified.' }

const trailText: Text = {
  sv: 'Hela utfärdandekedjan finns i utfärdarens händelselogg.',
  en: 'The whole issuance chain stands in the issuer’s audit log.',
}

const replacementText: Text = {
  sv: 'Beviset ersätter ett tidigare, som är återkallat.',
  en: 'The credential replaces an earlier one, which is revoked.',
}

const proofText: Text = {
  sv: 'Klareringen stod i loggen, sedd av loggens vittnen, innan bevisen signerades.',
  en: 'The clearance stood in the log, seen by the log’s witnesses, before the credential was signed.',
}

function levelText(band: string): Text {
  return {
    sv: `Underlaget når kompetenssäkringsnivå ${band}; nivån är beräknad, inte angiven.`,
    en: `The evidence reaches competence-assurance level ${band}; the level was computed, not stated.`,
  }
}
