/** What was earned, in Open Badges' words; the part of a credential that is the same for everybody who earned it. */
import type { CredentialContent } from '#credentials/formats/content.ts'
import { vocabulary } from '#credentials/formats/context.ts'
import type { Achievement, Outcome, Placement } from '#domain/register.ts'
import type { Text } from '#domain/words.ts'

export type Language = 'sv' | 'en'

/** The achievement's first language: Open Badges has one text per member, the other language stands beside it. */
export function languageOf(achievement: Achievement): Language {
  return achievement.languages[0] ?? 'sv'
}

/** Marks texts of test achievements, so that no reader takes one for the real thing. */
export function marked(text: Text, test: boolean): Text {
  return test ? { sv: `TEST – ${text.sv}`, en: `TEST – ${text.en}` } : text
}

/** `achievement` of the subject (Open Badges 3.0 §B.1.2). */
export function achievementOf(content: CredentialContent, issuer: { readonly id: string; readonly name: string }) {
  const { achievement } = content
  const language = languageOf(achievement)
  const name = marked(achievement.name, achievement.test)
  const description = describe(content)
  return {
    id: `${issuer.id}/achievements/${achievement.id}/${achievement.version}`,
    type: ['Achievement'],
    achievementType: achievementType(content),
    name: name[language],
    nameByLanguage: name,
    description: description[language],
    descriptionByLanguage: description,
    criteria: { narrative: narrative(achievement, language) },
    criteriaByLanguage: { sv: narrative(achievement, 'sv'), en: narrative(achievement, 'en') },
    creator: { id: issuer.id, type: ['Profile'], name: issuer.name },
    humanCode: achievement.id,
    version: String(achievement.version),
    inLanguage: language,
    alignment: alignments(content),
    documentTerm: content.term,
    workloadHours: achievement.workloadHours,
    stackable: achievement.stackable,
    ...(achievement.outcomes.length === 0 ? {} : { learningOutcome: achievement.outcomes.map(learningOutcome) }),
    ...(achievement.prerequisites === undefined ? {} : { entryRequirement: achievement.prerequisites }),
    ...(achievement.credits === undefined
      ? {}
      : { creditsAvailable: achievement.credits.value, creditUnit: achievement.credits.unit }),
  }
}

/** `MicroCredential` only in the EU sense; the rest is an attestation (levels.md, "rules that hold in every band"). */
function achievementType({ microCredential }: CredentialContent): string {
  return microCredential ? 'MicroCredential' : 'ext:Attestation'
}

function describe({ achievement, microCredential }: CredentialContent): Text {
  const text = marked(achievement.description, achievement.test)
  return microCredential
    ? text
    : { sv: `${text.sv} (Ej bedömt läranderesultat.)`, en: `${text.en} (Learning outcomes not assessed.)` }
}

/** Criteria and the intended learning outcomes, as Markdown (Annex I, element 6). */
function narrative(achievement: Achievement, language: Language): string {
  const outcomes = achievement.outcomes.map((outcome) => `- ${outcome.text[language]}`)
  return [achievement.criteria[language], ...(outcomes.length === 0 ? [] : ['', ...outcomes])].join('\n')
}

function learningOutcome({ id, text, type }: Outcome) {
  return { type: ['LearningOutcome'], outcomeId: id, outcomeType: type, nameByLanguage: text }
}

/** The band, and the placement in SeQF with the EQF level it is referenced to (standards §3.1). */
function alignments({ band, achievement }: CredentialContent) {
  return [
    {
      type: ['Alignment'],
      targetType: 'ext:NDQ',
      targetName: `Kompetenssäkringsnivå ${band}`,
      targetFramework: 'Kompetenssäkringsnivåer (NDQ)',
      targetCode: band,
      targetUrl: `${vocabulary}level-${band}`,
    },
    ...(achievement.placement === undefined ? [] : placements(achievement.placement)),
  ]
}

const bases: Readonly<Record<Placement['basis'], string>> = {
  ordinance: 'by ordinance',
  decision: 'by decision',
  approved: 'approved',
  'self-referenced': 'referenced by the issuer itself',
}

function placements({ framework, level, basis, reference }: Placement) {
  const shared = { type: ['Alignment'], targetCode: String(level), targetUrl: `http://data.europa.eu/snb/eqf/${level}` }
  const eqf = {
    ...shared,
    targetType: 'ext:EQF',
    targetName: `EQF ${level}`,
    targetFramework: 'European Qualifications Framework',
  }
  if (framework === 'EQF') return [{ ...eqf, targetDescription: `${bases[basis]}: ${reference}` }]
  const seqf = {
    ...shared,
    targetType: 'ext:SeQF',
    targetName: `SeQF ${level}`,
    targetFramework: 'Sveriges referensram för kvalifikationer (SeQF)',
    targetDescription: `${bases[basis]}: ${reference}`,
  }
  return [seqf, eqf]
}
