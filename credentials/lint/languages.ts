/** The one text Open Badges has and the two beside it say the same; a reader of either language gets the whole. */

import { isObject } from '#credentials/bytes.ts'
import type { Language } from '#credentials/formats/achievement.ts'
import { type LintRule, none, problem } from '#credentials/lint/rule.ts'

export const languages: LintRule = {
  id: 'languages',
  clause: 'Open Badges 3.0 §B.1.3 (`inLanguage`), VCDM 2.0 §11.1',
  each: (leaf, language) =>
    !isObject(leaf.value) || agrees(leaf.value, language)
      ? none
      : problem(leaf.path, 'Texten finns inte lika på båda språken.', 'The text is not there in both languages alike.'),
}

/** `x` equals `xByLanguage` in the document's language wherever both stand, and every map has both languages. */
function agrees(value: Record<string, unknown>, language: Language): boolean {
  return Object.keys(value)
    .filter((name) => name.endsWith('ByLanguage'))
    .every((name) => {
      const texts = value[name]
      if (!isObject(texts) || !alike(texts['sv'], texts['en'])) return false
      const plain = value[name.slice(0, -'ByLanguage'.length)]
      return typeof plain !== 'string' || plain === texts[language]
    })
}

/** Both a text, or both a list of as many. */
function alike(sv: unknown, en: unknown): boolean {
  if (Array.isArray(sv) && Array.isArray(en)) return sv.length === en.length
  return typeof sv === 'string' && typeof en === 'string'
}
