/** Exactly one status entry, for revocation, at the slot that was claimed; without it the credential could never be taken back. */
import { isDeepStrictEqual } from 'node:util'
import { type LintRule, none, problem } from '#credentials/lint/rule.ts'

export const statusEntry: LintRule = {
  id: 'status-entry',
  clause: 'Bitstring Status List 1.0 §2.1, Open Badges 3.0 JSON Schema (a single object with id)',
  check: (document, { status }) => {
    const expected = {
      id: `${status.list}#${status.index}`,
      type: 'BitstringStatusListEntry',
      statusPurpose: 'revocation',
      statusListIndex: String(status.index),
      statusListCredential: status.list,
    }
    return Number.isSafeInteger(status.index) &&
      status.index >= 0 &&
      isDeepStrictEqual(document['credentialStatus'], expected)
      ? none
      : problem(
          '$.credentialStatus',
          'Statusplatsen är inte den tilldelade.',
          'The status slot is not the one claimed.',
        )
  },
}
