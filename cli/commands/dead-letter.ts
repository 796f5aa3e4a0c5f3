/** Events that could not become case or evidence; without these commands an operator could see that they pile up, and nothing more. */
import { z } from 'zod'
import { type ApiClient, apiOptions, everyPage, openApi, shaped } from '../api-client.ts'
import { CliError, usage } from '../cli-error.ts'
import { command } from '../command.ts'
import { confirmCount, confirmOption } from '../confirm.ts'
import type { Progress } from '../progress.ts'
import { limitOption } from '../short-list.ts'
import { pairs } from '../table.ts'
import { localTime } from '../times.ts'

const problem = z.object({ pointer: z.string(), code: z.string(), advice: z.string() })
const letter = z.object({
  id: z.string(),
  subject: z.string(),
  code: z.string(),
  problems: z.array(problem),
  state: z.string(),
  repeats: z.int(),
  receivedAt: z.string(),
  closedReason: z.string().optional(),
  closedAt: z.string().optional(),
})
const opened = letter.extend({ payload: z.string(), headers: z.record(z.string(), z.string()) })
const closed = z.object({ id: z.string(), state: z.string() })

export const list = command({
  takes: '',
  args: [0, 0],
  lists: true,
  options: {
    state: { value: '<state>', says: 'open (default), replayed, discarded or all' },
    code: { value: '<code>', says: 'only this cause' },
    ...limitOption,
    cursor: { value: '<cursor>', says: 'go on where the last page ended' },
    ...apiOptions,
  },
  examples: [
    ['bevis dead-letter list', 'what waits for somebody, newest first'],
    ['bevis dead-letter list --code unknown-achievement', 'one cause: mend it once, then replay each'],
  ],
  run: async ({ values, out }) => {
    const api = await openApi(values)
    const { code, limit, cursor } = values
    const state = values.state === 'all' ? undefined : (values.state ?? 'open')
    const answer = await api.get('/dead-letters', { state, code, limit, cursor })
    const page = shaped(z.object({ items: z.array(letter), next: z.string().nullable() }), answer)
    out.list({
      rows: page.items,
      columns: [
        { head: 'DEAD LETTER', cell: ({ id }) => id },
        { head: 'FROM', cell: ({ subject }) => subject.split('.').slice(1).join('.'), shrinks: true },
        { head: 'CAUSE', cell: (one) => one.code, shrinks: true },
        { head: 'TIMES', cell: ({ repeats }) => String(repeats) },
        { head: 'STATE', cell: (one) => one.state },
        { head: 'RECEIVED', cell: ({ receivedAt }) => localTime(receivedAt) },
      ],
      nothing: state === 'open' ? 'No dead letters wait.' : 'No dead letters.',
      document: answer.body,
    })
    if (page.next !== null && !out.json) out.note(`There are more: add --cursor ${page.next}`)
    return 'ok'
  },
})

export const show = command({
  takes: '<dead letter id>',
  args: [1, 1],
  options: { payload: { says: 'also the event as it came; it may hold personal data' }, ...apiOptions },
  examples: [
    ['bevis dead-letter show dead_mfrg', 'what is wrong, where, and what the sender can do'],
    ['bevis dead-letter show dead_mfrg --payload', 'with the event itself'],
  ],
  run: async ({ args: [id = ''], values, out }) => {
    const api = await openApi(values)
    const answer = await api.get(`/dead-letters/${encodeURIComponent(id)}`)
    const found = shaped(opened, answer)
    const { payload, headers: _, ...rest } = found
    const content = Buffer.from(payload, 'base64url').toString('utf8')
    const text = () =>
      [
        pairs([
          ['Dead letter', found.id],
          ['From', found.subject],
          ['Cause', found.code],
          ['State', found.closedReason === undefined ? found.state : `${found.state}: ${found.closedReason}`],
          ['Received', `${localTime(found.receivedAt)}, ${found.repeats} repeats`],
        ]),
        ...found.problems.map((one) => `  ${one.pointer || '(whole event)'}  ${one.code}\n      ${one.advice}`),
        ...(values.payload === true ? ['', content] : []),
      ].join('\n')
    out.data(text, values.payload === true ? answer.body : rest)
    return 'ok'
  },
})

