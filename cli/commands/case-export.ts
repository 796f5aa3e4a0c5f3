/** Taking all of a case along. */
import { apiOptions, openApi } from '../api-client.ts'
import { exportCase } from '../case-export.ts'
import { usage } from '../cli-error.ts'
import { command } from '../command.ts'
import { purposeOption } from '../purpose.ts'

export const exportIt = command({
  takes: '<case id…>',
  args: [1, 1_000],
  options: {
    to: { value: '<folder>', says: 'where; one folder per case inside it (default: here)' },
    purpose: purposeOption,
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
