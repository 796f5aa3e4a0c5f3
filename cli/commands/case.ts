/** Cases for those who work with them: which wait, why, and what was decided. Names of persons are never printed. */
import type { z } from 'zod'
import { caseDetail, casePage, type caseSummary } from '#api/schemas/case.ts'
import { apiOptions, openApi, shaped } from '../api-client.ts'
import { caseText } from '../case-text.ts'
import { usage } from '../cli-error.ts'
import { command } from '../command.ts'
import { purposeOption } from '../purpose.ts'
import { limitOption } from '../short-list.ts'
import { localTime } from '../times.ts'
import { type Trail, wholeTrail } from '../trail-pages.ts'
import { waitingText } from '../waiting-text.ts'

type Summary = z.infer<typeof caseSummary>

export const list = command({
  takes: '',
  args: [0, 0],
  lists: true,
  options: {
    q: {
      value: '<identifier>',
      says: 'any identifier, exact: case, credential, event, trail, offering, group, learner …',
    },
    state: { value: '<state>', says: 'only cases in this state' },
    step: { value: '<step>', says: 'only cases at this step' },
    band: { value: '<band>', says: 'only achievements that promise this band: A, B-C1, C2-D, D-E, E, F' },
    achievement: { value: '<id>', says: 'only this achievement' },
    offering: { value: '<id>', says: 'only this offering' },
    group: { value: '<id>', says: 'only what was reported as one group' },
    learner: { value: '<scheme:value>', says: 'only cases of the person with this reference, exact' },
    'waiting-for': { value: '<code>', says: 'only cases that wait for this: evidence, approver …' },
    overdue: { says: 'only cases whose deadline has passed' },
    ended: { says: 'only cases that have come to an end' },
    open: { says: 'only cases that have not' },
    mine: { says: 'only cases you are appointed to' },
    appointed: { value: '<person>', says: 'only cases this person is appointed to' },
    'changed-from': { value: '<time>', says: 'only cases changed since, RFC 3339' },
    sort: { value: '<by>', says: 'changed (default), opened or waitingUntil: the nearest deadline first' },
    order: { value: '<asc|desc>', says: 'the other way round' },
    count: { says: 'also tell how many match' },
    ...limitOption,
    cursor: { value: '<cursor>', says: 'go on where the last page ended' },
    ...apiOptions,
  },
  examples: [
    ['bevis case list', 'cases, last changed first'],
    ['bevis case list --state waiting --band C2-D', 'what waits in one band'],
    ['bevis case list --q cred_mfrggzdfmztwq2lk', 'the case behind a credential, an event, a trail or a learner'],
    ['bevis case list --overdue --sort waitingUntil', 'whose deadline has passed, the oldest first'],
    ['bevis case list --as examiner-1', 'on a development stack: as this person sees it'],
  ],
  run: async ({ values, out }) => {
    const api = await openApi(values)
    const answer = await api.get('/cases', queryOf(values))
    const page = shaped(casePage, answer)
    out.list({ rows: page.items, columns, nothing: 'No cases.', document: answer.body })
    if (page.total !== undefined && !out.json)
      out.note(`${page.total.capped ? 'At least ' : ''}${page.total.count} match.`)
    if (page.next !== null && !out.json) out.note(`There are more: add --cursor ${page.next}`)
    return 'ok'
  },
})

type Query = Readonly<Record<string, string | undefined>>

interface ListValues {
  readonly [name: string]: string | true | readonly string[] | undefined
  readonly learner?: string
}

/** Options carry the names of the API's own filters, with hyphens. @throws CliError `usage/…` */
function queryOf(values: ListValues): Query {
  if (values['ended'] === true && values['open'] === true)
    throw usage('arguments', 'no case has ended and is open', 'give one of --ended and --open')
  const text = (name: string) => {
    const value = values[name]
    return typeof value === 'string' ? value : undefined
  }
  const yes = (name: string) => (values[name] === true ? 'true' : undefined)
  const same = [
    'q',
    'state',
    'step',
    'band',
    'achievement',
    'offering',
    'group',
    'appointed',
    'sort',
    'order',
    'limit',
    'cursor',
  ]
  return {
    ...Object.fromEntries(same.map((name) => [name, text(name)])),
    waitingFor: text('waiting-for'),
    changedFrom: text('changed-from'),
    overdue: yes('overdue'),
    mine: yes('mine'),
    ended: values['open'] === true ? 'false' : yes('ended'),
    count: values['count'] === true ? 'capped' : undefined,
    ...learnerQuery(values.learner),
  }
}

