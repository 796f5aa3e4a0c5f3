/** Reviews of the quality assurance: recorded, followed up, and told in the log (plan, do, check, act). */
import type { z } from 'zod'
import { qualityReview } from '#api/schemas/quality-review.ts'
import { apiOptions, openApi, shaped } from '../api-client.ts'
import { usage } from '../cli-error.ts'
import { command } from '../command.ts'
import { demandReference, referenceOption } from '../registry-decision.ts'
import { shortList } from '../short-list.ts'

export const record = command({
  takes: '',
  args: [0, 0],
  options: {
    from: { value: '<day>', says: 'first day the review is about, such as 2026-01-01' },
    until: { value: '<day>', says: 'the day after the last' },
    looked: {
      value: '<what:digest>',
      multiple: true,
      says: 'what was looked at: export:<content digest of an audit package> or report:<SHA-256, base64url>; once for each',
    },
    finding: { value: '<code>', multiple: true, says: 'what was found, as a code; once for each' },
    action: { value: '<code=day>', multiple: true, says: 'what is to be done by when; once for each' },
    ...referenceOption,
    ...apiOptions,
  },
  examples: [
    [
      'bevis review record --from 2026-01-01 --until 2026-07-01 --looked export:kq2N… --finding late-decisions --action remind-sooner=2026-09-01 --reference KVAL-2026/12',
      'goes into the institution’s log and cannot be changed',
    ],
  ],
  run: async ({ values, out }) => {
    const { from, until, looked = [], finding = [], action = [] } = values
    if (from === undefined || until === undefined)
      throw usage('missing-option', '--from <day> or --until <day> is missing', 'say which days the review is about')
    if (looked.length === 0)
      throw usage('missing-option', '--looked <what:digest> is missing', 'say what was looked at')
    const { reference } = values
    demandReference(reference)
    const actions = action.map(actionIn)
    const api = await openApi(values)
    const answer = await api.post('/quality-reviews', { from, until, looked, findings: finding, actions, reference })
    const { id } = shaped(qualityReview, answer)
    const open = actions.length === 1 ? 'one action' : `${actions.length} actions`
    out.data(
      () => `Recorded ${id}; ${actions.length === 0 ? 'nothing is to be done' : `${open} to close`}.`,
      answer.body,
    )
    return 'ok'
  },
})

export const close = command({
  takes: '<review id> <action>',
  args: [2, 2],
  options: {
    dropped: { says: 'it will not be done; without it, it was done' },
    ...referenceOption,
    ...apiOptions,
  },
  examples: [['bevis review close qrev_mfrg remind-sooner --reference KVAL-2026/31', 'once for ever']],
  run: async ({ args: [id = '', action = ''], values, out }) => {
    const { reference } = values
    demandReference(reference)
    const outcome = values.dropped === true ? 'dropped' : 'done'
    const api = await openApi(values)
    const path = `/quality-reviews/${encodeURIComponent(id)}/closings`
    const answer = await api.post(path, { action, outcome, reference })
    out.data(() => `Closed ${action} of ${id}: ${outcome}.`, answer.body)
    return 'ok'
  },
})

export const list = shortList({
  path: '/quality-reviews',
  item: qualityReview,
  rows: linesOf,
  columns: [
    { head: 'REVIEW', cell: ({ id }) => id },
    { head: 'UNTIL', cell: ({ until }) => until },
    { head: 'DUE', cell: ({ due }) => due },
    { head: 'STATE', cell: ({ state }) => state },
    { head: 'ACTION', cell: ({ action }) => action, shrinks: true },
  ],
  nothing: 'No reviews.',
  example: ['bevis review list', 'a line for each action; --json tells findings and who closed what'],
})

interface Line {
  readonly id: string
  readonly until: string
  readonly action: string
  readonly due: string
  readonly state: string
}

/** A line for each action, for that is what is to be closed. */
function linesOf({ id, until, actions }: z.output<typeof qualityReview>): Line[] {
  if (actions.length === 0) return [{ id, until, action: '', due: '', state: 'nothing to do' }]
  return actions.map(({ action, due, closed }) => ({ id, until, action, due, state: closed?.outcome ?? 'open' }))
}

function actionIn(text: string): { action: string; due: string } {
  const [, action, due] = /^([^=]+)=(\d{4}-\d{2}-\d{2})$/.exec(text) ?? []
  if (action !== undefined && due !== undefined) return { action, due }
  throw usage(
    'action',
    `--action ${text} is no action with its day`,
    'write code=day, such as remind-sooner=2026-09-01',
  )
}
