/** Tables that fit a terminal of 100 columns; without a limit a long title would break every line. */

export interface Column<Row> {
  readonly head: string
  readonly cell: (row: Row) => string
  /** May be cut with `…` when the line gets too long; ids never are. */
  readonly shrinks?: true
}

const widest = 100
const gap = '  '
const least = 8

/** Head and rows, or `nothing` when there are none. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], nothing: string): string {
  if (rows.length === 0) return nothing
  const cells = rows.map((row) => columns.map((column) => plain(column.cell(row))))
  const widths = fit(
    columns.map((column, index) => Math.max(column.head.length, ...cells.map((line) => line[index]?.length ?? 0))),
    columns.map((column) => column.shrinks === true),
  )
  const line = (texts: readonly string[]) =>
    texts
      .map((text, index) => cut(text, widths[index] ?? 0))
      .join(gap)
      .trimEnd()
  return [line(columns.map((column) => column.head)), ...cells.map(line)].join('\n')
}

/** Cells uncut, separated by tabs, without a head: for grep, cut and awk. */
export function plainRows<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string[] {
  return rows.map((row) => columns.map((column) => plain(column.cell(row))).join('\t'))
}

/** Names and values, one pair per line. */
export function pairs(lines: readonly (readonly [name: string, value: string | undefined])[]): string {
  const given = lines.filter((line): line is readonly [string, string] => line[1] !== undefined)
  const width = Math.max(...given.map(([name]) => name.length))
  return given.map(([name, value]) => `${name.padEnd(width)}${gap}${plain(value)}`).join('\n')
}

/** Takes from the widest shrinkable column, a character at a time, until the line fits. */
function fit(wanted: readonly number[], shrinks: readonly boolean[]): number[] {
  const widths = [...wanted]
  const total = () => widths.reduce((sum, width) => sum + width, gap.length * (widths.length - 1))
  while (total() > widest) {
    const candidates = widths.filter((width, index) => shrinks[index] === true && width > least)
    if (candidates.length === 0) break
    const index = widths.findIndex((width, at) => shrinks[at] === true && width === Math.max(...candidates))
    widths[index] = (widths[index] ?? 0) - 1
  }
  return widths
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, Math.max(width - 1, 0))}…` : text.padEnd(width)
}

/** What came from outside must not move the cursor or colour the terminal. */
function plain(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ')
}
