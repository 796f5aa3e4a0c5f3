/** Protected identities: who is marked is masked everywhere; a privacy officer alone may look, and says what for. */
import { identity, protection } from '#api/schemas/protection.ts'
import { apiOptions, openApi, shaped } from '../api-client.ts'
import { usage } from '../cli-error.ts'
import { command } from '../command.ts'
import { aboutOf, aboutOptions } from '../person-about.ts'
import { decisionOption, demandDecision, demandReason } from '../registry-decision.ts'
import { shortList } from '../short-list.ts'
import { localTime } from '../times.ts'

const { only: _, ...whoOptions } = aboutOptions

export const mark = command({
  takes: '',
  args: [0, 0],
  options: {
    ...whoOptions,
    reason: { value: '<code>', says: 'sekretessmarkering, skyddad-folkbokforing …' },
    ...decisionOption,
    ...apiOptions,
  },
  examples: [
    ['bevis protect mark --case case_mfrg --reason sekretessmarkering --decision SEK-2026/12', 'masked from now on'],
  ],
  run: async ({ values, out }) => {
    const { reason, decision } = values
    demandReason(reason)
    demandDecision(decision)
    const about = aboutOf(values)
    const answer = await (await openApi(values)).post('/protections', { ...about, reason, decision })
    const { person } = shaped(protection, answer)
    out.data(() => `${person} is protected: masked everywhere from now on.`, answer.body)
    return 'ok'
  },
})

export const end = command({
  takes: '<person id>',
  args: [1, 1],
  options: { ...decisionOption, ...apiOptions },
  examples: [['bevis protect end pers_mfrg --decision SEK-2026/44', 'what the register says is ended there']],
  run: async ({ args: [person = ''], values, out }) => {
    const { decision } = values
    demandDecision(decision)
    const answer = await (await openApi(values)).post(`/protections/${encodeURIComponent(person)}/end`, { decision })
    out.data(() => `${person} is no longer marked.`, answer.body)
    return 'ok'
  },
})

export const list = shortList({
  path: '/protections',
  item: protection,
  columns: [
    { head: 'PERSON', cell: ({ person }) => person },
    { head: 'REASON', cell: ({ reason }) => reason, shrinks: true },
    { head: 'DECISION', cell: ({ decision }) => decision, shrinks: true },
    { head: 'MARKED', cell: ({ markedAt }) => localTime(markedAt) },
    { head: 'ENDED', cell: ({ endedAt }) => (endedAt === undefined ? '' : localTime(endedAt)) },
  ],
  nothing: 'Nobody is marked.',
  example: ['bevis protect list', 'who is marked, by id'],
})

export const look = command({
  takes: '<case id>',
  args: [1, 1],
  options: {
    purpose: { value: '<code>', says: 'case-work, appeal, audit, support or revocation; it is logged' },
    ...apiOptions,
  },
  examples: [['bevis protect look case_mfrg --purpose appeal', 'who the case is about, and where']],
  run: async ({ args: [id = ''], values, out }) => {
    const { purpose } = values
    if (purpose === undefined)
      throw usage('missing-option', '--purpose <code> is missing', 'say what for; it is logged')
    const answer = await (await openApi(values)).get(`/cases/${encodeURIComponent(id)}/identity`, { purpose })
    const { person, name, offering, occasion } = shaped(identity, answer)
    out.data(
      () => [`${person}  ${name ?? ''}`.trimEnd(), `${offering} ${occasion ?? ''}`.trimEnd()].join('\n'),
      answer.body,
    )
    return 'ok'
  },
})
