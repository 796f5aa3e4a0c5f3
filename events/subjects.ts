/** Subjects on NATS, built and parsed in pairs: what permits an emitter to speak must read back as the same emitter. */
import { as, type InstitutionId } from '#domain/words.ts'
import { slugPattern } from './fields.ts'

/** Who speaks: `completions.<institution>.<source>`. The server's permissions are on exactly this subject (contracts §3). */
export interface Origin {
  readonly institution: InstitutionId
  readonly source: string
}

/** @throws TypeError for anything that is no single token, so that `*` or a dot never widens a permission */
export function completionsSubject({ institution, source }: Origin): string {
  return ['completions', token(institution), token(source)].join('.')
}

/** The origin a subject proves, or undefined for any other subject. */
export function parseCompletionsSubject(subject: string): Origin | undefined {
  const [root, institution, source, ...rest] = subject.split('.')
  if (root !== 'completions' || rest.length > 0 || !isToken(institution) || !isToken(source)) return undefined
  return { institution: as<InstitutionId>(institution), source }
}

/** What subscribers can filter by; nothing in a subject names a person or a case (design 8). */
export const issuanceTopics = ['case.step', 'credential.issued', 'credential.status-changed'] as const
export type IssuanceTopic = (typeof issuanceTopics)[number]

/** `issuance.<institution>.<topic>`, for outgoing events. */
export function issuanceSubject(institution: InstitutionId, topic: IssuanceTopic): string {
  return ['issuance', token(institution), topic].join('.')
}

export function parseIssuanceSubject(
  subject: string,
): { readonly institution: InstitutionId; readonly topic: IssuanceTopic } | undefined {
  const [root, institution, ...rest] = subject.split('.')
  const topic = issuanceTopics.find((each) => each === rest.join('.'))
  if (root !== 'issuance' || topic === undefined || !isToken(institution)) return undefined
  return { institution: as<InstitutionId>(institution), topic }
}

/** Source token rule: lower-case letters, digits and single hyphens, starting with a letter, 2–60 characters. */
export function isToken(text: string | undefined): text is string {
  return text !== undefined && text.length >= 2 && text.length <= 60 && slugPattern.test(text)
}

function token(text: string): string {
  if (!isToken(text)) throw new TypeError('not a subject token')
  return text
}
