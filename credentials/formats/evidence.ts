/** How it was assured, told in the credential itself; without it a band would be a letter nobody could question. */
import type { Language } from '#credentials/formats/achievement.ts'
import type { CredentialContent } from '#credentials/formats/content.ts'
import type { Text } from '#domain/words.ts'

/** Where the trail of the case is found: log origin, random trail id and the id of the clearance entry. No personal data. */
export interface TrailReference {
  readonly log: string
  readonly trail: string
  readonly entry: string
}

/** `evidence` of the credential (VCDM 2.0 §5.6, Open Badges 3.0 §B.1.11): what was done, never what was merely required. */
export function evidenceOf(content: CredentialContent, trail: TrailReference, language: Language) {
  const { band, assurance } = content
  const item: Item = (genre, text) => ({
    type: ['Evidence', 'AssuranceRecord'],
    genre,
    name: titles[genre]?.[language] ?? genre,
    narrative: text[language],
    narrativeByLanguage: text,
  })
  const { identity, assessment, participation, supervision, independentExaminer, qualityAssurance } = assurance
  return [
    { ...item('level', levelText(band)), assuranceLevel: band },
    ...(identity === undefined
      ? [{ ...item('identity', nobodyIdentified), creditedLoa: 0 }]
      : [
          {
            ...item('identity', identity.text),
            creditedLoa: identity.loa,
            loaRoute: identity.route,
            loaMoment: identity.at,
          },
        ]),
    {
      ...item('assessment', assessment.text),
      assessed: assessment.assessed,
      ...set('assessmentType', assessment.types),
    },
    { ...item('participation', participation.text), participationType: participation.form },
    { ...item('supervision', supervision.text), supervisionType: supervision.form },
    { ...item('separation', independentExaminer.text), independentExaminer: independentExaminer.value },
    ...approvals(content, item),
    { ...item('quality-assurance', qualityAssurance.text), ...set('qualityAssurance', qualityAssurance.references) },
    { ...item('trail', trailText), trailLog: trail.log, trailId: trail.trail, trailEntry: trail.entry },
  ]
}

/** A list member, left out when empty: Open Badges wants no empty arrays. */
function set(name: string, items: readonly string[]): Record<string, readonly string[]> {
  return items.length === 0 ? {} : { [name]: items }
}

interface EvidenceItem {
  readonly type: readonly string[]
  readonly genre: string
  readonly name: string
  readonly narrative: string
  readonly narrativeByLanguage: Text
}

type Item = (genre: string, text: Text) => EvidenceItem

function approvals({ assurance }: CredentialContent, item: Item) {
  if (assurance.approvals.length === 0) return []
  const approval = assurance.approvals.map(({ role, at, loa }) => ({
    type: ['ApprovalRecord'],
    approverRole: role,
    approvedAt: at,
    creditedLoa: loa,
  }))
  const count = approval.length
  const text = {
    sv: count === 1 ? 'Utfärdandet är godkänt av en person.' : `Utfärdandet är godkänt av ${count} personer.`,
    en: count === 1 ? 'Issuance was approved by one person.' : `Issuance was approved by ${count} persons.`,
  }
  return [{ ...item('approval', text), approval }]
}

const titles: Readonly<Record<string, Text>> = {
  level: { sv: 'Kompetenssäkringsnivå', en: 'Competence-assurance level' },
  identity: { sv: 'Identitet', en: 'Identity' },
  assessment: { sv: 'Bedömning', en: 'Assessment' },
  participation: { sv: 'Deltagande', en: 'Participation' },
  supervision: { sv: 'Övervakning', en: 'Supervision' },
  separation: { sv: 'Åtskillnad', en: 'Separation' },
  approval: { sv: 'Godkännande', en: 'Approval' },
  'quality-assurance': { sv: 'Kvalitetssäkring', en: 'Quality assurance' },
  trail: { sv: 'Händelselogg', en: 'Audit trail' },
}

const nobodyIdentified: Text = { sv: 'Innehavaren identifierades inte.', en: 'The holder was not identified.' }

const trailText: Text = {
  sv: 'Hela utfärdandekedjan finns i utfärdarens händelselogg.',
  en: 'The whole issuance chain stands in the issuer’s audit log.',
}

function levelText(band: string): Text {
  return {
    sv: `Kompetenssäkringsnivån är beräknad till ${band} ur underlaget.`,
    en: `The competence-assurance level ${band} was computed from the evidence.`,
  }
}
