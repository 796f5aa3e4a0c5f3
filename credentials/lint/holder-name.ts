/** A name stands only in an attested document (A), at its one place; elsewhere it would be personal data without need. */
import { type Leaf, type LintRule, member, type Problem } from '#credentials/lint/rule.ts'

export const holderName: LintRule = {
  id: 'holder-name',
  clause: 'levels.md, "rules that hold in every band": the holder’s name where the document is an attested one (A)',
  check: (document, { content }, leaves) => {
    const name = member(document, 'credentialSubject', 'holderName')
    return [
      ...(name === undefined || content.assurance.promised === 'A' ? [] : [at('$.credentialSubject.holderName')]),
      ...(name === content.learner.name ? [] : [at('$.credentialSubject.holderName')]),
      ...elsewhere(leaves, content.learner.name),
    ]
  },
}

function elsewhere(leaves: readonly Leaf[], name: string | undefined): Problem[] {
  if (name === undefined) return []
  return leaves
    .filter((leaf) => leaf.name !== 'holderName' && typeof leaf.value === 'string' && leaf.value.includes(name))
    .map((leaf) => at(leaf.path))
}

function at(path: string): Problem {
  return { path, because: { sv: 'Namnet får inte stå här.', en: 'The name may not stand here.' } }
}
