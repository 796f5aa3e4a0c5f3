/** A presentation against the MUSTs of VCDM 2.0; the credentials inside are judged on their own. */
import { isObject } from '#credentials/bytes.ts'
import type { Document } from '#credentials/lint/rule.ts'
import { contextOrder, ids, noNestedClaims, typed, typedObjects } from '#credentials/model/common.ts'
import { judgeBy, type ModelFinding, type ModelRule, unless } from '#credentials/model/rule.ts'
import { isUrl, listOf } from '#credentials/model/values.ts'

const holder: ModelRule = {
  id: 'holder',
  clause: 'VCDM 2.0 §4.13: a URL, or an object whose id is one',
  check: ({ holder: value }) =>
    unless(
      value === undefined || isUrl(isObject(value) ? value['id'] : value),
      '$.holder',
      'Innehavaren anges med en URL.',
      'The holder is named by a URL.',
    ),
}

const credentials: ModelRule = {
  id: 'verifiableCredential',
  clause: 'VCDM 2.0 §4.13: objects, never strings or addresses',
  check: ({ verifiableCredential }) =>
    listOf(verifiableCredential).flatMap((one, index) =>
      unless(
        isObject(one),
        `$.verifiableCredential[${index}]`,
        'Ett intyg är ett objekt.',
        'A credential is an object.',
      ),
    ),
}

const presentationRules: readonly ModelRule[] = [
  contextOrder,
  typed('VerifiablePresentation'),
  ids,
  holder,
  credentials,
  typedObjects('proof', 'VCDM 2.0 §4.12: a proof has a type', { id: false }),
  typedObjects('termsOfUse', 'VCDM 2.0 §5.5: terms of use have a type', { id: false }),
  noNestedClaims,
]

/** What keeps a document from being a presentation of VCDM 2.0; empty when nothing does. */
export function judgePresentation(document: Document): ModelFinding[] {
  return judgeBy(presentationRules, document)
}
