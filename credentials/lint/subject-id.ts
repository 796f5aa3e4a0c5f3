/** The subject's id is made for this credential alone; a person's or a case's id in it would join what must stay apart. */
import { subjectId as derived } from '#credentials/formats/open-badge.ts'
import { type LintRule, member, none, problem } from '#credentials/lint/rule.ts'

export const subjectId: LintRule = {
  id: 'subject-id',
  clause: 'Open Badges 3.0 §8.2.4 (`sub` equals `credentialSubject.id`), standards §1.2',
  check: (document, { credentialId }) =>
    member(document, 'credentialSubject', 'id') === derived(credentialId)
      ? none
      : problem(
          '$.credentialSubject.id',
          'Innehavarens id är inte det som hör till beviset.',
          'The subject id is not the one that belongs to the credential.',
        ),
}
