/** Rules that credentials and presentations share. */
import { isObject } from '#credentials/bytes.ts'
import { everything } from '#credentials/lint/rule.ts'
import { type ModelRule, unless } from '#credentials/model/rule.ts'
import { isUrl, listOf, typesOf } from '#credentials/model/values.ts'

const base = 'https://www.w3.org/ns/credentials/v2'

export const contextOrder: ModelRule = {
  id: 'context',
  clause: 'VCDM 2.0 §4.3: an ordered set, the base context first, then URLs and objects',
  check: ({ '@context': context }) => {
    if (!Array.isArray(context) || context[0] !== base) {
      return unless(false, '$.@context', `Först ska ${base} stå.`, `It must be a list that begins with ${base}.`)
    }
    return context.flatMap((one: unknown, index) =>
      unless(
        isObject(one) || isUrl(one),
        `$.@context[${index}]`,
        'Varken en adress eller ett objekt.',
        'Neither a URL nor an object.',
      ),
    )
  },
}

export const ids: ModelRule = {
  id: 'id',
  clause: 'VCDM 2.0 §4.4: an id is a single URL, wherever it stands',
  check: (document) =>
    everything(document)
      .filter(({ value }) => isObject(value) && 'id' in value && !isUrl(value['id']))
      .map(({ path }) => ({
        path: `${path}.id`,
        because: { sv: 'Ett id är en enda URL.', en: 'An id is a single URL.' },
      })),
}

/** `type` names at least this word. */
export function typed(word: string): ModelRule {
  return {
    id: 'type',
    clause: `VCDM 2.0 §4.5: type is present and includes ${word}`,
    check: ({ type }) =>
      unless(
        typesOf(type)?.includes(word) === true,
        '$.type',
        `Typen ska innehålla ${word}.`,
        `The type must include ${word}.`,
      ),
  }
}

/** Objects of this member each have a type, and an id where demanded. */
export function typedObjects(name: string, clause: string, demands: { readonly id: boolean }): ModelRule {
  return {
    id: name,
    clause,
    check: ({ [name]: value }) =>
      (Array.isArray(value) && value.length === 0 ? [undefined] : listOf(value)).flatMap((one, index) =>
        unless(
          isObject(one) && typesOf(one['type']) !== undefined && (!demands.id || isUrl(one['id'])),
          `$.${name}[${index}]`,
          `Ett objekt med type${demands.id ? ' och id' : ''} krävs.`,
          `It must be an object with a type${demands.id ? ' and an id' : ''}.`,
        ),
      ),
  }
}

export const noNestedClaims: ModelRule = {
  id: 'vc-claim',
  clause: 'VC-JOSE-COSE §3.1.3: no vc or vp claim beside the members',
  check: (document) =>
    ['vc', 'vp'].flatMap((name) =>
      unless(!(name in document), `$.${name}`, `${name} hör inte hit.`, `${name} does not belong here.`),
    ),
}
