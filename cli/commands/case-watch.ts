/** Following one case from a terminal. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { z } from 'zod'
import { caseDetail } from '#api/schemas/case.ts'
import { isEnd } from '#domain/issuance/state.ts'
import { apiOptions, openApi, shaped } from '../api-client.ts'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { localTime } from '../times.ts'
import { waitingText } from '../waiting-text.ts'

type Detail = z.infer<typeof caseDetail>

const everyMs = 2_000

export const watch = command({
  takes: '<case id>',
  args: [1, 1],
  lists: true,
  options: apiOptions,
  examples: [
    ['bevis case watch case_mfrggzdfmztwq2lk', 'a line for every change, until the case has come to an end'],
    ['bevis case watch case_mfrggzdfmztwq2lk --ndjson', 'the same for programs; Ctrl-C harms nothing'],
  ],
  run: async ({ args: [id = ''], values, out }) => {
    const api = await openApi(values)
    let told = ''
    for (let isFirst = true; ; isFirst = false) {
      const detail = await lookAt(async () => shaped(caseDetail, await api.get(`/cases/${encodeURIComponent(id)}`)), {
        isFirst,
        note: (line) => out.note(line),
      })
      if (detail !== undefined) {
        const { state, step, level, waiting, changedAt } = detail
        const now = JSON.stringify([state, step, level, waiting])
        if (now !== told) {
          const change = { id, state, step, level: level ?? null, waiting: waiting ?? null, changedAt }
          out.list({ rows: [detail], columns, nothing: '', document: change, items: [change], headless: true })
        }
        told = now
        if (isEnd(state)) return 'ok'
      }
      await sleep(everyMs)
    }
  },
})

const columns = [
  { head: 'CHANGED', cell: ({ changedAt }: Detail) => localTime(changedAt) },
  { head: 'STATE', cell: ({ state }: Detail) => state },
  { head: 'STEP', cell: ({ step }: Detail) => step },
  { head: 'LEVEL', cell: ({ level, evidenceLevel }: Detail) => level ?? evidenceLevel ?? '-' },
  { head: 'WAITS FOR', cell: ({ waiting }: Detail) => waitingText(waiting) },
] as const

/** An API that is away for a while is waited for; one that was never there is an error. */
async function lookAt(
  ask: () => Promise<Detail>,
  { isFirst, note }: { readonly isFirst: boolean; readonly note: (line: string) => void },
): Promise<Detail | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (isFirst || !(error instanceof CliError) || error.exit !== 'unreachable') throw error
    note(`${error.what}; still waiting`)
    return undefined
  }
}
