/** Open Badges 3.0: turns format-neutral content into the document others can read; the only place that knows the format's shape. */
import { hash } from 'node:crypto'
import { achievementOf, type Language, languageOf, marked } from '#credentials/formats/achievement.ts'
import { contextsFor } from '#credentials/formats/context.ts'
import { evidenceOf, replacement, type TrailReference } from '#credentials/formats/evidence.ts'
import type { CredentialContent } from '#domain/credential/content.ts'

const schema = 'https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json'

/** The institution as issuer. `id` is its profile's URL, `<base>/institutions/<id>`. */
export interface Issuer {
  readonly id: string
  /** The institution's id in our register; keys are looked up by it. */
  readonly institution: string
}

/** A status slot that was claimed for this credential before signing. */
export interface StatusSlot {
  /** URL the list is served at. */
  readonly list: string
  readonly index: number
}

export interface BadgeRequest {
  readonly content: CredentialContent
  readonly issuer: Issuer
  readonly credentialId: string
  readonly status: StatusSlot
  readonly trail: TrailReference
}

/**
 * The unsigned AchievementCredential of a credential (Open Badges 3.0 §B.1.1). A pure function of its request: a repeat after a crash
 * builds the same bytes. Moments of validity are cut to whole seconds, so that `nbf` and `exp` say exactly the same.
 */
export function buildOpenBadge({ content, issuer, credentialId, status, trail }: BadgeRequest) {
  const { achievement, awardedBy, heading, test, validity } = content
  const language = languageOf(content)
  const profile = { id: issuer.id, name: awardedBy.name[language] }
  const name = marked(achievement.name, test)
  const validFrom = wholeSeconds(validity.from)
  return {
    '@context': contextsFor(content),
    id: credentialUrl(issuer, credentialId),
    type: ['VerifiableCredential', 'OpenBadgeCredential', ...(test ? ['TestCredential'] : [])],
    name: name[language],
    nameByLanguage: name,
    description: heading[language],
    descriptionByLanguage: heading,
    issuer: {
      ...profile,
      type: ['Profile'],
      nameByLanguage: awardedBy.name,
      address: { type: ['Address'], addressCountryCode: awardedBy.country },
      ...(awardedBy.url === undefined ? {} : { url: awardedBy.url }),
    },
    validFrom,
    ...(validity.until === undefined ? {} : { validUntil: wholeSeconds(validity.until) }),
    awardedDate: wholeSeconds(content.issuedAt),
    credentialSubject: {
      id: subjectId(credentialId),
      type: ['AchievementSubject'],
      ...(content.learner.name === undefined ? {} : { holderName: content.learner.name }),
      ...(content.workload.credits === undefined ? {} : { creditsEarned: content.workload.credits.value }),
      ...(content.grades.length === 0 ? {} : { result: content.grades.map(resultOf) }),
      achievement: achievementOf(content, profile),
    },
    evidence: [...evidenceOf(content, trail, language), ...replacedIn(content, issuer, language)],
    credentialSchema: [{ id: schema, type: '1EdTechJsonSchemaValidator2019' }],
    credentialStatus: {
      id: `${status.list}#${status.index}`,
      type: 'BitstringStatusListEntry',
      statusPurpose: 'revocation',
      statusListIndex: String(status.index),
      statusListCredential: status.list,
    },
  }
}

/** A revoked credential that this one stands in for, by its address. Open Badges has no member for it beside the evidence. */
function replacedIn({ replaces }: CredentialContent, issuer: Issuer, language: Language) {
  return replaces === undefined ? [] : [{ ...replacement(language), replaces: credentialUrl(issuer, replaces) }]
}

export type OpenBadge = ReturnType<typeof buildOpenBadge>

/** `id` and `jti` of a credential. */
function credentialUrl(issuer: Issuer, credentialId: string): string {
  return `${issuer.id}/credentials/${credentialId}`
}

/**
 * A subject id per credential, so that two credentials of one person cannot be joined by it (standards §1.2). Name-based, in UUID
 * version 8 (RFC 9562 §5.8), because a repeat must give the same.
 */
export function subjectId(credentialId: string): string {
  const digest = hash('sha256', `bevis-subject\n${credentialId}`, 'buffer').subarray(0, 16)
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x80
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80
  const hex = digest.toString('hex')
  return `urn:uuid:${[hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')}`
}

/** A grade as a result; which assessment and which scale stand beside it (Annex I, element 14). */
function resultOf({ assessment, value, scale }: CredentialContent['grades'][number]) {
  return { type: ['Result'], value, gradedAssessment: assessment, gradingScale: scale }
}

function wholeSeconds(at: string): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}
