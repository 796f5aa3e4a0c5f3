/** Lists of what an institution has few of: asked for at once, at most so many of them; whoever wants other rows says so here alone. */
import { z } from 'zod'
import { apiOptions, openApi, shaped } from './api-client.ts'
import { type Command, command } from './command.ts'
import type { Column } from './table.ts'

export const limitOption = { limit: { value: '<n>', says: 'at most so many, 1 to 200 (default 50)' } } as const

export interface ShortList<Item extends z.ZodType, Row> {
  /** As in {@link ApiClient.get}. */
  readonly path: string
  readonly item: Item
  /** What an item looks like in a table; itself where nothing is said. */
  readonly rows?: (item: z.output<Item>) => readonly Row[]
  readonly columns: readonly Column<Row>[]
  /** Said when there is none. */
  readonly nothing: string
  readonly example: readonly [line: string, does: string]
}

/** The command; its calls throw CliError `api/…`. */
export function shortList<Item extends z.ZodType, Row = z.output<Item>>(list: ShortList<Item, Row>): Command {
  const { path, item, rows = (one) => [one as unknown as Row], columns, nothing, example } = list
  const answered = z.object({ items: z.array(item) })
  return command({
    takes: '',
    args: [0, 0],
    lists: true,
    options: { ...limitOption, ...apiOptions },
    examples: [example],
    run: async ({ values, out }) => {
      const answer = await (await openApi(values)).get(path, { limit: values.limit })
      const { items } = shaped(answered, answer)
      out.list({ rows: items.flatMap(rows), columns, nothing, document: answer.body, items })
      return 'ok'
    },
  })
}
