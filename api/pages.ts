/** Keyset pages, the same for every list: one row more is read than shown, and its presence is another page (design 13). */
import type { Context } from 'hono'
import { inInstitution, type Tx } from '#db/client.ts'
import { type CursorScope, readCursor, writeCursor } from './cursor.ts'
import type { ApiEnv } from './dependencies.ts'

export interface Page<Row> {
  readonly items: Row[]
  /** Cursor of what comes after, null on the last page. */
  readonly next: string | null
  /** Cursor of what comes before, null on the first page. */
  readonly prev: string | null
}

/** Where a page begins: beside a row of the page before (or after, reading backwards). */
export interface From {
  readonly place: readonly string[]
  /** Rows are read in reverse order, towards the beginning of the list. */
  readonly backwards: boolean
}

/** What a route says of its list. */
export interface Listing<Row> {
  /** Its name and every filter, the same on every page: a cursor is good for nothing else. */
  readonly list: readonly unknown[]
  readonly limit: number
  readonly cursor?: string | undefined
  /** What a page begins beside. */
  readonly placeOf: (row: Row) => readonly string[]
  /** Reads at most `limit` rows beside `from`, in reverse when `from.backwards`. */
  readonly read: (tx: Tx, slice: { readonly limit: number; readonly from?: From }) => Promise<readonly Row[]>
}

/** Reads a page in the institution asked for and writes its `Link` header. @throws Problem `invalid_cursor` */
export async function readPage<Row>(c: Context<ApiEnv>, listing: Listing<Row>): Promise<Page<Row>> {
  const { deps, institution } = c.var
  const { list, limit, cursor, placeOf, read } = listing
  const scope = { keys: deps.db.keys, institution, list: JSON.stringify(list) }
  const from = readFrom(scope, cursor)
  const rows = await inInstitution(deps.db, institution, (tx) => read(tx, { limit: limit + 1, ...(from && { from }) }))
  const page = pageOf(rows, limit, { scope, placeOf, from })
  linkPages(c, page)
  return page
}

/** First member of a place from which one reads towards the beginning. */
const backwardsMark = '<'

/** @throws Problem `invalid_cursor` */
export function readFrom(scope: CursorScope, cursor: string | undefined): From | undefined {
  if (cursor === undefined || cursor === '') return undefined
  const [first, ...rest] = readCursor(scope, cursor)
  return first === backwardsMark
    ? { place: rest, backwards: true }
    : { place: first === undefined ? [] : [first, ...rest], backwards: false }
}

/** A slice of a list that was read whole, latest first by time and then id. */
export function sliceOf<Row>(
  all: readonly Row[],
  { limit, from }: { readonly limit: number; readonly from?: From },
  placeOf: (row: Row) => readonly string[],
): Row[] {
  const nameOf = (place: readonly string[]) => place.join(' ')
  const sorted = all.toSorted((one, other) => (nameOf(placeOf(one)) < nameOf(placeOf(other)) ? 1 : -1))
  if (from === undefined) return sorted.slice(0, limit)
  const beside = nameOf(from.place)
  return from.backwards
    ? sorted
        .filter((row) => nameOf(placeOf(row)) > beside)
        .toReversed()
        .slice(0, limit)
    : sorted.filter((row) => nameOf(placeOf(row)) < beside).slice(0, limit)
}

/** Rows as read with `limit + 1`, in the order they were read; `placeOf` gives what a page begins beside. */
export function pageOf<Row>(
  rows: readonly Row[],
  limit: number,
  { scope, placeOf, from }: { scope: CursorScope; placeOf: (row: Row) => readonly string[]; from?: From | undefined },
): Page<Row> {
  const backwards = from?.backwards === true
  const read = rows.slice(0, limit)
  const items = backwards ? read.toReversed() : read
  const hasMore = rows.length > limit
  const [first, last] = [items[0], items.at(-1)]
  const hasNext = backwards || hasMore
  const hasPrev = backwards ? hasMore : from !== undefined
  return {
    items,
    next: hasNext && last !== undefined ? writeCursor(scope, placeOf(last)) : null,
    prev: hasPrev && first !== undefined ? writeCursor(scope, [backwardsMark, ...placeOf(first)]) : null,
  }
}

/** The same as a `Link` header (RFC 8288), so that a client need not know our bodies to turn the page. */
function linkPages(c: Context<ApiEnv>, { next, prev }: Pick<Page<unknown>, 'next' | 'prev'>): void {
  const here = new URL(c.req.url)
  const linkTo = (cursor: string, rel: string) => {
    here.searchParams.set('cursor', cursor)
    return `<${c.var.deps.publicUrl}${here.pathname}${here.search}>; rel="${rel}"`
  }
  const links = [...(next === null ? [] : [linkTo(next, 'next')]), ...(prev === null ? [] : [linkTo(prev, 'prev')])]
  if (links.length > 0) c.header('link', links.join(', '))
}
