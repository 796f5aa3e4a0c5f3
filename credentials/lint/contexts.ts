/** Holds the document to the two published contexts and our own inline words; another context could give every member a new meaning. */
import { isDeepStrictEqual } from 'node:util'
import { contextsFor } from '#credentials/formats/context.ts'
import { type LintRule, none, problem } from '#credentials/lint/rule.ts'

export const contexts: LintRule = {
  id: 'contexts',
  clause: 'VCDM 2.0 §4.3, Open Badges 3.0 §B.1.1',
  check: (document, { content }) =>
    isDeepStrictEqual(document['@context'], contextsFor(content))
      ? none
      : problem('$.@context', 'Sammanhangen är inte de föreskrivna.', 'The contexts are not the prescribed ones.'),
}
