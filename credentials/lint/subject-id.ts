/** The subject's id is made for this credential alone; a person's or a case's id in it would join what must stay apart. */
import { subjectId as derived } from '#credentials/formats/open-badge.ts'
import { type LintRule, member, type Problem } from '#credentials/lint/rule.ts'

export const subjectId: LintRule = {
  id: 'subject-id',
  clause: 'Open Badges 3.0 §8.2.4 (`sub` equals `credentialSubject.id`), standards §1.2',
  check: (document, { content, credentialId }, leaves) => [
    ...(member(document, 'credentialSubject', 'id') === derived(credentialId) ? [] : [wrong('$.credentialSubject.id')]),
    ...leaves
      .filter(({ value }) => typeof value === 'string' && value.includes(content.learner.person))
      .map(({ path }) => wrong(path)),
  ],
}

function wrong(path: string): Problem {
  return {
    path,
    because: { sv: 'Innehavarens id är inte bevisets eget.', en: 'The subject id is not the credential’s own.' },
  }
}
