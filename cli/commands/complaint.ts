/** Complaints: received, acknowledged, handled by somebody they are not about, closed with what is done, and told in the log. */
import { complaint } from '#api/schemas/complaint.ts'
import { complaintOutcomes, complaintStates } from '#domain/handling.ts'
import { apiOptions, openApi, shaped } from '../api-client.ts'
import { usage } from '../cli-error.ts'
import { command } from '../command.ts'
import { matterList } from '../matter-list.ts'
import { demandChoice, demandReference, referenceOption } from '../registry-decision.ts'

export const receive = command({
  takes: '',
  args: [0, 0],
  options: {
    category: { value: '<code>', says: 'what it is about, as a code' },
    received: { value: '<day>', says: 'the day it came, such as 2026-03-01' },
    case: { value: '<id>', says: 'the case it is about' },
    person: {
      value: '<id>',
      multiple: true,
      says: 'whom of the institution’s it is about; once for each. About neither a case nor anybody: the service',
    },
    ...referenceOption,
    ...apiOptions,
  },
  examples: [
    [
      'bevis complaint receive --category late-answer --received 2026-03-01 --reference KL-2026/7',
      'about the service; goes into the institution’s log',
    ],
  ],
  run: async ({ values, out }) => {
    const { category, received, reference, case: caseId, person: persons = [] } = values
    if (category === undefined)
      throw usage('missing-option', '--category <code> is missing', 'say what it is about, as a code')
    if (received === undefined) throw usage('missing-option', '--received <day> is missing', 'say which day it came')
    demandReference(reference)
    const api = await openApi(values)
    const answer = await api.post('/complaints', { category, received, reference, case: caseId, persons })
    out.data(() => `Received ${shaped(complaint, answer).id}; waits to be acknowledged.`, answer.body)
    return 'ok'
  },
})

export const acknowledge = command({
  takes: '<complaint id>',
  args: [1, 1],
  options: { ...referenceOption, ...apiOptions },
  examples: [['bevis complaint acknowledge comp_mfrg --reference KL-2026/8', 'waits to be handled']],
  run: async ({ args: [id = ''], values, out }) => {
    const { reference } = values
    demandReference(reference)
    const api = await openApi(values)
    const answer = await api.post(`/complaints/${encodeURIComponent(id)}/acknowledge`, { reference })
    out.data(() => `Acknowledged ${id}; waits to be handled by somebody it is not about.`, answer.body)
    return 'ok'
  },
})

export const progress = command({
  takes: '<complaint id> <step>',
  args: [2, 2],
  options: { ...referenceOption, ...apiOptions },
  examples: [
    ['bevis complaint progress comp_mfrg statement-asked-for --reference KL-2026/9', 'as many as it takes, as codes'],
  ],
  run: async ({ args: [id = '', step = ''], values, out }) => {
    const { reference } = values
    demandReference(reference)
    const api = await openApi(values)
    const answer = await api.post(`/complaints/${encodeURIComponent(id)}/progress`, { step, reference })
    out.data(() => `Told of ${id}: ${step}.`, answer.body)
    return 'ok'
  },
})

export const close = command({
  takes: '<complaint id>',
  args: [1, 1],
  options: {
    outcome: { value: '<outcome>', says: complaintOutcomes.join(', ') },
    measure: {
      value: '<code>',
      multiple: true,
      says: 'what is done about it; once for each, at least one where it was justified',
    },
    ...referenceOption,
    ...apiOptions,
  },
  examples: [
    [
      'bevis complaint close comp_mfrg --outcome justified --measure answer-sooner --reference KL-2026/12',
      'once for ever, and by nobody it is about',
    ],
  ],
  run: async ({ args: [id = ''], values, out }) => {
    const { measure: measures = [], reference } = values
    const outcome = demandChoice('outcome', values.outcome, complaintOutcomes)
    demandReference(reference)
    const api = await openApi(values)
    const answer = await api.post(`/complaints/${encodeURIComponent(id)}/close`, { outcome, measures, reference })
    out.data(() => `Closed ${id}: ${outcome}.`, answer.body)
    return 'ok'
  },
})

export const list = matterList({
  path: '/complaints',
  item: complaint,
  states: complaintStates,
  columns: [
    { head: 'COMPLAINT', cell: ({ id }) => id },
    { head: 'ABOUT', cell: ({ caseId, persons }) => caseId ?? persons[0] ?? 'the service', shrinks: true },
    { head: 'CATEGORY', cell: ({ category }) => category, shrinks: true },
    { head: 'RECEIVED', cell: ({ received }) => received },
    { head: 'STATE', cell: ({ state, overdue }) => (overdue ? `${state}, overdue` : state) },
    { head: 'OUTCOME', cell: ({ closed }) => closed?.outcome ?? '' },
  ],
  nothing: 'No complaints.',
  examples: [
    ['bevis complaint list', 'latest first; --json tells every step'],
    ['bevis complaint list --state overdue --days 14', 'those open for more than two weeks'],
  ],
})
