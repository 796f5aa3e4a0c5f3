/** The word the sender probably meant: one letter wrong in a member name should not cost an afternoon. */

/** The one of `words` closest to `text`, or undefined when none is close. Case, hyphens and underscores count for nothing. */
export function nearest(text: string, words: readonly string[]): string | undefined {
  if (text.length > 80) return undefined
  const wanted = plain(text)
  let best: { readonly word: string; readonly distance: number } | undefined
  for (const word of words) {
    const candidate = plain(word)
    const distance = editDistance(wanted, candidate)
    const allowed = Math.max(1, Math.floor(candidate.length / 4))
    if (distance <= allowed && distance < (best?.distance ?? Number.POSITIVE_INFINITY)) best = { word, distance }
  }
  return best?.word
}

/** `completed_at` and `CompletedAt` are the same word. */
function plain(text: string): string {
  return text.toLowerCase().replaceAll(/[-_\s]/g, '')
}

/** Levenshtein distance, two rows. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [row, letter] of Array.from(a).entries()) {
    const current = [row + 1]
    for (const [column, other] of Array.from(b).entries()) {
      const replace = (previous[column] ?? 0) + (letter === other ? 0 : 1)
      current.push(Math.min(replace, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1))
    }
    previous = current
  }
  return previous[b.length] ?? a.length
}
