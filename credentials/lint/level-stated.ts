/** The document tells its band and how it was assured, as computed; a band without its grounds is only a letter. */
import type { Genre } from '#credentials/formats/evidence.ts'
import { evidenceItem, type LintRule, member } from '#credentials/lint/rule.ts'
import { atLeast } from '#domain/words.ts'

/** Answers that every document gives, if only with "nobody" or "nothing". */
const genres: readonly Genre[] = ['level', 'identity', 'assessment', 'supervision', 'separation', 'trail', 'proof']

export const levelStated: LintRule = {
  id: 'level-stated',
  clause:
    'levels.md, "rules that hold in every band": issued as promised, never above what was computed; Open Badges 3.0 §B.1.11',
  check: (document, { content, trail }) => {
    const { promised, computed, approvals } = content.assurance
    const told = evidenceItem(document, 'trail')
    const given = member(evidenceItem(document, 'approval'), 'approval')
    const count = Array.isArray(given) ? given.length : 0
    const level = member(evidenceItem(document, 'level'), 'assuranceLevel')
    return [
      ...genres.filter((genre) => evidenceItem(document, genre) === undefined).map(lacking),
      ...(level === promised && atLeast(computed, promised) ? [] : [lacking('level')]),
      ...(member(told, 'trailEntry') === trail.entry && member(told, 'trailId') === content.trail
        ? []
        : [lacking('trail')]),
      ...(member(evidenceItem(document, 'proof'), 'tlogProof') === trail.proof.text ? [] : [lacking('proof')]),
      ...(count === approvals.length ? [] : [lacking('approval')]),
    ]
  },
}

function lacking(genre: Genre) {
  return {
    path: `$.evidence[${genre}]`,
    because: { sv: 'Underlaget återges inte rätt.', en: 'The grounds are not told as they are.' },
  }
}
