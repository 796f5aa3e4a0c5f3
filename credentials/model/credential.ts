/** Any credential of VCDM 2.0 against the MUSTs of its data model. Our own badges are built to hold them; other people's are not. */
import { isObject } from '#credentials/bytes.ts'
import type { Document } from '#credentials/lint/rule.ts'
import { isBadge } from '#credentials/model/badge.ts'
import { contextOrder, ids, noNestedClaims, typed, typedObjects } from '#credentials/model/common.ts'
import { relatedResources } from '#credentials/model/related-resource.ts'
import { judgeBy, type ModelFinding, type ModelRule, unless } from '#credentials/model/rule.ts'
import { isText, isUrl, listOf, momentOf } from '#credentials/model/values.ts'

const issuer: ModelRule = {
  id: 'issuer',
  clause: 'VCDM 2.0 §4.7: a URL, or an object whose id is one',
  check: ({ issuer: value }) =>
    unless(
      isUrl(isObject(value) ? value['id'] : value),
      '$.issuer',
      'Utfärdaren anges med en URL.',
      'The issuer is named by a URL.',
    ),
}

const subjects: ModelRule = {
  id: 'credentialSubject',
  clause: 'VCDM 2.0 §4.8: one or more objects, each with claims',
  check: ({ credentialSubject }) => {
    const list = listOf(credentialSubject)
    return list.length === 0
      ? unless(false, '$.credentialSubject', 'Ingen innehavare anges.', 'No subject is named.')
      : list.flatMap((one, index) =>
          unless(
            isObject(one) && Object.keys(one).length > 0,
            `$.credentialSubject[${index}]`,
            'Inget sägs om innehavaren.',
            'Nothing is said about the subject.',
          ),
        )
  },
}

const period: ModelRule = {
  id: 'validity',
  clause: 'VCDM 2.0 §4.9: dateTimeStamp, validFrom not after validUntil',
  check: ({ validFrom, validUntil }) => {
    const [from, until] = [momentOf(validFrom), momentOf(validUntil)]
    return [
      ...unless(
        validFrom === undefined || from !== undefined,
        '$.validFrom',
        'Ange tidpunkt med tidszon.',
        'Give a moment with a time zone.',
      ),
      ...unless(
        validUntil === undefined || until !== undefined,
        '$.validUntil',
        'Ange tidpunkt med tidszon.',
        'Give a moment with a time zone.',
      ),
      ...unless(
        from === undefined || until === undefined || from <= until,
        '$.validUntil',
        'Slutar innan det börjar.',
        'It ends before it begins.',
      ),
    ]
  },
}

const texts: ModelRule = {
  id: 'text',
  clause: 'VCDM 2.0 §4.6 and §11.1: name and description are strings or language value objects',
  check: (document) => {
    const named: readonly (readonly [string, unknown])[] = [
      ['$', document],
      ['$.issuer', document['issuer']],
    ]
    return named.flatMap(([path, value]) =>
      ['name', 'description'].flatMap((name) =>
        unless(
          !isObject(value) || value[name] === undefined || isText(value[name]),
          `${path}.${name}`,
          'Varken text eller språkobjekt.',
          'Neither a string nor a language value object.',
        ),
      ),
    )
  },
}

/** Words of the base context that a credential has at its top; `proof` stands outside. */
const topWords: ReadonlySet<string> = new Set(
  [
    '@context id type name description issuer credentialSubject validFrom validUntil credentialStatus credentialSchema',
    'refreshService termsOfUse evidence relatedResource confidenceMethod renderMethod proof',
  ].flatMap((line) => line.split(' ')),
)

const topMembers: ModelRule = {
  id: 'top-member',
  clause: 'VCDM 2.0 §5.2: a word is defined by a context; a catch-all (@vocab) says nothing about it',
  check: (document) => {
    if (isBadge(document)) return []
    const inline = listOf(document['@context']).filter(isObject)
    return Object.keys(document)
      .filter((name) => !topWords.has(name) && !inline.some((context) => Object.hasOwn(context, name)))
      .map((name) => ({
        path: `$.${name}`,
        because: { sv: 'Ordet är inte definierat.', en: 'The word is not defined.' },
      }))
  },
}

/** Every rule there is. */
export const credentialRules: readonly ModelRule[] = [
  contextOrder,
  typed('VerifiableCredential'),
  ids,
  issuer,
  subjects,
  period,
  texts,
  typedObjects('credentialStatus', 'VCDM 2.0 §4.10: a status has a type', { id: false }),
  typedObjects('credentialSchema', 'VCDM 2.0 §4.11: a schema has a type and an id', { id: true }),
  typedObjects('proof', 'VCDM 2.0 §4.12: a proof has a type', { id: false }),
  typedObjects('refreshService', 'VCDM 2.0 §5.4: a refresh service has a type', { id: false }),
  typedObjects('termsOfUse', 'VCDM 2.0 §5.5: terms of use have a type', { id: false }),
  typedObjects('evidence', 'VCDM 2.0 §5.6: evidence has a type', { id: false }),
  relatedResources,
  topMembers,
  noNestedClaims,
]

/** What keeps a document from being a credential of VCDM 2.0; empty when nothing does. */
export function judgeCredential(document: Document): ModelFinding[] {
  return judgeBy(credentialRules, document)
}
