/** The strict serialisation: `type` is an array where Open Badges has a set, and names what the place demands. */
import { isObject } from '#credentials/bytes.ts'
import { type Leaf, type LintRule, member, none, type Problem } from '#credentials/lint/rule.ts'

const demanded: readonly (readonly [string, readonly string[]])[] = [
  ['VerifiableCredential', ['type']],
  ['OpenBadgeCredential', ['type']],
  ['Profile', ['issuer', 'type']],
  ['AchievementSubject', ['credentialSubject', 'type']],
  ['Achievement', ['credentialSubject', 'achievement', 'type']],
]

/** One word by the schema, never a set. */
const single: ReadonlySet<string> = new Set(['credentialStatus', 'credentialSchema'])

export const typeArrays: LintRule = {
  id: 'type-arrays',
  clause: 'Open Badges 3.0 JSON Schema (strict family), VCDM 2.0 §4.5',
  check: (document) =>
    demanded
      .filter(([word, path]) => !includes(member(document, ...path), word))
      .map(([word, path]) => at(`$.${path.join('.')}`, word)),
  each: bareType,
}

/** A type that the strict schema wants as a list and that is none. */
export function bareType(leaf: Leaf): readonly Problem[] {
  const { value } = leaf
  return isObject(value) && 'type' in value && !fits(leaf.name, value['type']) ? [at(`${leaf.path}.type`, 'set')] : none
}

function includes(value: unknown, word: string): boolean {
  return Array.isArray(value) && value.includes(word)
}

function fits(name: string, type: unknown): boolean {
  return single.has(name)
    ? typeof type === 'string'
    : Array.isArray(type) && type.every((one) => typeof one === 'string')
}

function at(path: string, word: string) {
  return {
    path,
    because: { sv: `Typen är inte den föreskrivna (${word}).`, en: `The type is not as prescribed (${word}).` },
  }
}
