/** Taking a credential back: one officer proposes, another approves; no single command can do both. */
import { revocation, toldRevocation } from '#api/schemas/revocation.ts'
import { revocationReasons } from '#domain/gates/revocation.ts'
import { type Answer, type ApiClient, apiOptions, openApi, shaped } from '../api-client.ts'
import { usage } from '../cli-error.ts'
import { command } from '../command.ts'
import { shortList } from '../short-list.ts'
import { localTime } from '../times.ts'

export const propose = command({
  takes: '<credential id>',
  args: [1, 1],
  options: {
    reason: { value: '<code>', says: `one of ${revocationReasons.slice(0, 4).join(', ')} …` },
    text: { value: '<text>', says: 'what happened, in words' },
    successor: { value: '<credential id>', says: 'with superseded: what was issued in its place' },
    ...apiOptions,
  },
  examples: [
    [
      'bevis revoke propose cred_mfrg --reason issued-in-error --text "Wrong course occasion"',
      'a second officer must approve',
    ],
  ],
  run: async ({ args: [credential = ''], values, out }) => {
    const { reason, text, successor } = values
    if (reason === undefined || !revocationReasons.some((one) => one === reason)) {
      throw usage('reason', '--reason is missing or not on the list', `give one of ${revocationReasons.join(', ')}`)
    }
    if (text === undefined) throw usage('missing-option', '--text <text> is missing', 'tell in words what happened')
    const api = await openApi(values)
    const answer = await api.post('/revocations', { credential, reason, text, ...(successor && { successor }) })
    const { id } = shaped(toldRevocation, answer)
    out.data(() => `Proposed ${id}; the credential stands until a second officer approves.`, answer.body)
    if (!out.json) out.note(`The second officer: bevis revoke approve ${id}`)
    return 'ok'
  },
})

export const approve = command({
  takes: '<revocation id>',
  args: [1, 1],
  options: apiOptions,
  examples: [['bevis revoke approve revo_mfrg', 'by somebody who did not propose it and is not named in the case']],
  run: async ({ args: [id = ''], values, out }) => {
    const api = await openApi(values)
    const answer = await act(api, id, 'approve')
    const { credential, delivery, successor } = shaped(toldRevocation, answer)
    const inPlace = successor === undefined ? '' : `; ${successor} stands in its place`
    const told =
      delivery === 'delivered'
        ? 'The status list is being published.'
        : 'It is executed as soon as its workflow can be reached.'
    out.data(() => `Approved ${id}: ${credential} is taken back${inPlace}. ${told}`, answer.body)
    return 'ok'
  },
})

export const refuse = command({
  takes: '<revocation id>',
  args: [1, 1],
  options: apiOptions,
  examples: [['bevis revoke refuse revo_mfrg', 'turn the proposal down; the credential stands']],
  run: async ({ args: [id = ''], values, out }) => {
    const api = await openApi(values)
    const answer = await act(api, id, 'refuse')
    const { credential } = shaped(toldRevocation, answer)
    out.data(() => `Refused ${id}: ${credential} stands.`, answer.body)
    return 'ok'
  },
})

/** On the revocation as it stands now. */
async function act(api: ApiClient, id: string, what: 'approve' | 'refuse'): Promise<Answer> {
  const path = `/revocations/${encodeURIComponent(id)}`
  const { etag = '' } = await api.get(path)
  return api.post(`${path}/${what}`, {}, { 'if-match': etag })
}

export const list = shortList({
  path: '/revocations',
  item: revocation,
  columns: [
    { head: 'REVOCATION', cell: ({ id }) => id },
    { head: 'CREDENTIAL', cell: ({ credential }) => credential, shrinks: true },
    { head: 'STATE', cell: ({ state }) => state },
    {
      head: 'REASON',
      cell: ({ reason, successor }) => (successor === undefined ? reason : `${reason} by ${successor}`),
      shrinks: true,
    },
    { head: 'PROPOSED', cell: ({ proposedAt }) => localTime(proposedAt) },
  ],
  nothing: 'No revocations.',
  example: ['bevis revoke list', 'proposals and what came of them, newest first'],
})
