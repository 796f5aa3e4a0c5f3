/** A name stands only in an attested document (A), at its one place; elsewhere it would be personal data without need. */
import { everything, type LintRule, member, type Problem } from '#credentials/lint/rule.ts'

export const holderName: LintRule = {
  id: 'holder-name',
  clause: 'levels.md, "rules that hold in every band": the holder’s name where the document is an attested one (A)',
  check: (document, { content }) => {
    const name = member(document, 'credentialSubject', 'holderName')
    return [
      ...(name === undefined || content.assurance.promised === 'A' ? [] : [at('$.credentialSubject.holderName')]),
      ...(name === content.learner.name ? [] : [at('$.credentialSubject.holderName')]),
      ...elsewhere(document, content.learner.name),
    ]
  },
}

function elsewhere(document: unknown, name: string | undefined): Problem[] {
  if (name === undefined) return []
  return everything(document)
    .filter((leaf) => leaf.name !== 'holderName' && typeof leaf.value === 'string' && leaf.value.includes(name))
    .map((leaf) => at(leaf.path))
}

function at(path: string): Problem {
  return { path, because: { sv: 'Namnet får inte stå här.', en: 'The name may not stand here.' } }
}
