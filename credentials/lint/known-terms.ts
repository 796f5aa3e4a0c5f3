/** Every member is a word somebody defined; JSON-LD silently drops others, or refuses the document in safe mode. */
import { ownTerms } from '#credentials/formats/context.ts'
import { type Leaf, type LintRule, none, problem } from '#credentials/lint/rule.ts'

/** Of the published contexts, the words we use. */
const published: ReadonlySet<string> = new Set(
  [
    'id type name description issuer validFrom validUntil awardedDate credentialSubject evidence',
    'credentialSchema credentialStatus statusPurpose statusListIndex statusListCredential url address',
    'addressCountryCode achievement creditsEarned result value achievementType criteria narrative creator',
    'humanCode version inLanguage alignment creditsAvailable targetType targetName targetFramework',
    'targetCode targetUrl targetDescription genre',
  ].flatMap((line) => line.split(' ')),
)
/** Keys inside a language map are languages, not words. */
const language: ReadonlySet<string> = new Set(['sv', 'en'])

export const knownTerms: LintRule = {
  id: 'known-terms',
  clause: 'VCDM 2.0 §5.2 (extensibility), JSON-LD 1.1 safe mode',
  each: (leaf) =>
    leaf.parent === undefined || published.has(leaf.name) || ownTerms.has(leaf.name) || inMap(leaf)
      ? none
      : problem(leaf.path, 'Ordet är inte definierat.', 'The word is not defined.'),
}

function inMap({ name, parent }: Leaf): boolean {
  if (!language.has(name)) return false
  // The elements of a list bear its name: `furtherByLanguage.sv[0]`.
  const map = (parent?.name === name ? parent.parent : parent)?.name ?? ''
  return map.endsWith('ByLanguage') || map === 'entryRequirement'
}
