/** The word MicroCredential stands only where learning outcomes were assessed; elsewhere it would promise what nobody tested. */
import { evidenceItem, type LintRule, member, none, problem } from '#credentials/lint/rule.ts'
import { isMicroCredential } from '#domain/credential/content.ts'

export const microCredential: LintRule = {
  id: 'micro-credential',
  clause:
    'levels.md, "rules that hold in every band": MicroCredential only for A, B–C1, C2–D; D–E and E say "not assessed"',
  check: (document, { content }) => {
    const said = member(document, 'credentialSubject', 'achievement', 'achievementType') === 'MicroCredential'
    const may = isMicroCredential(content.assurance.promised)
    if (content.assurance.promised === 'F' || content.term === 'none')
      return problem('$', 'Nivå F ger ingen handling.', 'Band F gives no document.')
    if (said !== may) {
      return problem(
        '$.credentialSubject.achievement.achievementType',
        'MicroCredential får stå i nivåerna A, B–C1 och C2–D och bara där.',
        'MicroCredential stands in bands A, B–C1 and C2–D and only there.',
      )
    }
    const assessed = member(evidenceItem(document, 'assessment'), 'assessed')
    return assessed === may
      ? none
      : problem('$.evidence', 'Beviset säger fel om bedömning.', 'The credential is wrong about assessment.')
  },
}
