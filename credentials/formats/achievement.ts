/** What was earned, in Open Badges' words; the part of a credential that is the same for everybody who earned it. */
import { vocabulary } from '#credentials/formats/context.ts'
import { type CredentialContent, isMicroCredential } from '#domain/credential/content.ts'
import type { Alignment } from '#domain/credential/placement.ts'
import type { Outcome } from '#domain/register.ts'
import type { Text } from '#domain/words.ts'

export type Language = 'sv' | 'en'

/** The achievement's first language: Open Badges has one text per member, the other language stands beside it. */
export function languageOf({ achievement }: CredentialContent): Language {
  return achievement.languages[0] ?? 'sv'
}

/** Marks texts of test achievements, so that no reader takes one for the real thing. */
export function marked(text: Text, test: boolean): Text {
  return test ? { sv: `TEST – ${text.sv}`, en: `TEST – ${text.en}` } : text
}

/** `achievement` of the subject (Open Badges 3.0 §B.1.2). */
export function achievementOf(content: CredentialContent, issuer: { readonly id: string; readonly name: string }) {
  const { achievement, workload, outcomes, prerequisites, further, test } = content
  const language = languageOf(content)
  const name = marked(achievement.name, test)
  const description = describe(content)
  const references = content.alignments.filter((one) => targetOf(one) === undefined)
  return {
    id: `${issuer.id}/achievements/${achievement.id}/${achievement.version}`,
    type: ['Achievement'],
    achievementType: content.achievementType,
    name: name[language],
    nameByLanguage: name,
    description: description[language],
    descriptionByLanguage: description,
    criteria: { narrative: narrative(content, language) },
    criteriaByLanguage: { sv: narrative(content, 'sv'), en: narrative(content, 'en') },
    creator: { id: issuer.id, type: ['Profile'], name: issuer.name },
    humanCode: achievement.id,
    version: String(achievement.version),
    inLanguage: language,
    alignment: alignments(content, language),
    documentTerm: content.term,
    workloadHours: workload.hours,
    stackable: content.stackable,
    ...(outcomes.length === 0 ? {} : { learningOutcome: outcomes.map(learningOutcome) }),
    ...(references.length === 0 ? {} : { frameworkReference: references.map(frameworkReference) }),
    ...(prerequisites === undefined ? {} : { entryRequirement: prerequisites }),
    ...(further.length === 0 ? {} : { furtherByLanguage: transposed(further) }),
    ...(workload.credits === undefined
      ? {}
      : { creditsAvailable: workload.credits.value, creditUnit: workload.credits.unit }),
  }
}

/** D–E and E say "not assessed" where any reader looks (levels.md). */
function describe({ achievement, assessment, assurance, test }: CredentialContent): Text {
  const text = marked(achievement.description, test)
  return isMicroCredential(assurance.promised)
    ? text
    : { sv: `${text.sv} (${assessment.text.sv})`, en: `${text.en} (${assessment.text.en})` }
}

/** Criteria and the intended learning outcomes, as Markdown (Annex I, element 6). */
function narrative({ achievement, outcomes }: CredentialContent, language: Language): string {
  const lines = outcomes.map((outcome) => `- ${outcome.text[language]}`)
  return [achievement.criteria[language], ...(lines.length === 0 ? [] : ['', ...lines])].join('\n')
}

function learningOutcome({ id, text, type }: Outcome) {
  return { type: ['LearningOutcome'], outcomeId: id, outcomeType: type, nameByLanguage: text }
}

/** The band, and every target outside that has an address (standards §3.1). */
function alignments({ assurance, alignments: given }: CredentialContent, language: Language) {
  const band = assurance.promised
  const level = {
    type: ['Alignment'],
    targetType: 'ext:NDQ',
    targetName: { sv: `Kompetenssäkringsnivå ${band}`, en: `Competence-assurance level ${band}` }[language],
    targetFramework: 'NDQ',
    targetCode: band,
    targetUrl: `${vocabulary}level-${band}`,
  }
  return [level, ...given.flatMap((one) => alignment(one, language))]
}

function alignment(given: Alignment, language: Language) {
  const targetUrl = targetOf(given)
  if (targetUrl === undefined) return []
  return [
    {
      type: ['Alignment'],
      targetType: given.type,
      targetName: given.name[language],
      targetFramework: given.type.slice('ext:'.length),
      targetUrl,
      ...(given.code === undefined ? {} : { targetCode: given.code }),
      ...(given.reference === undefined ? {} : { targetDescription: given.reference }),
    },
  ]
}

/** SeQF has no addresses of its own for its levels; they are referenced to the EQF level of the same number. */
function targetOf({ url, type, code }: Alignment): string | undefined {
  if (url !== undefined) return url
  return type === 'ext:SeQF' && code !== undefined ? `http://data.europa.eu/snb/eqf/${code}` : undefined
}

/** A target without an address cannot be an alignment in Open Badges, so it stands in a word of ours. */
function frameworkReference({ type, name, code, reference }: Alignment) {
  return {
    type: ['FrameworkReference'],
    referenceType: type,
    nameByLanguage: name,
    ...(code === undefined ? {} : { referenceCode: code }),
    ...(reference === undefined ? {} : { reference }),
  }
}

function transposed(texts: readonly Text[]) {
  return { sv: texts.map((text) => text.sv), en: texts.map((text) => text.en) }
}
