/** Members without which a verifier of Open Badges refuses the document. */
import { isObject } from '#credentials/bytes.ts'
import { type LintRule, member } from '#credentials/lint/rule.ts'

const texts: readonly (readonly string[])[] = [
  ['id'],
  ['name'],
  ['validFrom'],
  ['issuer', 'id'],
  ['issuer', 'name'],
  ['credentialSubject', 'id'],
  ['credentialSubject', 'achievement', 'id'],
  ['credentialSubject', 'achievement', 'name'],
  ['credentialSubject', 'achievement', 'description'],
  ['credentialSubject', 'achievement', 'achievementType'],
  ['credentialSubject', 'achievement', 'criteria', 'narrative'],
]

export const requiredMembers: LintRule = {
  id: 'required-members',
  clause: 'Open Badges 3.0 §B.1 (AchievementCredential, AchievementSubject, Achievement, Profile)',
  check: (document) => [
    ...texts.filter((path) => !isText(member(document, ...path))).map((path) => lacking(`$.${path.join('.')}`)),
    ...(isObject(member(document, 'credentialStatus')) ? [] : [lacking('$.credentialStatus')]),
  ],
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== ''
}

function lacking(path: string) {
  return { path, because: { sv: 'Uppgiften saknas.', en: 'The member is missing.' } }
}
