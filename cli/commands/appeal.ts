/** Appeals and requests for reconsideration: lodged, acknowledged, decided by somebody apart, closed with what followed, and told in the log. */
import { appeal } from '#api/schemas/appeal.ts'
import { appealKinds, appealOutcomes, appealStates } from '#domain/handling.ts'
import { apiOptions, openApi, shaped } from '../api-client.ts'
import { usage } from '../cli-error.ts'
import { command } from '../command.ts'
import { matterList } from '../matter-list.ts'
import { demandChoice, demandReason, demandReference, referenceOption } from '../registry-decision.ts'

export const lodge = command({
  takes: '<case id>',
  args: [1, 1],
  options: {
    kind: { value: '<kind>', says: `${appealKinds.join(' or ')}: by the institution itself, or by somebody above it` },
    against: { value: '<id>', says: 'of a decision, a revocation or a decided appeal; without it, how the case ended' },
    received: { value: '<day>', says: 'the day it came, such as 2026-03-01' },
    ...referenceOption,
    ...apiOptions,
  },
  examples: [
    [
      'bevis appeal lodge case_mfrg --kind reconsideration --received 2026-03-01 --reference OMP-2026/12',
      'goes into the trail of the case, which the appellant may be shown',
    ],
  ],
  run: async ({ args: [caseId], values, out }) => {
    const { received, reference, against = 'outcome' } = values
    const kind = demandChoice('kind', values.kind, appealKinds)
    if (received === undefined) throw usage('missing-option', '--received <day> is missing', 'say which day it came')
    demandReference(reference)
    const api = await openApi(values)
    const answer = await api.post('/appeals', { case: caseId, kind, against, received, reference })
    out.data(() => `Lodged ${shaped(appeal, answer).id}; waits to be acknowledged.`, answer.body)
    return 'ok'
  },
})

export const acknowledge = command({
  takes: '<appeal id>',
  args: [1, 1],
  options: { ...referenceOption, ...apiOptions },
  examples: [['bevis appeal acknowledge appl_mfrg --reference OMP-2026/13', 'waits to be decided']],
  run: async ({ args: [id = ''], values, out }) => {
    const { reference } = values
    demandReference(reference)
    const api = await openApi(values)
    const answer = await api.post(`/appeals/${encodeURIComponent(id)}/acknowledge`, { reference })
    out.data(() => `Acknowledged ${id}; waits to be decided by somebody who took no part.`, answer.body)
    return 'ok'
  },
})

export const decide = command({
  takes: '<appeal id>',
  args: [1, 1],
  options: {
    outcome: { value: '<outcome>', says: appealOutcomes.join(', ') },
    reason: { value: '<code>', says: 'why, as a code; the reasons stand in your registry' },
    ...referenceOption,
    ...apiOptions,
  },
  examples: [
    [
      'bevis appeal decide appl_mfrg --outcome upheld --reason criteria-misread --reference OMP-2026/20',
      'once for ever, and by nobody whom the case names',
    ],
  ],
  run: async ({ args: [id = ''], values, out }) => {
    const { reason, reference } = values
    const outcome = demandChoice('outcome', values.outcome, appealOutcomes)
    demandReason(reason)
    demandReference(reference)
    const api = await openApi(values)
    const answer = await api.post(`/appeals/${encodeURIComponent(id)}/decide`, { outcome, reason, reference })
    out.data(() => `Decided ${id}: ${outcome}; waits to be closed.`, answer.body)
    return 'ok'
  },
})

export const close = command({
  takes: '<appeal id>',
  args: [1, 1],
  options: {
    followed: {
      value: '<id>',
      multiple: true,
      says: 'what came of it: a new decision, revocation or case; once for each, at least one where it was upheld',
    },
    ...referenceOption,
    ...apiOptions,
  },
  examples: [
    ['bevis appeal close appl_mfrg --followed case_nbsw --reference OMP-2026/25', 'names the new case'],
    ['bevis appeal close appl_mfrg --reference OMP-2026/25', 'where it was dismissed or withdrawn'],
  ],
  run: async ({ args: [id = ''], values, out }) => {
    const { followed = [], reference } = values
    demandReference(reference)
    const api = await openApi(values)
    const answer = await api.post(`/appeals/${encodeURIComponent(id)}/close`, { followed, reference })
    out.data(() => `Closed ${id}.`, answer.body)
    return 'ok'
  },
})

export const list = matterList({
  path: '/appeals',
  item: appeal,
  states: appealStates,
  columns: [
    { head: 'APPEAL', cell: ({ id }) => id },
    { head: 'CASE', cell: ({ caseId }) => caseId, shrinks: true },
    { head: 'KIND', cell: ({ kind }) => kind },
    { head: 'RECEIVED', cell: ({ received }) => received },
    { head: 'STATE', cell: ({ state, overdue }) => (overdue ? `${state}, overdue` : state) },
    { head: 'OUTCOME', cell: ({ decided }) => decided?.outcome ?? '' },
  ],
  nothing: 'No appeals.',
  examples: [
    ['bevis appeal list', 'latest first'],
    ['bevis appeal list --state overdue --days 14', 'those open for more than two weeks'],
  ],
})
