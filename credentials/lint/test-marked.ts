/** A test achievement says so in every name a reader sees and in the type a machine reads; a real one never does. */
import { type LintRule, member, none, problem } from '#credentials/lint/rule.ts'

export const testMarked: LintRule = {
  id: 'test-marked',
  clause: 'Issue of trust §7: TEST achievements say so',
  check: (document, { content }) => {
    const names = [document['name'], member(document, 'credentialSubject', 'achievement', 'name')]
    const types = document['type']
    const marks = [
      ...names.map((name) => typeof name === 'string' && name.startsWith('TEST – ')),
      Array.isArray(types) && types.includes('TestCredential'),
    ]
    return marks.every((mark) => mark === content.test)
      ? none
      : problem('$.name', 'Testmärkningen stämmer inte.', 'The test marking is not right.')
  },
}
