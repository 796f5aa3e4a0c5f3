/** Open Badges 3.0: turns format-neutral content into the document others can read; the only place that knows the format's shape. */
import { hash } from 'node:crypto'
import { achievementOf, languageOf, marked } from '#credentials/formats/achievement.ts'
import type { CredentialContent } from '#credentials/formats/content.ts'
import { ownContext, publishedContexts } from '#credentials/formats/context.ts'
import { evidenceOf, type TrailReference } from '#credentials/formats/evidence.ts'

const schema = 'https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json'

/** The institution as issuer. `id` is its profile's URL, `<base>/institutions/<id>`. */
export interface Issuer {
  readonly id: string
  /** The institution's id in our register; keys are looked up by it. */
  readonly institution: string
}

/** A status slot that was claimed for this credential before signing. */
export interface StatusSlot {
  readonly list: string
  readonly index: number
}

export interface BadgeRequest {
  readonly content: CredentialContent
  readonly issuer: Issuer
  readonly credentialId: string
  readonly status: StatusSlot
  readonly trail: TrailReference
  /** Issuance, RFC 3339; cut to whole seconds so that `nbf` says exactly the same. */
  readonly at: string
}

/**
 * The unsigned AchievementCredential of a credential (Open Badges 3.0 §B.1.1). A pure function of its request: a repeat after a crash
 * builds the same bytes.
 */
export function buildOpenBadge({ content, issuer, credentialId, status, trail, at }: BadgeRequest) {
  const { achievement, awardingBody } = content
  const language = languageOf(achievement)
  const profile = { id: issuer.id, name: awardingBody.name[language] }
  const name = marked(achievement.name, achievement.test)
  const validFrom = wholeSeconds(at)
  return {
    '@context': [...publishedContexts, ownContext],
    id: credentialUrl(issuer, credentialId),
    type: ['VerifiableCredential', 'OpenBadgeCredential', ...(achievement.test ? ['TestCredential'] : [])],
    name: name[language],
    nameByLanguage: name,
    issuer: {
      ...profile,
      type: ['Profile'],
      nameByLanguage: awardingBody.name,
      address: { type: ['Address'], addressCountryCode: awardingBody.country },
      ...(awardingBody.url === undefined ? {} : { url: awardingBody.url }),
    },
    validFrom,
    ...(achievement.validForMonths === undefined ? {} : { validUntil: later(validFrom, achievement.validForMonths) }),
    awardedDate: wholeSeconds(content.awardedAt),
    credentialSubject: {
      id: subjectId(credentialId),
      type: ['AchievementSubject'],
      ...(content.holderName === undefined ? {} : { holderName: content.holderName }),
      ...(achievement.credits === undefined ? {} : { creditsEarned: achievement.credits.value }),
      ...(content.grade === undefined ? {} : { result: [{ type: ['Result'], value: content.grade.value }] }),
      achievement: achievementOf(content, profile),
    },
    evidence: evidenceOf(content, trail, language),
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

export type OpenBadge = ReturnType<typeof buildOpenBadge>

/** `id` and `jti` of a credential. */
export function credentialUrl(issuer: Issuer, credentialId: string): string {
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

function wholeSeconds(at: string): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}

/** Calendar months on, at most the last day of the month reached. */
function later(from: string, months: number): string {
  const start = new Date(from)
  const end = new Date(start)
  end.setUTCMonth(start.getUTCMonth() + months, 1)
  const lastDay = new Date(Date.UTC(end.getUTCFullYear(), end.getUTCMonth() + 1, 0)).getUTCDate()
  end.setUTCDate(Math.min(start.getUTCDate(), lastDay))
  return wholeSeconds(end.toISOString())
}