const columns = [
  { head: 'CASE', cell: ({ id }: Summary) => id },
  { head: 'ACHIEVEMENT', cell: ({ achievement }: Summary) => achievement.id, shrinks: true },
  { head: 'BAND', cell: ({ promised }: Summary) => promised },
  { head: 'LEVEL', cell: ({ level, evidenceLevel }: Summary) => level ?? evidenceLevel ?? '' },
  { head: 'STATE', cell: ({ state }: Summary) => state },
  { head: 'WAITS FOR', cell: ({ waiting }: Summary) => waitingText(waiting && { for: waiting.for }), shrinks: true },
  { head: 'CHANGED', cell: ({ changedAt }: Summary) => localTime(changedAt) },
] as const

function learnerQuery(reference: string | undefined): Record<string, string> {
  if (reference === undefined) return {}
  const [learnerScheme = '', ...rest] = reference.split(':')
  if (learnerScheme === '' || rest.length === 0)
    throw usage('learner', 'a reference has two parts', 'give <scheme>:<value>')
  return { learnerScheme, learner: rest.join(':') }
}

export const show = command({
  takes: '<case id>',
  args: [1, 1],
  options: {
    all: { says: 'every finding, and all that each higher band lacks' },
    purpose: purposeOption,
    ...apiOptions,
  },
  examples: [
    ['bevis case show case_mfrggzdfmztwq2lk', 'what each gate judged, what stands in the way, who decides'],
    ['bevis case show case_mfrggzdfmztwq2lk --all', 'everything'],
  ],
  run: async ({ args: [id = ''], values, out }) => {
    const api = await openApi(values)
    const answer = await api.get(`/cases/${encodeURIComponent(id)}`, { purpose: values.purpose })
    const detail = shaped(caseDetail, answer)
    const { name: _, ...learner } = detail.learner
    out.data(() => caseText(detail, { paint: out.paint, all: values.all === true }), {
      ...(answer.body as object),
      learner,
    })
    return 'ok'
  },
})

export const trail = command({
  takes: '<case id>',
  args: [1, 1],
  lists: true,
  options: {
    purpose: purposeOption,
    ...apiOptions,
  },
  examples: [
    ['bevis case trail case_mfrggzdfmztwq2lk', 'every entry of the case, oldest first'],
    ['bevis case trail case_mfrggzdfmztwq2lk --purpose audit --json', 'with the exact bytes of each entry'],
  ],
  run: async ({ args: [id = ''], values, out }) => {
    const api = await openApi(values)
    const found = await wholeTrail(api, id, values.purpose)
    out.list({ rows: found.entries, columns: entryColumns, nothing: 'No entries.', document: found })
    return 'ok'
  },
})

type TrailEntry = Trail['entries'][number]

const entryColumns = [
  { head: 'N', cell: ({ n }: TrailEntry) => String(n) },
  { head: 'AT', cell: ({ at }: TrailEntry) => localTime(at) },
  { head: 'ENTRY', cell: ({ entry }: TrailEntry) => textIn(entry, 'type'), shrinks: true },
  {
    head: 'BY',
    cell: ({ entry }: TrailEntry) => `${textIn(entry, 'actor', 'kind')} ${textIn(entry, 'actor', 'role')}`,
    shrinks: true,
  },
  { head: 'OUTCOME', cell: ({ entry }: TrailEntry) => textIn(entry, 'act', 'outcome'), shrinks: true },
  { head: 'HASH', cell: ({ leafHash }: TrailEntry) => leafHash.slice(0, 12) },
] as const

function textIn(entry: unknown, ...path: readonly string[]): string {
  let value = entry
  for (const name of path) value = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  return typeof value === 'string' ? value : ''
}
