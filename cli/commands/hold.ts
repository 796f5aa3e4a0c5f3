/** Legal holds: nothing that one covers is erased while it stands. */
import { hold } from '#api/schemas/hold.ts'
import { apiOptions, openApi, shaped } from '../api-client.ts'
import { command } from '../command.ts'
import { aboutOf, aboutOptions } from '../person-about.ts'
import { decisionOption, demandDecision, demandReason } from '../registry-decision.ts'
import { shortList } from '../short-list.ts'
import { localDay } from '../times.ts'

export const place = command({
  takes: '',
  args: [0, 0],
  options: {
    ...aboutOptions,
    reason: { value: '<code>', says: 'appeal, supervision, legal-claim …' },
    ...decisionOption,
    ...apiOptions,
  },
  examples: [
    [
      'bevis hold place --case case_mfrg --reason appeal --decision STYR-2026/77',
      'erasures that are approved stop too',
    ],
  ],
  run: async ({ values, out }) => {
    const { reason, decision } = values
    demandReason(reason)
    demandDecision(decision)
    const about = aboutOf(values)
    const api = await openApi(values)
    const answer = await api.post('/holds', { ...about, reason, decision })
    const { id } = shaped(hold, answer)
    out.data(() => `Placed ${id}; nothing it covers is erased until it is lifted.`, answer.body)
    return 'ok'
  },
})

export const lift = command({
  takes: '<hold id>',
  args: [1, 1],
  options: { ...decisionOption, ...apiOptions },
  examples: [['bevis hold lift hold_mfrg --decision STYR-2026/90', 'what waited for it must be proposed anew']],
  run: async ({ args: [id = ''], values, out }) => {
    const { decision } = values
    demandDecision(decision)
    const api = await openApi(values)
    const answer = await api.post(`/holds/${encodeURIComponent(id)}/lift`, { decision })
    out.data(() => `Lifted ${id}.`, answer.body)
    return 'ok'
  },
})

export const list = shortList({
  path: '/holds',
  item: hold,
  columns: [
    { head: 'HOLD', cell: ({ id }) => id },
    { head: 'ABOUT', cell: ({ caseId, person }) => caseId ?? person },
    { head: 'REASON', cell: ({ reason }) => reason, shrinks: true },
    { head: 'DECISION', cell: ({ decision }) => decision, shrinks: true },
    { head: 'LIFTED', cell: ({ liftedAt }) => (liftedAt === undefined ? '' : localDay(liftedAt)) },
  ],
  nothing: 'No holds.',
  example: ['bevis hold list', 'those that stand first'],
})
