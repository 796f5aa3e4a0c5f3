/** Somebody else's achievement credential against what Open Badges 3.0 demands of any; our own have a lint of their own, which demands more. */
import { isObject } from '#credentials/bytes.ts'
import { type Document, everything, member } from '#credentials/lint/rule.ts'
import { looseValue } from '#credentials/lint/strict-values.ts'
import { bareType } from '#credentials/lint/type-arrays.ts'
import { judgeBy, type ModelFinding, type ModelRule, unless } from '#credentials/model/rule.ts'
import { isUrl, typesOf } from '#credentials/model/values.ts'

export function isBadge({ type }: Document): boolean {
  return typesOf(type)?.some((one) => one === 'OpenBadgeCredential' || one === 'AchievementCredential') === true
}

const demanded: readonly (readonly [string, readonly string[]])[] = [
  ['Profile', ['issuer']],
  ['AchievementSubject', ['credentialSubject']],
  ['Achievement', ['credentialSubject', 'achievement']],
]

const texts: readonly (readonly string[])[] = [
  ['name'],
  ['credentialSubject', 'achievement', 'name'],
  ['credentialSubject', 'achievement', 'description'],
]

const badgeRules: readonly ModelRule[] = [
  {
    id: 'badge-members',
    clause: 'Open Badges 3.0 §B.1: AchievementCredential, AchievementSubject, Achievement, Profile',
    check: (document) => [
      ...unless(isUrl(document['id']), '$.id', 'Ett id krävs.', 'It needs an id.'),
      ...unless(document['validFrom'] !== undefined, '$.validFrom', 'Början krävs.', 'It needs a beginning.'),
      ...demanded.flatMap(([word, path]) =>
        unless(
          typesOf(member(document, ...path, 'type'))?.includes(word) === true,
          `$.${path.join('.')}.type`,
          `Typen ska innehålla ${word}.`,
          `The type must include ${word}.`,
        ),
      ),
      ...texts.flatMap((path) =>
        unless(isText(member(document, ...path)), `$.${path.join('.')}`, 'Text krävs.', 'It needs a text.'),
      ),
      ...unless(
        isObject(member(document, 'credentialSubject', 'achievement', 'criteria')),
        '$.credentialSubject.achievement.criteria',
        'Krav ska anges.',
        'It needs criteria.',
      ),
    ],
  },
  {
    id: 'badge-subject',
    clause: 'Open Badges 3.0 §8.2.4: sub is the subject’s id',
    check: (document) =>
      unless(
        isUrl(member(document, 'credentialSubject', 'id')),
        '$.credentialSubject.id',
        'Innehavaren behöver ett id.',
        'The subject needs an id.',
      ),
  },
  {
    id: 'badge-strict',
    clause: 'Open Badges 3.0 JSON Schema (strict family): lists of types, nothing empty',
    check: (document) => everything(document).flatMap((leaf) => [...looseValue(leaf), ...bareType(leaf)]),
  },
]

/** What keeps a document from being an achievement credential; empty when nothing does. */
export function judgeBadge(document: Document): ModelFinding[] {
  return judgeBy(badgeRules, document)
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== ''
}
