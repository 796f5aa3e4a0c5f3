/**
 * What we emit of Open Badges 3.0, stricter than the published schema: closed objects and our own words. Written from the
 * specification's tables (§B.1); the published schema itself may not be republished.
 */
const text = { type: 'string', minLength: 1 }
const uri = { type: 'string', format: 'uri' }
const moment = { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z$' }
const both = closed({ sv: text, en: text })
const set = (word: string, ...more: string[]) => ({ type: 'array', const: [word, ...more] })

function closed(properties: Record<string, unknown>, optional: readonly string[] = []) {
  const required = Object.keys(properties).filter((name) => !optional.includes(name))
  return { type: 'object', properties, required, additionalProperties: false }
}

const many = (items: unknown) => ({ type: 'array', minItems: 1, items })

const alignment = closed(
  {
    type: set('Alignment'),
    targetType: { type: 'string', pattern: '^ext:(NDQ|SeQF|EQF|Standard|Syllabus|QualityAssurance)$' },
    targetName: text,
    targetFramework: text,
    targetCode: text,
    targetUrl: uri,
    targetDescription: text,
  },
  ['targetDescription', 'targetCode'],
)

const achievement = closed(
  {
    id: uri,
    type: set('Achievement'),
    achievementType: { enum: ['MicroCredential', 'CertificateOfCompletion', 'ext:Intyg'] },
    name: text,
    nameByLanguage: both,
    description: text,
    descriptionByLanguage: both,
    criteria: closed({ narrative: text }),
    criteriaByLanguage: both,
    creator: closed({ id: uri, type: set('Profile'), name: text }),
    humanCode: text,
    version: text,
    inLanguage: { enum: ['sv', 'en'] },
    alignment: many(alignment),
    documentTerm: { enum: ['mikromerit', 'certifikat', 'diplom', 'intyg'] },
    workloadHours: { type: 'number', minimum: 0 },
    stackable: { type: 'boolean' },
    learningOutcome: many(
      closed({ type: set('LearningOutcome'), outcomeId: text, outcomeType: text, nameByLanguage: both }),
    ),
    frameworkReference: many(
      closed(
        {
          type: set('FrameworkReference'),
          referenceType: text,
          nameByLanguage: both,
          referenceCode: text,
          reference: text,
        },
        ['referenceCode', 'reference'],
      ),
    ),
    furtherByLanguage: closed({ sv: many(text), en: many(text) }),
    entryRequirement: both,
    creditsAvailable: { type: 'number', exclusiveMinimum: 0 },
    creditUnit: { enum: ['hp', 'ECTS', 'YH'] },
  },
  ['learningOutcome', 'frameworkReference', 'furtherByLanguage', 'entryRequirement', 'creditsAvailable', 'creditUnit'],
)

const evidence = {
  type: 'object',
  properties: {
    type: {
      enum: [
        ['Evidence', 'AssuranceRecord'],
        ['Evidence', 'TransparencyLogEvidence'],
      ],
    },
    genre: text,
    name: text,
    narrative: text,
    narrativeByLanguage: both,
    assuranceLevel: { enum: ['A', 'B-C1', 'C2-D', 'D-E', 'E'] },
    creditedLoa: { type: 'integer', minimum: 0, maximum: 4 },
    loaRoute: text,
    loaMoment: moment,
    assessed: { type: 'boolean' },
    assessmentType: many(text),
    participationType: text,
    supervisionType: text,
    independentExaminer: { type: 'boolean' },
    independentRole: text,
    qualityProfiles: text,
    approval: many(
      closed({
        type: set('ApprovalRecord'),
        approverRole: text,
        approvedAt: moment,
      }),
    ),
    qualityAssurance: many(text),
    trailLog: text,
    trailId: text,
    trailEntry: text,
    logOrigin: text,
    logIndex: { type: 'integer', minimum: 0 },
    tlogProof: text,
    replaces: uri,
  },
  required: ['type', 'genre', 'name', 'narrative', 'narrativeByLanguage'],
  additionalProperties: false,
}

export const openBadgeSchema = closed(
  {
    '@context': { type: 'array', minItems: 3, maxItems: 3 },
    id: uri,
    type: {
      type: 'array',
      minItems: 2,
      items: { enum: ['VerifiableCredential', 'OpenBadgeCredential', 'TestCredential'] },
    },
    name: text,
    nameByLanguage: both,
    description: text,
    descriptionByLanguage: both,
    issuer: closed(
      {
        id: uri,
        type: set('Profile'),
        name: text,
        nameByLanguage: both,
        address: closed({ type: set('Address'), addressCountryCode: { type: 'string', pattern: '^[A-Z]{2}$' } }),
        url: uri,
      },
      ['url'],
    ),
    validFrom: moment,
    validUntil: moment,
    awardedDate: moment,
    credentialSubject: closed(
      {
        id: { type: 'string', pattern: '^urn:uuid:' },
        type: set('AchievementSubject'),
        holderName: text,
        creditsEarned: { type: 'number', exclusiveMinimum: 0 },
        result: many(closed({ type: set('Result'), value: text, gradedAssessment: text, gradingScale: text })),
        achievement,
      },
      ['holderName', 'creditsEarned', 'result'],
    ),
    evidence: many(evidence),
    credentialSchema: many(closed({ id: uri, type: { const: '1EdTechJsonSchemaValidator2019' } })),
    credentialStatus: closed({
      id: uri,
      type: { const: 'BitstringStatusListEntry' },
      statusPurpose: { const: 'revocation' },
      statusListIndex: { type: 'string', pattern: '^(0|[1-9][0-9]*)$' },
      statusListCredential: uri,
    }),
  },
  ['validUntil'],
)
