/** The document tells its band and how it was assured, as computed; a band without its grounds is only a letter. */
import { evidenceItem, type LintRule, member } from '#credentials/lint/rule.ts'

const genres = [
  'level',
  'identity',
  'assessment',
  'participation',
  'supervision',
  'separation',
  'quality-assurance',
  'trail',
]

export const levelStated: LintRule = {
  id: 'level-stated',
  clause: 'Issue of trust §7 (evidence tells how it was assured); Open Badges 3.0 §B.1.11',
  check: (document, { content, trail }) => {
    const level = member(evidenceItem(document, 'level'), 'assuranceLevel')
    const entry = member(evidenceItem(document, 'trail'), 'trailEntry')
    const approvals = member(evidenceItem(document, 'approval'), 'approval')
    const count = Array.isArray(approvals) ? approvals.length : 0
    return [
      ...genres.filter((genre) => evidenceItem(document, genre) === undefined).map(lacking),
      ...(level === content.band ? [] : [lacking('level')]),
      ...(entry === trail.entry ? [] : [lacking('trail')]),
      ...(count === content.assurance.approvals.length ? [] : [lacking('approval')]),
    ]
  },
}

function lacking(genre: string) {
  return {
    path: `$.evidence[${genre}]`,
    because: { sv: 'Underlaget återges inte rätt.', en: 'The grounds are not told as they are.' },
  }
}
