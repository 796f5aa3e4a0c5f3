/** The one writer: every figure is a row of the same shape, beside its floor, in the table and in results.json. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { median, type Spread, spread } from './statistics.ts'

/** A figure in one number and what stands beside it. Numbers are medians over `runs`. */
export interface Row {
  /** `<name of the figure>: <what>`. */
  readonly figure: string
  readonly value: number
  readonly unit: string
  readonly beside: string | null
  readonly besideValue: number | null
  /** value ÷ besideValue. */
  readonly ratio: number | null
  readonly aim: string | null
  readonly met: boolean | null
  /** Each run's value and, where there is one, its neighbour's, measured right before or after it. */
  readonly runs: readonly (readonly [number] | readonly [number, number])[]
}

/** What the ratio must come to. */
export type Aim = { readonly atLeast: number } | { readonly atMost: number }

export interface Comparison {
  readonly figure: string
  readonly unit: string
  readonly beside: string
  /** One of each per run, in the order of the runs. */
  readonly ours: readonly number[]
  readonly theirs: readonly number[]
  readonly aim?: Aim
}

/** A row with a floor beside it. @throws RangeError where the runs do not pair up */
export function compared({ figure, unit, beside, ours, theirs, aim }: Comparison): Row {
  if (ours.length !== theirs.length) throw new RangeError(`${figure}: ${ours.length} runs beside ${theirs.length}`)
  const [value, besideValue] = [median(ours), median(theirs)]
  const ratio = value / besideValue
  return {
    figure,
    value: rounded(value),
    unit,
    beside,
    besideValue: rounded(besideValue),
    ratio: rounded(ratio),
    aim: aim === undefined ? null : 'atLeast' in aim ? `>= ${aim.atLeast}` : `<= ${aim.atMost}`,
    met: aim === undefined ? null : 'atLeast' in aim ? ratio >= aim.atLeast : ratio <= aim.atMost,
    runs: ours.map((one, index) => [rounded(one), rounded(theirs[index] ?? Number.NaN)] as const),
  }
}

/** A row that stands alone. */
export function listed(figure: string, unit: string, values: readonly number[]): Row {
  const alone = { beside: null, besideValue: null, ratio: null, aim: null, met: null }
  return { figure, value: rounded(median(values)), unit, ...alone, runs: values.map((one) => [rounded(one)] as const) }
}

/** Writes the rows; figures that were not measured this time keep the rows they have, since a row never mixes two runs. */
export function writeResults(file: string, rows: readonly Row[]): void {
  const now = new Set(rows.map(({ figure }) => nameOf(figure)))
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Row[]) : []
  const kept = before.filter(({ figure }) => !now.has(nameOf(figure)))
  const lines = [...kept, ...rows].map((row) => `  ${JSON.stringify(row)}`)
  writeFileSync(file, `[\n${lines.join(',\n')}\n]\n`)
}

/** The rows as lines of text: value, spread, what stands beside, ratio, aim. */
export function table(rows: readonly Row[]): string {
  return rows.map(lineOf).join('\n')
}

function lineOf({ figure, unit, beside, ratio, aim, met, runs }: Row): string {
  const ours = `${figure}\n    ${told(spread(runs.map(([one]) => one)))} ${unit}`
  if (beside === null) return ours
  const theirs = told(spread(runs.map(([, other = Number.NaN]) => other)))
  const wanted = aim === null ? '' : `, aim ${aim}: ${met === true ? 'met' : 'MISSED'}`
  return `${ours}\n    ${theirs} ${beside}\n    ratio ${ratio}${wanted}`
}

function told({ min, median: middle, max }: Spread): string {
  return `${rounded(middle)} (${rounded(min)} – ${rounded(max)})`
}

function nameOf(figure: string): string {
  return figure.split(':')[0] ?? figure
}

/** Three digits say all that a repeated run would say again. */
function rounded(value: number): number {
  return Math.abs(value) >= 1_000 ? Math.round(value) : Number(value.toPrecision(3))
}
