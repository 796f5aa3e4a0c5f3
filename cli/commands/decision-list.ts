/** Approving a list in one act (docs/levels.md, approvers): a sample is drawn for the approver, opened by them, and then all is approved. */
import type { z } from 'zod'
import { caseDetail } from '#api/schemas/case.ts'
import { decisionList, listResult } from '#api/schemas/decision-list.ts'
import { apiOptions, openApi, shaped } from '../api-client.ts'
import { caseText } from '../case-text.ts'
import { usage } from '../cli-error.ts'
import { command } from '../command.ts'
import { readInput } from '../input.ts'
import { type Output } from '../output.ts'
import { pairs, table } from '../table.ts'
import { localTime } from '../times.ts'

type List = z.infer<typeof decisionList>

const purposeOption = {
  purpose: { value: '<code>', says: 'why you look (default case-work); it is logged' },
} as const

export const draw = command({
  takes: '<case id…|->',
  args: [1, 200],
  options: apiOptions,
  examples: [
    ['bevis decision-list draw case_mfrg case_mfrh', 'cases that wait for you; the answer says which to open first'],
    [
      'bevis case list --mine --achievement handledning-i-varden --plain | cut -f1 | bevis decision-list draw -',
      'all that wait for you in one course',
    ],
  ],
  run: async ({ args, values, out }) => {
    const cases = args.flatMap((one) => (one === '-' ? idsIn(readInput('-')) : [one]))
    if (cases.length === 0) throw usage('arguments', 'no cases were given', 'give ids of cases that wait for you')
    const api = await openApi(values)
    const answer = await api.post('/decision-lists', { cases })
    tell(shaped(decisionList, answer), answer.body, out)
    return 'ok'
  },
})

function idsIn(text: string): string[] {
  return text.split(/\s+/).filter((id) => id !== '')
}

export const show = command({
  takes: '<list id>',
  args: [1, 1],
  options: apiOptions,
  examples: [['bevis decision-list show list_mfrg', 'what of the sample is still to be opened']],
  run: async ({ args: [id = ''], values, out }) => {
    const api = await openApi(values)
    const answer = await api.get(`/decision-lists/${encodeURIComponent(id)}`)
    tell(shaped(decisionList, answer), answer.body, out)
    return 'ok'
  },
})

function tell(list: List, document: unknown, out: Output): void {
  out.data(() => listText(list), document)
  if (out.json) return
  const next = list.cases.find(({ sampled, opened }) => sampled && !opened)
  out.note(
    next === undefined
      ? `The sample has been opened: bevis decision-list approve ${list.id} --reason <code>`
      : `Next: bevis decision-list open ${list.id} ${next.id}`,
  )
}

function listText({ id, seed, cases, drawnAt }: List): string {
  const sample = cases.filter(({ sampled }) => sampled)
  const opened = sample.filter((one) => one.opened).length
  const head = pairs([
    ['List', id],
    ['Drawn', localTime(drawnAt)],
    ['Cases', String(cases.length)],
    ['Sample', `${sample.length} to be opened, ${opened} opened; drawn with seed ${seed}`],
  ])
  const rows = table(
    cases,
    [
      { head: 'CASE', cell: (one) => one.id },
      { head: 'IN THE SAMPLE', cell: ({ sampled }) => (sampled ? 'yes' : '') },
      { head: 'OPENED', cell: (one) => (one.opened ? 'yes' : '') },
    ],
    '',
  )
  return `${head}\n\n${rows}`
}

export const open = command({
  takes: '<list id> <case id>',
  args: [2, 2],
  options: { all: { says: 'every finding, and all that each higher band lacks' }, ...purposeOption, ...apiOptions },
  examples: [['bevis decision-list open list_mfrg case_mfrg', 'the case as case show shows it; reading is logged']],
  run: async ({ args: [list = '', id = ''], values, out }) => {
    const api = await openApi(values)
    const path = `/decision-lists/${encodeURIComponent(list)}/cases/${encodeURIComponent(id)}`
    const answer = await api.get(path, { purpose: values.purpose })
    const detail = shaped(caseDetail, answer)
    const { name: _, ...learner } = detail.learner
    out.data(() => caseText(detail, { paint: out.paint, all: values.all === true }), {
      ...(answer.body as object),
      learner,
    })
    if (!out.json) out.note(`What is left of the sample: bevis decision-list show ${list}`)
    return 'ok'
  },
})

export const approve = command({
  takes: '<list id>',
  args: [1, 1],
  options: { reason: { value: '<code>', says: 'reason as a code; stands in the log of every case' }, ...apiOptions },
  examples: [
    [
      'bevis decision-list approve list_mfrg --reason outcomes-shown',
      'a decision per case; one that has changed is refused alone',
    ],
  ],
  run: async ({ args: [id = ''], values, out }) => {
    const { reason } = values
    if (reason === undefined) throw usage('missing-option', '--reason <code> is missing', 'for instance outcomes-shown')
    const api = await openApi(values)
    const answer = await api.post(`/decision-lists/${encodeURIComponent(id)}/approve`, { reason })
    const { results } = shaped(listResult, answer)
    const refused = results.filter(({ outcome }) => outcome === 'refused')
    const lines = refused.map(({ caseId, because = '' }) => `  ${caseId}  not approved: ${because}`)
    out.data(
      () => [...lines, `${results.length - refused.length} of ${results.length} approved.`].join('\n'),
      answer.body,
    )
    if (refused.length > 0 && !out.json) out.note('Decide on those one by one: bevis case show <id>')
    return refused.length > 0 ? 'conflict' : 'ok'
  },
})
