/** Registers of what somebody sent in and the institution answers for: page by page, and those that are open or overdue. */
import { z } from 'zod'
import { usualHandlingDays } from '#domain/handling.ts'
import { apiOptions, openApi, shaped } from './api-client.ts'
import { type Command, command } from './command.ts'
import { limitOption } from './short-list.ts'
import type { Column } from './table.ts'

export interface MatterList<Item extends z.ZodType> {
  readonly path: string
  readonly item: Item
  readonly states: readonly string[]
  readonly columns: readonly Column<z.output<Item>>[]
  readonly nothing: string
  readonly examples: readonly (readonly [line: string, does: string])[]
}

/** The command; its calls throw CliError `api/…`. */
export function matterList<Item extends z.ZodType>(list: MatterList<Item>): Command {
  const { path, item, states, columns, nothing, examples } = list
  return command({
    takes: '',
    args: [0, 0],
    lists: true,
    options: {
      state: { value: '<state>', says: `one of ${states.join(', ')}, open, overdue` },
      days: { value: '<n>', says: `overdue is what has been open for more days; default ${usualHandlingDays}` },
      ...limitOption,
      cursor: { value: '<cursor>', says: 'go on where the last page ended' },
      ...apiOptions,
    },
    examples,
    run: async ({ values, out }) => {
      const { state, days, limit, cursor } = values
      const answer = await (await openApi(values)).get(path, { state, days, limit, cursor })
      const page = shaped(z.object({ items: z.array(item), next: z.string().nullable() }), answer)
      out.list({ rows: page.items, columns, nothing, document: answer.body })
      if (page.next !== null && !out.json) out.note(`There are more: add --cursor ${page.next}`)
      return 'ok'
    },
  })
}
