/** Our own words in a badge, defined inside the document: a context of ours on the web could go dark and take every credential with it. */

/** Namespace of our terms; a name, not a page. */
export const vocabulary = 'https://beviskedja.org/ns#'

const xsd = 'http://www.w3.org/2001/XMLSchema#'
const term = (name: string) => `${vocabulary}${name}`
const typed = (name: string, type: string) => ({ '@id': term(name), '@type': `${xsd}${type}` })
const bilingual = (name: string) => ({ '@id': term(name), '@container': '@language' })

/** Open Badges 3.0 §B: the first two are fixed, in this order. */
export const publishedContexts = [
  'https://www.w3.org/ns/credentials/v2',
  'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json',
] as const

/**
 * Third element of `@context`. Every member we add beside Open Badges' own stands here, so that JSON-LD in safe mode drops nothing;
 * none of the names is defined by the two published contexts, which protect theirs.
 */
export const ownContext = {
  '1EdTechJsonSchemaValidator2019': 'https://purl.imsglobal.org/spec/vc/ob/vocab.html#1EdTechJsonSchemaValidator2019',
  TestCredential: term('TestCredential'),
  AssuranceRecord: term('AssuranceRecord'),
  LearningOutcome: term('LearningOutcome'),
  FrameworkReference: term('FrameworkReference'),
  ApprovalRecord: term('ApprovalRecord'),
  nameByLanguage: bilingual('nameByLanguage'),
  descriptionByLanguage: bilingual('descriptionByLanguage'),
  criteriaByLanguage: bilingual('criteriaByLanguage'),
  narrativeByLanguage: bilingual('narrativeByLanguage'),
  furtherByLanguage: { '@id': term('furtherByLanguage'), '@container': ['@language', '@set'] },
  documentTerm: term('documentTerm'),
  assessed: typed('assessed', 'boolean'),
  holderName: term('holderName'),
  workloadHours: typed('workloadHours', 'decimal'),
  creditUnit: term('creditUnit'),
  entryRequirement: bilingual('entryRequirement'),
  stackable: typed('stackable', 'boolean'),
  learningOutcome: { '@id': term('learningOutcome'), '@container': '@set' },
  outcomeId: term('outcomeId'),
  outcomeType: term('outcomeType'),
  assessmentType: { '@id': term('assessmentType'), '@container': '@set' },
  participationType: term('participationType'),
  frameworkReference: { '@id': term('frameworkReference'), '@container': '@set' },
  referenceType: term('referenceType'),
  reference: term('reference'),
  referenceCode: term('referenceCode'),
  gradedAssessment: term('gradedAssessment'),
  gradingScale: term('gradingScale'),
  qualityProfiles: term('qualityProfiles'),
  qualityAssurance: { '@id': term('qualityAssurance'), '@container': '@set' },
  supervisionType: term('supervisionType'),
  assuranceLevel: term('assuranceLevel'),
  creditedLoa: typed('creditedLoa', 'integer'),
  loaRoute: term('loaRoute'),
  loaMoment: typed('loaMoment', 'dateTime'),
  independentExaminer: typed('independentExaminer', 'boolean'),
  independentRole: term('independentRole'),
  approval: { '@id': term('approval'), '@container': '@set' },
  approverRole: term('approverRole'),
  approvedAt: typed('approvedAt', 'dateTime'),
  trailLog: term('trailLog'),
  trailId: term('trailId'),
  trailEntry: term('trailEntry'),
  TransparencyLogEvidence: term('TransparencyLogEvidence'),
  logOrigin: term('logOrigin'),
  logIndex: typed('logIndex', 'integer'),
  tlogProof: term('tlogProof'),
} as const

/** Of a credential that stands in for another. Apart, so that all others stay the bytes they were. */
const replacingContext = { ...ownContext, replaces: { '@id': term('replaces'), '@type': '@id' } } as const

/** The whole `@context` of a credential. */
export function contextsFor({ replaces }: { readonly replaces?: unknown }) {
  return [...publishedContexts, replaces === undefined ? ownContext : replacingContext] as const
}

/** All words a lint may find in our documents beside the published ones. */
export const ownTerms: ReadonlySet<string> = new Set(Object.keys(replacingContext))
