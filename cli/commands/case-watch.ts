/** Following one case from a terminal, and taking all of it along. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { z } from 'zod'
import { caseDetail } from '#api/schemas/case.ts'
import { isEnd } from '#domain/issuance/state.ts'
import { apiOptions, openApi, shaped } from '../api-client.ts'
import { exportCase } from '../case-export.ts'
import { CliError, usage } from '../cli-error.ts'
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

export const exportIt = command({
  takes: '<case id…>',
  args: [1, 1_000],
  options: {
    to: { value: '<folder>', says: 'where; one folder per case inside it (default: here)' },
    purpose: {
      value: '<code>',
      says: 'why you look: case-work (default), appeal, audit, support, revocation; it is logged',
    },
    ...apiOptions,
  },
  examples: [
    [
      'bevis case export case_mfrggzdfmztwq2lk --purpose appeal',
      'case, trail, credentials, keys and status in a folder',
    ],
    ['bevis case export case_mfrggzdfmztwq2lk --to exports', 'beside others; bevis verify checks the folder'],
  ],
  run: async ({ args, values, out }) => {
    const odd = args.find((id) => !/^case_[A-Za-z0-9_-]{1,100}$/.test(id))
    if (odd !== undefined) throw usage('case', `${odd} is no case id`, 'see bevis case list')
    const api = await openApi(values)
    const progress = out.progress('Exporting', args.length)
    const exported = []
    for (const id of args) {
      const folder = values.to === undefined ? id : `${values.to}/${id}`
      exported.push(await exportCase(api, { id, folder, purpose: values.purpose }))
      progress.step()
    }
    progress.end()
    const lines = exported.map(({ folder, files, trailEnd, withheld }) =>
      [
        `${folder}  ${files.length} files; its trail ends at ${trailEnd}`,
        ...withheld.map((what) => `  not in it, you may not read it: ${what}`),
      ].join('\n'),
    )
    out.data(() => lines.join('\n'), { exported })
    if (!out.json)
      out.note(
        'Note where the trail ends apart from the folder; check it with bevis verify <folder> --trail-end <n:hash>',
      )
    return 'ok'
  },
})
