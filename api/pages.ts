/** Keyset pages, the same for every list: one row more is read than shown, and its presence is the next page (design 13). */
import { type CursorScope, writeCursor } from './cursor.ts'

export interface Page<Row> {
  readonly items: Row[]
  readonly next: string | null
}

/** Rows as read with `limit + 1`; `placeOf` gives what the next page begins after. */
export function pageOf<Row>(
  rows: readonly Row[],
  limit: number,
  { scope, placeOf }: { scope: CursorScope; placeOf: (last: Row) => readonly string[] },
): Page<Row> {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, next: rows.length > limit && last !== undefined ? writeCursor(scope, placeOf(last)) : null }
}