export const replay = command({
  takes: '[dead letter id…]',
  args: [0, 1_000],
  options: {
    all: { says: 'every open one, oldest first' },
    code: { value: '<code>', says: 'every open one with this cause' },
    source: { value: '<emitter>', says: 'every open one from this emitter' },
    stream: { value: '<stream>', says: 'every open one that came by COMPLETIONS or HTTP' },
    from: { value: '<time>', says: 'every open one received at or after' },
    until: { value: '<time>', says: 'every open one received before' },
    reason: { value: '<code>', says: 'why, where many are replayed (default cause-mended)' },
    'dry-run': { says: 'only tell which; change nothing' },
    ...confirmOption,
    ...apiOptions,
  },
  examples: [
    ['bevis dead-letter replay dead_mfrg', 'take the event in again, now that the cause is mended'],
    ['bevis dead-letter replay --code unknown-achievement --dry-run', 'which would be taken in again'],
    [
      'bevis dead-letter replay --code unknown-achievement --source certus --confirm 37',
      'all 37 that match both; asks for the number at a terminal',
    ],
  ],
  run: async ({ args, values, out }) => {
    const { code, source, stream, from, until } = values
    const filter = { code, source, stream, from, until }
    const isMany = values.all === true || Object.values(filter).some((value) => value !== undefined)
    if (isMany === args.length > 0)
      throw usage('arguments', 'which ones?', 'give ids, or --all, or --code <code> and the other filters')
    const api = await openApi(values)
    const ids = isMany ? await openLetters(api, filter) : args
    if (values['dry-run'] === true) {
      out.data(() => [...ids, `${ids.length} would be taken in again.`].join('\n'), { ids })
      return 'ok'
    }
    if (isMany) await confirmCount(ids.length, 'events to take in again', { given: values.confirm, out })
    const progress = out.progress('Replaying', ids.length)
    const order = { ...filter, reason: values.reason ?? 'cause-mended' }
    const replayed = isMany ? await replayMatching(api, order, progress) : await replayEach(api, ids, progress)
    const refused = replayed.filter(({ error }) => error !== undefined)
    const [only] = refused
    if (only?.error instanceof CliError && args.length === 1) throw only.error
    const told = replayed.map(({ id, state, error }) => ({
      id,
      state,
      ...(error === undefined ? {} : { error: { code: error.code, what: error.what, mend: error.mend } }),
    }))
    const lines = refused.map(({ id, error }) => `  ${id}  ${error?.code ?? ''}: ${error?.what ?? ''}`)
    const count = `${replayed.length - refused.length} of ${replayed.length} taken in again.`
    out.data(() => [...lines, args.length === 1 ? `${args[0] ?? ''}: replayed. ${once}` : count].join('\n'), {
      replayed: told,
    })
    if (refused.length > 0 && !out.json) out.note('See why: bevis dead-letter show <id>')
    return refused.length > 0 ? 'failure' : 'ok'
  },
})

const once = 'The event goes through intake once more.'

type Filter = Readonly<Record<'code' | 'source' | 'stream' | 'from' | 'until', string | undefined>>

interface Replayed {
  readonly id: string
  readonly state: string
  readonly error?: Pick<CliError, 'code' | 'what' | 'mend'>
}

const manyReplayed = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      outcome: z.enum(['taken', 'refused', 'closed', 'not-now']),
      code: z.string().optional(),
    }),
  ),
  next: z.string().nullable(),
})

/** What the API finds by the filter, part by part: what came after the count was confirmed is taken along. */
async function replayMatching(
  api: ApiClient,
  order: Filter & { readonly reason: string },
  progress: Progress,
): Promise<readonly Replayed[]> {
  const replayed: Replayed[] = []
  let cursor: string | undefined
  try {
    do {
      const answer = await api.post('/dead-letters:replay', { ...order, cursor })
      const { items, next } = shaped(manyReplayed, answer)
      replayed.push(...items.map(endOf))
      progress.step(items.length)
      cursor = next ?? undefined
    } while (cursor !== undefined)
  } finally {
    progress.end()
  }
  return replayed
}

function endOf({ id, outcome, code = outcome }: z.infer<typeof manyReplayed>['items'][number]): Replayed {
  const see = `bevis dead-letter show ${id}`
  switch (outcome) {
    case 'taken':
      return { id, state: 'replayed' }
    case 'refused':
      return { id, state: 'open', error: { code, what: 'still refused', mend: see } }
    case 'closed':
      return { id, state: 'closed', error: { code, what: 'somebody else closed it meanwhile', mend: see } }
    case 'not-now':
      return { id, state: 'open', error: { code, what: 'intake could not take it now', mend: 'replay it again' } }
  }
}

/** One that is refused holds up none of the others; a door that is closed holds up all. */
async function replayEach(api: ApiClient, ids: readonly string[], progress: Progress): Promise<readonly Replayed[]> {
  const replayed: Replayed[] = []
  try {
    for (const id of ids) {
      replayed.push(await replayOne(api, id))
      progress.step()
    }
  } finally {
    progress.end()
  }
  return replayed
}

async function replayOne(api: ApiClient, id: string): Promise<Replayed> {
  try {
    const answer = await api.post(`/dead-letters/${encodeURIComponent(id)}/replay`, {})
    return { id, state: shaped(closed, answer).state }
  } catch (error) {
    if (error instanceof CliError && (error.exit === 'conflict' || error.exit === 'not-found'))
      return { id, state: 'open', error }
    throw error
  }
}

/** Ids of all open ones that match, oldest first. */
async function openLetters(api: ApiClient, filter: Filter): Promise<string[]> {
  const items = await everyPage(api, '/dead-letters', { state: 'open', ...filter }, z.object({ id: z.string() }))
  return items.map(({ id }) => id).toReversed()
}

export const discard = command({
  takes: '<dead letter id>',
  args: [1, 1],
  options: { reason: { value: '<code>', says: 'why it shall not be taken in, as a code' }, ...apiOptions },
  examples: [
    ['bevis dead-letter discard dead_mfrg --reason sent-by-mistake', 'close it; the event is kept and marked'],
  ],
  run: async ({ args: [id = ''], values, out }) => {
    const { reason } = values
    if (reason === undefined)
      throw usage('missing-option', '--reason <code> is missing', 'for instance sent-by-mistake')
    const api = await openApi(values)
    const answer = await api.post(`/dead-letters/${encodeURIComponent(id)}/discard`, { reason })
    const { state } = shaped(closed, answer)
    out.data(() => `${id}: ${state}.`, answer.body)
    return 'ok'
  },
})
