/** Events that were taken in, for those who answer a sender: is it here, and what became of it? What an event says is not shown. */
import { z } from 'zod'
import { eventKinds, eventStates, takenEvent, takenEventDetail } from '#api/schemas/event.ts'
import { apiOptions, openApi, shaped } from '../api-client.ts'
import { command } from '../command.ts'
import { limitOption } from '../short-list.ts'
import { pairs } from '../table.ts'
import { localTime } from '../times.ts'

type Taken = z.infer<typeof takenEvent>

export const list = command({
  takes: '',
  args: [0, 0],
  lists: true,
  options: {
    source: { value: '<emitter>', says: 'only from this emitter' },
    state: { value: '<state>', says: `one of ${eventStates.join(', ')}` },
    kind: { value: '<kind>', says: `one of ${eventKinds.join(', ')}` },
    from: { value: '<time>', says: 'received at or after' },
    until: { value: '<time>', says: 'received before' },
    ...limitOption,
    cursor: { value: '<cursor>', says: 'go on where the last page ended' },
    ...apiOptions,
  },
  examples: [
    ['bevis event list', 'what was taken in, newest first'],
    ['bevis event list --source certus --state waiting', 'what this emitter sent that no case has asked for yet'],
  ],
  run: async ({ values, out }) => {
    const api = await openApi(values)
    const { source, state, kind, from, until, limit, cursor } = values
    const answer = await api.get('/events', { source, state, kind, from, until, limit, cursor })
    const page = shaped(z.object({ items: z.array(takenEvent), next: z.string().nullable() }), answer)
    out.list({ rows: page.items, columns, nothing: 'No events.', document: answer.body })
    if (page.next !== null && !out.json) out.note(`There are more: add --cursor ${page.next}`)
    return 'ok'
  },
})

/** A key is a digest: its beginning tells events apart, and `event show` takes it whole from `--plain`. */
const columns = [
  { head: 'EVENT', cell: ({ key }: Taken) => key, shrinks: true },
  { head: 'FROM', cell: ({ source }: Taken) => source, shrinks: true },
  { head: 'KIND', cell: ({ kind }: Taken) => kind },
  { head: 'STATE', cell: ({ state }: Taken) => state },
  { head: 'TIMES', cell: ({ repeats }: Taken) => String(repeats) },
  { head: 'RECEIVED', cell: ({ receivedAt }: Taken) => localTime(receivedAt) },
] as const

export const show = command({
  takes: '<event key>',
  args: [1, 1],
  options: apiOptions,
  examples: [['bevis event show 9f86d081884c…', 'what became of it: evidence, its case, or nothing yet']],
  run: async ({ args: [key = ''], values, out }) => {
    const api = await openApi(values)
    const answer = await api.get(`/events/${encodeURIComponent(key)}`)
    const found = shaped(takenEventDetail, answer)
    const text = () =>
      pairs([
        ['Event', found.key],
        ['From', `${found.source}${found.kid === undefined ? ', unsigned' : `, signed with ${found.kid}`}`],
        ['Kind', found.kind],
        ['State', found.state],
        ['Received', `${localTime(found.receivedAt)}, ${found.repeats} repeats`],
        ['Occurred', found.occurredAt === undefined ? undefined : localTime(found.occurredAt)],
        ['Evidence', found.evidence],
        ['Withdrawn by', found.withdrawnBy],
        ['Opened', found.opened],
        ['Cases', found.cases.length === 0 ? 'none' : found.cases.join(' ')],
      ])
    out.data(text, answer.body)
    return 'ok'
  },
})
