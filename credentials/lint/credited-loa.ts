/** Prints the LoA that was credited, with route and moment; the required one, printed as if used, would be a lie. */
import { evidenceItem, type LintRule, member, none, problem } from '#credentials/lint/rule.ts'

export const creditedLoa: LintRule = {
  id: 'credited-loa',
  clause: 'levels.md, "rules that hold in every band": credited LoA, the route and the moment; never the required LoA',
  check: (document, { content }) => {
    const item = evidenceItem(document, 'identity')
    const { identity } = content.assurance
    const told = [member(item, 'creditedLoa'), member(item, 'loaRoute'), member(item, 'loaMoment')]
    const credited = identity === undefined ? [0, undefined, undefined] : [identity.loa, identity.route, identity.at]
    return told.every((value, index) => value === credited[index])
      ? none
      : problem('$.evidence[identity]', 'Tillitsnivån är inte den tillgodoräknade.', 'The LoA is not the credited one.')
  },
}
