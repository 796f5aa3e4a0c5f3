/** Which of our two languages an answer is written in; codes never change with it (RFC 9110 §12.5.4). */
import type { Text } from '#domain/words.ts'

export type Language = keyof Text

/** Picks by `Accept-Language`; English where nothing fits, so that a client without the header gets the common tongue. */
export function languageOf(header: string | undefined): Language {
  const wanted = (header ?? '')
    .split(',', 20)
    .map(preference)
    .filter((one) => one.weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
  return wanted.find((one) => one.language !== undefined)?.language ?? 'en'
}

function preference(part: string): { language: Language | undefined; weight: number } {
  const [tag = '', ...parameters] = part.trim().toLowerCase().split(';')
  const quality = parameters.map((text) => /^\s*q\s*=\s*(\d(?:\.\d{1,3})?)\s*$/.exec(text)?.[1]).find(Boolean)
  const primary = tag.split('-')[0]
  const language = primary === 'sv' || primary === 'en' ? primary : undefined
  return { language, weight: quality === undefined ? 1 : Number(quality) }
}
