/** Erasing what is about a person: one privacy officer proposes, another approves; no single command can do both. */
import type { z } from 'zod'
import { erasure, erasureDetail, toldErasure } from '#api/schemas/erasure.ts'
import { type Blocker, blockers, erasureBases } from '#domain/erasure.ts'
import { type Answer, type ApiClient, apiOptions, openApi, shaped } from '../api-client.ts'
import { usage } from '../cli-error.ts'
import { command } from '../command.ts'
import { aboutOf, aboutOptions } from '../person-about.ts'
import { decisionOption, demandDecision } from '../registry-decision.ts'
import { shortList } from '../short-list.ts'
import { localDay } from '../times.ts'

export const propose = command({
  takes: '',
  args: [0, 0],
  options: {
    ...aboutOptions,
    class: { value: '<list>', says: 'what of it, separated by commas: disclosures, facts, judgements … (default all)' },
    basis: { value: '<code>', says: 'the ground: gdpr-17-1-a … gdpr-17-1-e, archive-disposal or court-order' },
    archive: {
      value: '<code>',
      says: 'why the archive duty allows it: disposal-decision, not-a-record or court-order',
    },
    ...decisionOption,
    text: { value: '<text>', says: 'why, in words; erased with the rest' },
    ...apiOptions,
  },
  examples: [
    [
      'bevis erase propose --case case_mfrg --basis archive-disposal --decision STYR-2026/481 --text "Kept as long as decided"',
      'a second privacy officer must approve',
    ],
  ],
  run: async ({ values, out }) => {
    const { class: classes, basis, archive, decision, text } = values
    if (basis === undefined || !Object.hasOwn(erasureBases, basis)) {
      throw usage(
        'basis',
        '--basis is missing or not on the list',
        `give one of ${Object.keys(erasureBases).join(', ')}`,
      )
    }
    demandDecision(decision)
    demandText(text)
    const about = aboutOf(values)
    const api = await openApi(values)
    const answer = await api.post('/erasures', {
      ...about,
      ...(classes === undefined ? {} : { classes: classes.split(',') }),
      ...(archive === undefined ? {} : { archive }),
      basis,
      decision,
      text,
    })
    const { id } = shaped(toldErasure, answer)
    out.data(() => `Proposed ${id}; nothing is erased until a second privacy officer approves.`, answer.body)
    if (!out.json) out.note(`The second privacy officer: bevis erase approve ${id}`)
    return 'ok'
  },
})

export const adopt = command({
  takes: '<erasure id>',
  args: [1, 1],
  options: { text: { value: '<text>', says: 'why, in words; erased with the rest' }, ...apiOptions },
  examples: [['bevis erase adopt eras_mfrg --text "As decided"', 'take up what a retention rule suggests']],
  run: async ({ args: [id = ''], values, out }) => {
    const { text } = values
    demandText(text)
    const answer = await act(await openApi(values), id, 'adopt', { text })
    out.data(() => `Adopted ${id}; nothing is erased until a second privacy officer approves.`, answer.body)
    return 'ok'
  },
})

export const approve = command({
  takes: '<erasure id>',
  args: [1, 1],
  options: apiOptions,
  examples: [['bevis erase approve eras_mfrg', 'by somebody who did not propose it; it cannot be undone']],
  run: async ({ args: [id = ''], values, out }) => {
    const answer = await act(await openApi(values), id, 'approve')
    const { delivery } = shaped(toldErasure, answer)
    const told =
      delivery === 'delivered'
        ? 'It is being carried out.'
        : 'It is carried out as soon as its workflow can be reached.'
    out.data(() => `Approved ${id}. ${told}`, answer.body)
    return 'ok'
  },
})

export const refuse = command({
  takes: '<erasure id>',
  args: [1, 1],
  options: apiOptions,
  examples: [['bevis erase refuse eras_mfrg', 'turn the proposal down; nothing is erased']],
  run: async ({ args: [id = ''], values, out }) => {
    const answer = await act(await openApi(values), id, 'refuse')
    out.data(() => `Refused ${id}: nothing is erased.`, answer.body)
    return 'ok'
  },
})

function demandText(text: string | undefined): asserts text is string {
  if (text === undefined) throw usage('missing-option', '--text <text> is missing', 'tell in words why')
}

/** On the erasure as it stands now. */
async function act(
  api: ApiClient,
  id: string,
  what: 'adopt' | 'approve' | 'refuse',
  body: object = {},
): Promise<Answer> {
  const path = `/erasures/${encodeURIComponent(id)}`
  const { etag = '' } = await api.get(path)
  return api.post(`${path}/${what}`, body, { 'if-match': etag })
}

export const show = command({
  takes: '<erasure id>',
  args: [1, 1],
  options: apiOptions,
  examples: [['bevis erase show eras_mfrg', 'what it would erase, what holds it back, what went']],
  run: async ({ args: [id = ''], values, out }) => {
    const api = await openApi(values)
    const answer = await api.get(`/erasures/${encodeURIComponent(id)}`)
    const found = shaped(erasureDetail, answer)
    out.data(() => linesOf(found).join('\n'), answer.body)
    return 'ok'
  },
})

function linesOf(found: z.infer<typeof erasureDetail>): string[] {
  const { id, state, person, caseId, classes, basis, decision, text, blocker, because, counts, outside } = found
  const held = blocker ?? because
  return [
    `${id}  ${state}`,
    `about     ${caseId ?? `everything about ${person}`}`,
    `classes   ${classes.join(', ')}`,
    `ground    ${erasureBases[basis].en}, ${decision}`,
    ...(text === undefined ? [] : [`because   ${text}`]),
    ...(held === undefined ? [] : [`held by   ${blockers[held satisfies Blocker].en}`]),
    ...(counts === undefined
      ? []
      : [
          `went      ${Object.entries(counts)
            .map(([name, n]) => `${n} ${name}`)
            .join(', ')}`,
        ]),
    ...(outside === undefined
      ? []
      : [`outside   ${outside === 'done' ? 'gone from streams and histories too' : 'streams and histories: not yet'}`]),
  ]
}

export const list = shortList({
  path: '/erasures',
  item: erasure,
  columns: [
    { head: 'ERASURE', cell: ({ id }) => id },
    { head: 'ABOUT', cell: ({ caseId, person }) => caseId ?? person },
    { head: 'STATE', cell: ({ state }) => state },
    { head: 'PROPOSED', cell: ({ proposedAt }) => localDay(proposedAt) },
    { head: 'DECISION', cell: ({ decision }) => decision, shrinks: true },
  ],
  nothing: 'No erasures.',
  example: ['bevis erase list', 'proposals and what came of them, newest first'],
})
